"""Read sweep files: TOML in, a checked SweepConfig out; every error names the field and what it may be."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from regsearch.errors import SweepFileError, nearest
from sweeps.config.inputs import resolve_inputs
from sweeps.config.replaced_keys import with_replaced
from sweeps.config.section import Section
from sweeps.config.sweep_config import ResolvedInputs, SweepConfig
from sweeps.config.sweep_file import SweepFile

EXPORTED = {"sweep", "metric", "regularizer"}  # keys of an exported setting, and of no sweep file
KIND = re.compile(r"int$|float$|str$|[a-z-]+\[|[A-Z]\w*Config$")  # of a union's members, as pydantic names them


def load(sweep: str | Path, replaced: Mapping[str, Any] | None = None) -> SweepConfig:
    """Read a sweep file, or a preset by its name, and look into the files of the user's that it names.

    Args:
        sweep: the path of a TOML file, or a preset's name; a file of that name comes first.
        replaced: values that replace the file's, by keys with dots, as {"training.epochs": 50}.

    Raises:
        SweepFileError: there is no such file or preset, or it does not describe a sweep.
        InputError: a file that it names cannot be used.

    Example:
        >>> regsearch.load_sweep("moons").training.epochs
        4000
        >>> regsearch.load_sweep("moons", {"name": "short", "training.epochs": 50}).training.epochs
        50
    """
    text = str(sweep)
    is_preset = text in preset_names() and not Path(text).is_file()
    return _from_text(_preset(text) if is_preset else _read(text), text, replaced or {})


def _read(text: str) -> str:
    try:
        return Path(text).read_text("utf-8")
    except FileNotFoundError:
        known = preset_names()
        raise SweepFileError(
            text, f"no such sweep file, nor a preset; presets: {', '.join(known)}{nearest(text, known)}"
        ) from None
    except UnicodeDecodeError:
        raise SweepFileError(text, "cannot be read: not a text file in UTF-8") from None
    except (OSError, ValueError) as error:  # a path may hold no NUL
        raise SweepFileError(text, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None


def preset_names() -> list[str]:
    """Return the names of the ready sweeps."""
    names = [file.name for file in resources.files("sweeps.presets").iterdir()]
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def presets() -> dict[str, str]:
    """Return what each of the ready sweeps is, in the words of its first comment, by its name."""
    return {name: _preset(name).partition("\n")[0].removeprefix("# ") for name in preset_names()}


def parse(plain: dict[str, Any], folder: str = "") -> SweepConfig:
    """Check a sweep given as the tables of a sweep file, whose files are in a folder, and resolve its inputs.

    Raises:
        SweepFileError: it does not describe a sweep.
        InputError: a file that it names cannot be used.
    """
    sweep = parse_tables(plain)
    return _resolved(sweep, resolve_inputs(sweep, folder))


def parse_tables(plain: dict[str, Any]) -> SweepFile:
    """Check a sweep given as the tables of a sweep file, as `parse` does; the files that it names are not looked at."""
    try:
        return SweepFile.model_validate(plain)
    except ValidationError as error:
        raise _as_sweep_file_error(error) from None


def restore(stored: Mapping[str, Any]) -> SweepConfig:
    """Return a sweep from what `SweepConfig.to_dict` gave; its files are not read again."""
    sweep = parse_tables({name: value for name, value in stored.items() if name != "found"})
    inputs = ResolvedInputs.model_validate(stored["found"]) if "found" in stored else resolve_inputs(sweep)
    return _resolved(sweep, inputs)


def _resolved(sweep: SweepFile, inputs: ResolvedInputs) -> SweepConfig:
    tables = {name: getattr(sweep, name) for name in SweepFile.model_fields}
    try:
        return SweepConfig.model_validate(tables | {"found": inputs})
    except ValidationError as error:
        raise _as_sweep_file_error(error) from None


def _preset(name: str) -> str:
    return (resources.files("sweeps.presets") / f"{name}.toml").read_text("utf-8")


def _from_text(text: str, where: str, replaced: Mapping[str, Any]) -> SweepConfig:
    try:
        tables = _tables(text, where)
        if EXPORTED <= tables.keys():
            return _exported(tables, where, replaced)
        return parse(with_replaced(tables, replaced), folder=str(Path(where).absolute().parent))
    except RecursionError:
        raise SweepFileError(where, "is nested too deeply for a sweep file") from None


def _exported(tables: dict[str, Any], where: str, replaced: Mapping[str, Any]) -> SweepConfig:
    """Return the sweep of one configuration that an exported setting holds, on the same data."""
    inside = tables.get("sweep_file")
    if not isinstance(inside, dict):
        problem = "was exported from a sweep whose rows or builder were in memory: it holds no sweep to run"
        raise SweepFileError(where, problem)
    config = parse(with_replaced(inside, replaced), folder=str(Path(where).absolute().parent))
    stored = tables["data"].get("files", {}) if isinstance(tables.get("data"), dict) else {}
    found = sorted(config.inputs.files.values())
    if stored and sorted(stored.values()) != found:
        problem = "one of its files has changed since it was exported, so that the scores in it are of something else"
        raise SweepFileError(where, f"{problem}; bring the old content back, or leave out [data.files]")
    return config


def _tables(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and what int() says of thousands of digits
        raise SweepFileError(where, f"is not valid TOML: {error}") from None


def _as_sweep_file_error(error: ValidationError) -> SweepFileError:
    """Return the first problem, as a line that names its field and what it may be."""
    problems = sorted(error.errors(include_url=False), key=lambda p: p["type"] != "extra_forbidden")
    first = problems[0]  # a misspelt key comes before the key that is missing because of it
    field = ".".join(str(part) for part in first["loc"] if not KIND.match(str(part)))
    more = len({p["loc"][:2] for p in problems}) - 1
    return SweepFileError(field, _problem(dict(first)) + (f" (and {more} more)" if more else ""))


def _problem(error: dict[str, Any]) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    given = str(value).lower() if isinstance(value, bool) else repr(value)  # as TOML spells it
    match kind:
        case "model_type" | "dict_type":
            return f"must be a table, got {given}"
        case "too_short":
            return "must not be empty"
        case "int_type" | "float_type" | "bool_type" | "string_type":
            wanted = {"int": "an integer", "float": "a number", "bool": "true or false", "string": "a string"}
            return f"must be {wanted[kind.split('_')[0]]}, got {given}"
        case "missing":
            return "is required"
        case "extra_forbidden":
            return _unknown_key(error["loc"])
        case "literal_error":
            allowed = context["expected"].replace("False", "false")
            return f"may be {allowed}, got {given}{nearest(str(value), allowed.split(chr(39))[1::2])}"
        case "value_error":
            return str(context["error"])
        case "string_pattern_mismatch":
            return f"may hold letters, digits, . _ - (at most 64, the first a letter or digit), got {given}"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            sign = {"greater_than": ">", "greater_than_equal": "≥", "less_than": "<", "less_than_equal": "≤"}[kind]
            bound = context.get("gt", context.get("ge", context.get("lt", context.get("le"))))
            return f"must be {sign} {bound:.10g}, got {given}"
    return f"{error['msg'][0].lower()}{error['msg'][1:]}, got {given}"


def _unknown_key(path: tuple[str | int, ...]) -> str:
    section: type[Section] = SweepFile
    for part in (part for part in path[:-1] if isinstance(part, str) and not KIND.match(part)):
        field = next(f for name, f in section.model_fields.items() if part in (name, f.alias))
        section = next(_sections_in(field.annotation))
    known = [f.alias or name for name, f in section.model_fields.items()]
    return f"unknown key{nearest(str(path[-1]), known)}; known: {', '.join(known)}"


def _sections_in(annotation: Any) -> Iterator[type[Section]]:
    """Yield the classes of tables that a key of this type may hold."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for inner in get_args(annotation):
        yield from _sections_in(inner)

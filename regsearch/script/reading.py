"""The lines of a script that read its data: `x` (rows, *shape of one row) and `y`, or a `table` with its columns."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regsearch.data import DataSet
from regsearch.data.named import BUNDLED, GENERATED, waves
from regsearch.errors import InputError
from regsearch.loading import is_reference, load_function, resolve
from regsearch.script.code import Code, arguments, literal, path_code
from regsearch.script.users_files import import_code
from regsearch.spec import DataSpec, TableSpec

WAVES = '''
def make_waves(n_samples, noise, random_state):
    """Return sequences of 20 steps: sines whose frequency rises (class 1) or falls (class 0), with noise."""
    rng = np.random.default_rng(random_state)
    y = rng.permutation(np.arange(n_samples) % 2)
    t = np.linspace(0, 1, 20)
    turns = np.where(y[:, None] == 1, 2 * t**2, 2 - 2 * t[::-1] ** 2)
    phase = rng.uniform(0, 1, (n_samples, 1))
    x = np.sin(2 * np.pi * (turns + phase)) + noise * rng.normal(size=(n_samples, 20))
    return x[:, :, None], y

'''


def reading_code(spec: DataSpec, data: DataSet, script: Path, code: Code) -> None:
    """Add the lines that read the rows, before anything is done to them.

    Args:
        spec: where they come from.
        data: what was read.
        script: where the script is to be.
        code: what the lines are added to.

    Raises:
        InputError: they come from nowhere that a script could read.
    """
    source = spec.source
    if source in GENERATED:
        _generated(spec, code)
    elif source in BUNDLED:
        code.needs(f"from sklearn.datasets import load_{source}")
        code.add(f"x, y = load_{source}(return_X_y=True)")
    elif is_reference(source):
        _function(spec, data, script, code)
    elif source.lower().endswith(".npz"):
        path = path_code(resolve(source, spec.folder), script, code)
        code.add(f"arrays = np.load({path})")
        _arrays("arrays", data, code)
    elif resolve(source, spec.folder).is_file():
        code.needs("import pandas as pd")
        code.add(f"table = {_table(spec, script, code)}")
    else:
        raise InputError("--to", "a script reads the data from a file, and these are in none")
    if not data.columns:
        _shape(spec, data, code)


def _generated(spec: DataSpec, code: Code) -> None:
    noise = arguments({"n_samples": spec.n_samples, "noise": spec.noise, "random_state": spec.random_state})
    if spec.source == "waves":
        assert inspect.isfunction(waves)  # whose lines WAVES are
        code.add(*WAVES.splitlines()[1:], "", f"x, y = make_waves({noise})")
        return
    code.needs(f"from sklearn.datasets import make_{spec.source}")
    code.add(f"x, y = make_{spec.source}({noise})")


def _function(spec: DataSpec, data: DataSet, script: Path, code: Code) -> None:
    """Add the call of a user's function, by what it gives: a table, a pair or a dict."""
    name = import_code(spec.source, spec.folder, script, code)
    call = f"{name}({arguments(dict(spec.params))})"
    if data.columns:
        code.needs("import pandas as pd")
        code.add(f"table = {call}.rename(columns=str).reset_index(drop=True)")
        return
    given = load_function(spec.source, spec.folder, field="data.source")(**dict(spec.params))
    if isinstance(given, Mapping):
        code.add(f"arrays = {call}")
        _arrays("arrays", data, code)
    else:
        code.add(f"x, y = {call}")
        if isinstance(given[0], Mapping):
            _side_by_side("x", data, code)
        else:
            code.add("x, y = np.asarray(x), np.asarray(y)")


def _arrays(name: str, data: DataSet, code: Code) -> None:
    """Add the lines that take x and y, and what else there is, out of a dict of arrays."""
    if data.inputs:
        pieces = f"{name}" if not hasattr(data, "x") else name
        code.add(f'y = np.asarray({name}["y"])')
        _side_by_side(f'{pieces}.get("x", {pieces})', data, code)
    else:
        code.add(f'x, y = np.asarray({name}["x"]), np.asarray({name}["y"])')
    if data.weights is not None:
        code.add(f'row_weights = np.asarray({name}["weights"], "float32")')
    if data.groups is not None:
        code.add(f'groups = np.unique({name}["groups"], return_inverse=True)[1]')
    if data.times is not None:
        code.add(f'times = np.asarray({name}["times"])')


def _side_by_side(name: str, data: DataSet, code: Code) -> None:
    """Add the line that puts the inputs of a model of several side by side, (rows, numbers)."""
    names = literal([each.name for each in data.inputs])
    code.add(
        f"inputs = {name}",
        f"x = np.concatenate([np.reshape(inputs[name], (len(y), -1)) for name in {names}], axis=1)",
    )


def _table(spec: DataSpec, script: Path, code: Code) -> str:
    """Return the call that reads a file with columns."""
    path, table = path_code(resolve(spec.source, spec.folder), script, code), spec.table
    name = spec.source.lower()
    if name.endswith(".parquet"):
        return f"pd.read_parquet({path})"
    options = _missing_values(table)
    if name.endswith(".xlsx"):
        return f"pd.read_excel({', '.join([path, *options])})"
    separator = table.separator or ("\t" if name.endswith(".tsv") else ",")
    written = {"sep": (separator, ","), "decimal": (table.decimal, "."), "thousands": (table.thousands, "")}
    written["encoding"] = (table.encoding, "")
    options = [f"{key}={literal(value)}" for key, (value, default) in written.items() if value != default] + options
    return f"pd.read_csv({', '.join([path, *options])})"


def _missing_values(table: TableSpec) -> list[str]:
    if table.missing_values is None:
        return []
    return [f"na_values={literal(['', *table.missing_values])}", "keep_default_na=False"]


def _shape(spec: DataSpec, data: DataSet, code: Code) -> None:
    """Add the line that gives rows their shape, where they come in another."""
    shape: Any = data.x.shape[1:]
    if (spec.shape or shape == (1,)) and not data.inputs:
        code.add(f"x = x.reshape(-1, {', '.join(map(str, shape))})")

"""The best configuration, ready to use: as TOML, JSON or Python."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w

from regsearch.errors import InputError
from regsearch.spec import Configuration
from sweeps.answer import Answer


def to_json(answer: Answer) -> str:
    """Return the answer's configuration and scores as JSON."""
    return json.dumps(answer.to_dict(), indent=2) + "\n"


def to_toml(answer: Answer) -> str:
    """Return the same as TOML; what is not known is left out."""
    return tomli_w.dumps(_without_none(answer.to_dict()))


def to_python(answer: Answer) -> str:
    """Return the line of Keras that puts the penalty on a layer."""
    winner = answer.winner.configuration
    return f"# {answer.sweep}: {winner}" + (f", on {winner.target}\n" if winner.target else "\n") + _keras(winner)


FORMATS: dict[str, Callable[[Answer], str]] = {"json": to_json, "toml": to_toml, "py": to_python}


def export(answer: Answer, to: Path) -> None:
    """Write the best configuration to a file; the ending says how.

    Raises:
        InputError: the ending is unknown, or the file cannot be written.
    """
    suffix = to.suffix.removeprefix(".")
    if suffix not in FORMATS:
        raise InputError("--to", f"{to} may end in {', '.join('.' + name for name in FORMATS)}")
    write(to, FORMATS[suffix](answer))


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(str(path), f"cannot be written: {error.strerror}") from None


def _keras(configuration: Configuration) -> str:
    if configuration.target is None:
        return "regularizer = None\n"
    arguments = f"l1={configuration.lambda_l1!r}, l2={configuration.lambda_l2!r}"
    roles = ", ".join(f"{role}_regularizer" for role in configuration.target.weights)
    return f"import keras\n\nregularizer = keras.regularizers.L1L2({arguments})  # as {roles}\n"


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value

"""A model in a .keras file that Keras alone can load, checked before it is kept."""

import json
import os
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras
from regsearch.errors import RAISED, InputError, in_one_line
from regsearch.trainers.tensors import Model

FIELD = "export"
INSTEAD = "--to best.py writes a script that imports it"
ROUNDING = 1e-5  # of the largest output
AT_ONCE = 1024  # rows


def save_model(model: Model, path: Path, raw: Any, wanted: NDArray[Any]) -> None:
    """Write a model to a file, once it is certain that Keras alone gives the same for rows.

    Args:
        model: of `whole_model`.
        path: a .keras file; folders on the way are made.
        raw: some raw rows, as `raw_rows` has them.
        wanted: (rows, outputs) what the networks give for them.

    Raises:
        InputError: it cannot be saved, holds what Keras alone cannot load, or gives something else once it is loaded;
            or the file cannot be written.
    """
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _save(model, temporary)
        _check_is_of_keras(temporary)
        _check_loaded(temporary, raw, wanted)
        temporary.replace(path)
    except OSError as error:
        raise InputError(str(path), f"cannot be written: {error.strerror or in_one_line(error)}") from None
    finally:
        temporary.unlink(missing_ok=True)


def _save(model: Model, path: Path) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Keras' own, of NumPy 2
            model.save(path)
    except OSError:  # of the file
        raise
    except NotImplementedError:  # Keras' words for it are many lines
        problem = "Keras cannot save the model: a class of your own has no get_config(), which says how it is made"
        raise InputError(FIELD, f"{problem}; {INSTEAD}") from None
    except RAISED as error:  # of Keras, or of the user's own layer
        raise InputError(FIELD, f"Keras cannot save the model: {in_one_line(error)}; {INSTEAD}") from None


def outputs_of(model: Model, raw: Any) -> NDArray[Any]:
    """Return (rows, outputs) what a whole model gives for raw rows."""
    many = len(next(iter(raw.values()))) if isinstance(raw, Mapping) else len(raw)
    pieces = [slice(i, i + AT_ONCE) for i in range(0, many, AT_ONCE)]
    return np.concatenate([np.asarray(model(_rows(raw, piece), training=False)) for piece in pieces])


def _rows(raw: Any, rows: slice) -> Any:
    return {name: values[rows] for name, values in raw.items()} if isinstance(raw, Mapping) else raw[rows]


def _check_loaded(path: Path, raw: Any, wanted: NDArray[Any]) -> None:
    try:
        found = outputs_of(load_keras().saving.load_model(path), raw)
    except RAISED as error:  # of Keras, or of the user's own model
        raise InputError(FIELD, f"Keras cannot load the model again: {in_one_line(error)}") from None
    largest = np.abs(wanted).max(initial=1.0)
    if found.shape != wanted.shape or not np.allclose(found, wanted, rtol=0, atol=ROUNDING * largest, equal_nan=True):
        raise InputError(FIELD, "the model gives other outputs once it is saved and loaded: its layers do not say all")


def _check_is_of_keras(path: Path) -> None:
    """Raise where a saved model names a class or a function that is none of Keras' own."""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    for each in _named(config):
        module, name = each.get("module") or "", each.get("registered_name") or ""
        if module.partition(".")[0] not in ("", "keras", "builtins") or ">" in name:
            called = name or each["class_name"]
            problem = f"the model has {called!r}, which is none of Keras' own: a .keras file does not load without it"
            raise InputError(FIELD, f"{problem}; {INSTEAD}")


def _named(config: Any) -> Iterator[dict[str, Any]]:
    """Yield what a configuration names by a module and a class."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        for value in config.values():
            yield from _named(value)
    elif isinstance(config, list):
        for value in config:
            yield from _named(value)

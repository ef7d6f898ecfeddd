"""Keys of a sweep file that are given beside it, as in `--set training.epochs=50`; they count as if it said them."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from regsearch.errors import InputError, SweepFileError

OPTION = "--set"


def parse_pairs(pairs: Sequence[str]) -> dict[str, Any]:
    """Return keys and values as a command line gives them: values as in TOML, and text that is none as it stands.

    Raises:
        InputError: one is no KEY=VALUE, or a key is given twice.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not all(key.strip().split(".")):
            raise InputError(OPTION, f"{pair!r} is no KEY=VALUE; it may be as in {OPTION} training.epochs=50")
        if key.strip() in found:
            raise InputError(OPTION, f"{key.strip()} is given twice")
        found[key.strip()] = _value(value.strip())
    return found


def with_replaced(tables: Mapping[str, Any], replaced: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of a sweep file with other values for some keys.

    Args:
        tables: as the file has them.
        replaced: values by keys with dots, as `training.epochs`; a table on the way that is not there is made.

    Raises:
        SweepFileError: a key lies in what is no table.
    """
    found = dict(tables)
    for key, value in replaced.items():
        table, *path = found, *key.split(".")
        for depth, name in enumerate(path[:-1], start=1):
            inner = table.get(name, {})
            if not isinstance(inner, dict):
                raise SweepFileError(key, f"{'.'.join(path[:depth])} is no table; give it as a whole")
            table[name] = table = dict(inner)  # a copy: what was given stays as it is
        table[path[-1]] = value
    return found


def _value(text: str) -> Any:
    try:
        found = tomllib.loads(f"value = {text}\n")
    except (ValueError, RecursionError):  # TOMLDecodeError is one
        return text
    return found["value"] if found.keys() == {"value"} else text  # a line end may bring a second key

"""What goes into a query for ? and :name, as the command line gives it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from regsearch.errors import InputError

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def parameters(values: Sequence[str], pairs: Sequence[str]) -> Sequence[Any] | Mapping[str, Any]:
    """Return parameters of `Results.sql`, values for ? or pairs for :name: numbers where they look like one, else text.

    An InputError says that both are given, or that a pair is none.
    """
    if values and pairs:
        raise InputError("--param", "a query has values for ? or NAME=VALUE for :NAME, not both")
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier() or name in found:
            raise InputError("--param", f"{pair!r} is no new NAME=VALUE; it may be as in --param lambda=1e-3")
        found[name] = _value(value)
    return found or [_value(value) for value in values]


def _value(text: str) -> Any:
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text

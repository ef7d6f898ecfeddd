"""Specs as plain dicts and lists, and back."""

import json
import types
from dataclasses import fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from regsearch.spec.hashing import frozen, stored_name


def to_plain(spec: Any) -> dict[str, Any]:
    """Return a spec as dicts and lists, ready for JSON; `from_plain` turns them back."""
    plain: dict[str, Any] = json.loads(json.dumps(spec, default=_fields))
    return plain


def from_plain(kind: Any, plain: Any) -> Any:
    """Rebuild a spec, or a part of one.

    Args:
        kind: its class, or the type that a field of one is declared with.
        plain: what `to_plain` made of it; fields that are not there get their defaults.
    """
    if is_dataclass(kind):
        hints, names = get_type_hints(kind), {stored_name(f): f.name for f in fields(kind)}
        values = {names[stored]: from_plain(hints[names[stored]], value) for stored, value in plain.items()}
        return kind(**values)  # type: ignore[operator]
    if get_origin(kind) in (Union, types.UnionType):
        inner = next((each for each in get_args(kind) if is_dataclass(each)), None)
        return frozen(plain) if inner is None or plain is None else from_plain(inner, plain)
    if get_origin(kind) is tuple and is_dataclass(get_args(kind)[0]):
        return tuple(from_plain(get_args(kind)[0], item) for item in plain)
    return frozen(plain)


def _fields(spec: Any) -> dict[str, Any]:
    return {stored_name(f): getattr(spec, f.name) for f in fields(spec)}

"""When two specs mean the same: how numbers are rounded and contents are hashed."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

SCHEMA = 2  # raised when the meaning of an existing field changes, so that old hashes stop matching
SIGNIFICANT_DIGITS = 4  # of a lambda; 1e-3 reached in two ways is one value
UNHASHED = {"hashed": False}  # metadata of a field that says where something is, not what it is


def round_lambda(value: float) -> float:
    """Round a penalty coefficient to 4 significant digits; -0 becomes 0."""
    return float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}") + 0.0


def format_lambda(value: float) -> str:
    """Return a penalty coefficient as people write it: 1e-3, 6.31e-4, 0."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{SIGNIFICANT_DIGITS - 1}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def content_hash(value: Any) -> str:
    """Return the SHA-256 (64 hex digits) of a spec's content.

    Fields that hold their default are left out, so that adding a field with a default changes no hash; so are fields
    marked UNHASHED; numbers are compared by value, so that -0 is 0 and 1 is 1.0.
    """
    canonical = json.dumps({"schema": SCHEMA, "value": _canonical(value)}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def stored_name(f: Any) -> str:
    """Return what a field is called in hashes and in the database: its name when it was first stored."""
    name: str = f.metadata.get("stored", f.name)
    return name


def frozen(value: Any) -> Any:
    """Return the value with its lists, however deep, as tuples."""
    return tuple(frozen(item) for item in value) if isinstance(value, list | tuple) else value


def _canonical(value: Any) -> Any:
    if is_dataclass(value):
        return {stored_name(f): _canonical(getattr(value, f.name)) for f in fields(value) if not _left_out(value, f)}
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, float):
        return _canonical_float(value)
    return value


def _left_out(owner: Any, f: Any) -> bool:
    default = f.default_factory() if callable(f.default_factory) else f.default
    return bool(getattr(owner, f.name) == default) or not f.metadata.get("hashed", True)


def _canonical_float(value: float) -> int | float:
    if not math.isfinite(value):
        raise ValueError(f"a spec cannot hold {value}")
    return int(value) if value.is_integer() else value

"""How two sweeps of one name differ, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from regsearch.errors import SweepConflict

SHOWN = 3  # differences named in a message
_MISSING = "nothing"


def conflict(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> SweepConflict:
    """Return the error that a sweep of this name is there with another configuration."""
    found = sorted(differences(old, new))
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    what = "; ".join(found[:SHOWN]) + more if found else "the same keys, but read by another version of regsearch"
    return SweepConflict("name", f"a different sweep {name!r} is there ({what}); choose another name or --storage")


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Yield each key whose value differs, dotted, with its old and its new value."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in {*old, *new}:
            dotted = f"{path}.{key}" if path else str(key)
            yield from differences(old.get(key, _MISSING), new.get(key, _MISSING), dotted)
    elif _plain(old) != _plain(new):
        yield f"{path}: {_short(old)} there, {_short(new)} here"


def _plain(value: Any) -> Any:
    """Return the value as JSON gives it back, where tuples are lists."""
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _short(value: Any, limit: int = 40) -> str:
    text = value if value is _MISSING else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"

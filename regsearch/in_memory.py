"""What a notebook holds and no file: data and functions of this process, by names that specs can hold.

A name says what it stands for by content, so that a spec, its hash and its results mean the same thing whenever that is
searched again. Only this process can look it up; it lives as long as what `keep` returned.
"""

import uuid
import weakref
from collections.abc import Callable
from typing import Any

from regsearch.errors import InputError, printable
from regsearch.fingerprint import fingerprint

PREFIX = "memory:"
REMEDY = "write it to a file, which other processes can read"

_kept: weakref.WeakValueDictionary[str, "Kept"] = weakref.WeakValueDictionary()


class Kept:
    """Something that specs name as long as this is there.

    Args:
        name: what specs call it.
        value: what it is.
        content: of a function, its fingerprint; None where that cannot be told.
    """

    def __init__(self, name: str, value: Any, content: str | None = None) -> None:
        self.name, self.value, self._content = name, value, content

    def require_unchanged(self) -> None:
        """Raise where a function, or what it refers to, is no longer what was searched.

        Raises:
            InputError: it is not.
        """
        if self._content is not None and fingerprint(self.value) != self._content:
            problem = "has changed since the search, or something that it refers to has; search again"
            raise InputError(label_of(self.name), problem)


def is_in_memory(name: str) -> bool:
    """Return whether a spec's source or builder is of the process that made it, and not a file."""
    return name.startswith(PREFIX)


def keep(value: Any, label: str, content: str, function_content: str | None = None) -> Kept:
    """Return what is kept under a name made of its content.

    Args:
        value: what to keep.
        label: what a reader of messages calls it.
        content: a digest: equal for what is the same.
        function_content: of a function, its fingerprint.
    """
    name = f"{PREFIX}{label}-{content[:16]}"
    kept = _kept.get(name)
    if kept is None:
        kept = _kept[name] = Kept(name, value, function_content)
    return kept


def keep_function(function: Callable[..., Any]) -> Kept:
    """Return a function that is kept under a name made of its code and of what that refers to.

    Where that cannot be told, as of a closure over an object of somebody's class, every call gives a name of its own.
    """
    label = getattr(function, "__name__", type(function).__name__)
    label = "".join(c for c in label if c.isalnum() or c == "_") or "function"
    content = fingerprint(function)
    return keep(function, label, content or uuid.uuid4().hex, content)


def kept(name: str, *, field: str, error: type[InputError] = InputError, remedy: str = REMEDY) -> Any:
    """Return what is kept under a name.

    Args:
        name: as `Kept.name`.
        field: of the sweep file, for messages.
        error: what to raise.
        remedy: what to do about it.

    Raises:
        InputError: it is not of this process, or is gone.
    """
    found = _kept.get(name)
    if found is None:
        what = f"{printable(name)!r} lives in the memory of the process that searched it, and in no file"
        raise error(field, f"{what}: no other can train on it; {remedy}")
    return found.value


def label_of(name: str) -> str:
    """Return what a reader of messages calls what a name stands for."""
    return name.removeprefix(PREFIX).rpartition("-")[0]


def digest_of(name: str) -> str:
    """Return the digest in a name."""
    return name.rpartition("-")[2]

"""Whether a function is the same as one of another time: by its source and by all that it refers to."""

import dis
import functools
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from regsearch.loading import OURS

PLAIN = (type(None), bool, int, float, complex, str, bytes)


class Untold(Exception):
    """What something is cannot be told."""


def fingerprint(function: Callable[..., Any]) -> str | None:
    """Return a digest that is equal only for functions that do the same; None where that cannot be told.

    It covers the source, defaults, and what the function closes over or names globally: numbers, strings, arrays,
    collections of them, functions and classes, and theirs in turn. What comes from an installed package goes by its
    name.

    >>> def one(x, n=2):
    ...     return x * n
    >>> fingerprint(one) == fingerprint(one)
    True
    """
    try:
        told = "\n".join(_told(function, {}))
    except Untold:
        return None
    return hashlib.sha256(told.encode()).hexdigest()


def array_digest(array: np.ndarray[Any, Any]) -> str:
    """Return the SHA-256 of an array's shape, dtype and content.

    Raises:
        Untold: it holds objects.
    """
    if array.dtype.hasobject:
        raise Untold
    found = hashlib.sha256(f"{array.shape} {array.dtype.str}".encode())
    found.update(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
    return found.hexdigest()


def _told(value: Any, seen: dict[int, Any]) -> Iterator[str]:
    """Yield lines that say all of a value."""
    if isinstance(value, PLAIN):
        yield repr(value)
        return
    if id(value) in seen:
        return
    seen[id(value)] = value  # held, so that nothing else gets its id
    match value:
        case ModuleType():
            yield value.__name__
        case np.ndarray():
            yield array_digest(value)
        case np.generic():
            yield repr(value)
        case list() | tuple():
            yield type(value).__name__
            for each in value:
                yield from _told(each, seen)
        case Mapping():
            yield from _told(sorted(value.items(), key=repr), seen)
        case set() | frozenset():
            yield from _told(sorted(value, key=repr), seen)
        case functools.partial():
            yield from _told([value.func, value.args, value.keywords], seen)
        case MethodType():
            yield from _told([value.__func__, value.__self__], seen)
        case FunctionType() | type():
            yield from _of_code(value, seen)
        case _:
            yield from _of_object(value, seen)


def _of_code(value: Any, seen: dict[int, Any]) -> Iterator[str]:
    """Yield lines that say a function or a class; of an installed package its name alone."""
    yield f"{value.__module__}.{value.__qualname__}"
    if _is_installed(value.__module__):
        return
    if isinstance(value, FunctionType):
        yield _source(value)
        inside = inspect.getclosurevars(value).nonlocals
        named = {n: value.__globals__[n] for n in _global_names(value.__code__) if n in value.__globals__}
        yield from _told([value.__defaults__, value.__kwdefaults__, {**named, **inside}], seen)
        return
    yield _source(value)
    for base in value.__bases__:
        yield from _told(base, seen)
    for name, each in sorted(vars(value).items()):
        if isinstance(each, FunctionType):
            yield name
            yield from _told(each, seen)


def _global_names(code: CodeType) -> set[str]:
    """Return what a function, or one inside it, names globally: not the names of attributes, which may be others'."""
    names = {each.argval for each in dis.get_instructions(code) if each.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*(_global_names(each) for each in code.co_consts if isinstance(each, CodeType)))


def _of_object(value: Any, seen: dict[int, Any]) -> Iterator[str]:
    """Yield lines that say an object that is called, whose class and attributes can be told."""
    if hasattr(value, "__wrapped__"):  # as functools.cache leaves it
        yield from _told([type(value).__qualname__, value.__wrapped__], seen)
        return
    if not callable(value) or _is_installed(type(value).__module__):
        raise Untold
    yield from _told([type(value), vars(value)], seen)


def _source(value: Any) -> str:
    try:
        return inspect.getsource(value)
    except (OSError, TypeError):
        if not isinstance(value, FunctionType):
            raise Untold from None
        return _compiled(value.__code__)


def _compiled(code: CodeType) -> str:
    """Return what a function of no file was compiled to, and the functions in it."""
    constants = [_compiled(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return repr((code.co_code, code.co_names, code.co_varnames, constants))


def _is_installed(module: str | None) -> bool:
    """Return whether a module is of Python, of ours or of an installed package: what does not change meanwhile."""
    if module is None:  # of code that was compiled by hand
        return False
    if module.partition(".")[0] in OURS:
        return True
    if module.partition(".")[0] in sys.stdlib_module_names:
        return module != "__main__"
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file

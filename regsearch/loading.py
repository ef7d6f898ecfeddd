"""From "file.py:function" to a callable, and which content a file had."""

import ast
import hashlib
import importlib.util
import os
import re
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from regsearch.errors import InputError, in_one_line, nearest

REFERENCE = re.compile(r"(?P<file>.+\.py):(?P<function>[^\W\d]\w*)")
OURS = ("regsearch", "storage", "sweeps")  # packages of ours: a user's module of that name is not found

_ROOT = Path(__file__).parents[1]
_LIBRARIES = (
    *(f"{_ROOT / name}{os.sep}" for name in OURS),
    *(f"{sysconfig.get_path(kind)}{os.sep}" for kind in ("stdlib", "platstdlib", "purelib", "platlib")),
    "<frozen ",
)

_loading = threading.Lock()


def is_reference(text: str) -> bool:
    """Return whether a text is meant as "file.py:function"."""
    return REFERENCE.fullmatch(text) is not None


def resolve(path: str, folder: str) -> Path:
    """Return the path of a file that is given relative to a folder; one that is not there is looked for here, too."""
    there = Path(folder, path).expanduser()
    here = Path(path).expanduser()
    try:
        return here if here.is_file() and not there.is_file() else there
    except OSError:  # as of a name that is too long: whoever opens it says so
        return there


def digest(path: Path, *, field: str, error: type[InputError] = InputError) -> str:
    """Return the SHA-256 of a file's content, 64 hex digits; read again only where its size or time has changed.

    Raises:
        InputError: it cannot be read.
    """
    try:
        status = path.stat()
        return _digest(path, status.st_mtime_ns, status.st_size)
    except OSError as problem:
        raise unreadable(problem, path, field, error) from None


def check_unchanged(path: str, folder: str, known: str, *, field: str, error: type[InputError] = InputError) -> None:
    """Raise where a file has another content than it had; nothing is checked where that is not known.

    Raises:
        InputError: it has, or it cannot be read.
    """
    there = resolve(path, folder)
    if known and digest(there, field=field, error=error) != known:
        problem = f"{str(there)!r} has changed since the sweep was made, so that its trials could not be compared"
        raise error(field, f"{problem}; bring the old content back, or give the sweep another name")


def unreadable(problem: OSError, path: Path, field: str, error: type[InputError] = InputError) -> InputError:
    """Return the error that says why a file cannot be read."""
    if isinstance(problem, FileNotFoundError):
        close = nearest(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else ""
        return error(field, f"there is no file {str(path)!r}{close}")
    if isinstance(problem, IsADirectoryError):
        return error(field, f"{str(path)!r} is a folder; it must be a file")
    return error(field, f"{str(path)!r} cannot be read: {problem.strerror}")


def load_function(
    reference: str, folder: str, *, field: str, error: type[InputError] = InputError
) -> Callable[..., Any]:
    """Return the function that "file.py:function" names.

    The file is loaded by its path, under a name made from its path and content, so that it meets no other module. Its
    folder goes to the end of sys.path: it may import modules beside it.

    Args:
        reference: the file and the function in it.
        folder: what the file is relative to.
        field: of the sweep file, for messages.
        error: what to raise.

    Raises:
        InputError: the file is not there, cannot be imported (its own error and line are in the message), or has no
            such function.
    """
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise error(field, f"{reference!r} must be written as 'file.py:function'")
    path, name = resolve(match["file"], folder).absolute(), match["function"]
    content = digest(path, field=field, error=error)
    with _loading:
        module = _module(path, content, field, error)
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise error(field, f"{path} has no function {name!r}{nearest(name, known)}")
    return function  # type: ignore[no-any-return]


def line_in(path: str, problem: BaseException) -> int | None:
    """Return the line of a file that an error passed last; None where it did not."""
    if isinstance(problem, SyntaxError) and problem.filename == path:
        return problem.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == path]
    return lines[-1] if lines else None


def place_of(problem: BaseException) -> str:
    """Return ' (function() in file:line)' where an error last passed code of the user's; empty where it did not."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_LIBRARIES)]
    return f" ({own[-1].name}() in {own[-1].filename}:{own[-1].lineno})" if own else ""


@lru_cache(maxsize=64)
def _digest(path: Path, changed_ns: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _module(path: Path, content: str, field: str, error: type[InputError]) -> ModuleType:
    name = f"regsearch_user_{hashlib.sha256(f'{path}:{content}'.encode()).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs, as dataclasses and pickle look it up
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))  # a loader would write and trust bytecode
    except BaseException as problem:
        del sys.modules[name]
        if isinstance(problem, KeyboardInterrupt):
            raise
        line = line_in(str(path), problem)
        where = f"{path}:{line}" if line else str(path)
        raise error(field, f"{where}: {in_one_line(problem)}{_shadowed(path)}") from problem
    return module


def _shadowed(path: Path) -> str:
    """Return which module beside the file was not imported because a package of ours has its name."""
    try:
        nodes = list(ast.walk(ast.parse(path.read_bytes())))
    except SyntaxError:
        return ""
    imported = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    for name in OURS:
        own = path.with_name(f"{name}.py")
        if name in imported and own.is_file():
            return f" ({own} was not loaded: {name} is a package of regsearch; give the file another name)"
    return ""

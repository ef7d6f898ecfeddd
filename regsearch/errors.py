"""Every error regsearch raises on purpose.

RegsearchError              something went wrong; the message is one line a user can act on
├── InputError              what was given is wrong: names the field and what it may be
│   ├── SweepFileError      the sweep file cannot be read or does not describe a sweep
│   ├── DataError           the data cannot be used
│   ├── ModelError          the model cannot be used
│   ├── StorageURLError     the database cannot be opened or written
│   ├── UnknownSweep        no sweep of that name in the database
│   ├── SweepConflict       a sweep of that name exists with another configuration
│   └── QueryError          the SQL or a filter is wrong, or would change something
├── StorageError            the database failed while it was in use
├── TrainingFailed          a training ended without a result
└── TrainingStopped         a training was asked to stop before it was finished
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

Choice = TypeVar("Choice")

RAISED = (Exception, SystemExit)  # by code of the user's: a sys.exit() in it is an error like others

WRAPPED_BY_KERAS = re.compile(r"Exception encountered when calling (\S+\(\))\.")
FAILED_IN_GRAPH, NODE = "Graph execution error", "[[{{node"  # as TensorFlow words it
LONG_WORD = re.compile(r"\S{300,}")
LONGEST_MESSAGE = 2000  # characters
TERMINAL_STYLE = re.compile(r"\x1b\[\d*m")


class RegsearchError(Exception):
    """Something went wrong; the message is one line a user can act on.

    Example:
        >>> try:
        ...     regsearch.load_result("smal")
        ... except regsearch.RegsearchError as error:
        ...     print(type(error).__name__, error.exit_code)
        UnknownSweep 2
    """

    exit_code = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened(message))


class InputError(RegsearchError):
    """What was given is wrong.

    Args:
        field: what the user would look for: a key of the sweep file, an option, a path.
        problem: what is wrong with it and what it may be, in one line.

    Example:
        >>> try:
        ...     regsearch.load_sweep("mooons")
        ... except regsearch.InputError as error:
        ...     print(error.field)
        mooons
    """

    exit_code = 2

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = shortened(printable(field)), shortened(printable(problem))
        super().__init__(f"{self.field}: {self.problem}" if field else self.problem)


class SweepFileError(InputError):
    """The sweep file cannot be read or does not describe a sweep."""


class DataError(InputError):
    """The data cannot be used."""


class ModelError(InputError):
    """The model cannot be used."""


class StorageURLError(InputError):
    """The database cannot be opened or written."""


class UnknownSweep(InputError):
    """No sweep of that name in the database."""


class SweepConflict(InputError):
    """A sweep of that name exists with another configuration."""


class QueryError(InputError):
    """The SQL or a filter is wrong, or would change something."""


class StorageError(RegsearchError):
    """The database failed while it was in use."""


class TrainingFailed(RegsearchError):
    """A training ended without a result.

    Args:
        repeat: the index of the repeat it was to be.
        reason: why, in one line.
    """

    def __init__(self, repeat: int, reason: str) -> None:
        super().__init__(reason)
        self.repeat = repeat


class TrainingStopped(RegsearchError):
    """A training was asked to stop before it was finished."""


def shortened(message: str) -> str:
    """Return a message with the middle left out of words and of a whole that are too long to be read.

    >>> shortened(f"no sweep {'a' * 500} here") == f"no sweep {'a' * 150}…{'a' * 50} here"
    True
    """
    words = LONG_WORD.sub(lambda word: f"{word[0][:150]}…{word[0][-50:]}", message)
    return words if len(words) <= LONGEST_MESSAGE else f"{words[: LONGEST_MESSAGE // 2]} … {words[-500:]}"


def printable(text: str) -> str:
    r"""Return a text on one line: what does not print, such as a line break in a name, is escaped.

    >>> printable("two\nlines")
    'two\\nlines'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def in_one_line(error: BaseException) -> str:
    """Return an error's type and the first line of its message, on to the first that does not end in a colon.

    Of our own errors it is the message alone.
    What is raised inside a layer comes wrapped by Keras, and then it is the layer's class and the message within; what
    fails in a graph comes with where it was defined, and then it is the line before the node's name.
    """
    lines = [TERMINAL_STYLE.sub("", line) for line in str(error).splitlines() if line.strip()] or [""]
    message = "".join(c if c.isprintable() else "�" for c in _within(lines))
    if isinstance(error, RegsearchError):
        return message
    return shortened(f"{type(error).__name__}: {message}" if message else type(error).__name__)


def _within(lines: list[str]) -> str:
    if (wrapped := WRAPPED_BY_KERAS.match(lines[0])) and len(lines) > 1:
        return f"{wrapped[1]}: {_first(lines[1:])}"
    if lines[0].startswith(FAILED_IN_GRAPH):
        nodes = [i for i, line in enumerate(lines) if NODE in line]
        return lines[nodes[0] - 1] if nodes else lines[-1]
    return _first(lines)


def _first(lines: list[str]) -> str:
    """Return the first line, with those after it while they end in a colon."""
    end = next((i for i, line in enumerate(lines) if not line.rstrip().endswith(":")), len(lines) - 1)
    return " ".join(line.strip() for line in lines[: end + 1])


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return ' (did you mean …?)' for the closest allowed word, or an empty string."""
    close = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""


def chosen(field: str, name: str, choices: Mapping[str, Choice]) -> Choice:
    """Return the choice of that name.

    Raises:
        InputError: there is none; the message names the field and what it may be.
    """
    if name not in choices:
        raise InputError(field, f"{name!r} is not one of {', '.join(choices)}{nearest(name, choices)}")
    return choices[name]

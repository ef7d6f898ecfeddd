"""Options of what is chosen by name, such as an optimizer: which there are and what each may be.

They stand in static tables, so that a sweep file is checked without loading Keras.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from regsearch.errors import InputError, chosen, nearest

NOTHING = object()  # the default of an option that must be given

_LARGEST = sys.float_info.max


@dataclass(frozen=True, kw_only=True)
class Option:
    """A number, a boolean, a string, or a list of numbers, and what it may be.

    Args:
        kind: `float` for any finite number, `int` for an integer, `bool` for true or false, `str` for one of `strings`.
        default: its value where it is not given; NOTHING where it must be.
        low: the least it may be.
        high: the most it may be.
        above: what it must be greater than.
        below: what it must be less than.
        strings: what a string may be.
        many: whether it is a list of them.
        empty: whether that list may be empty.
    """

    kind: type = float
    default: Any = NOTHING
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    strings: tuple[str, ...] = ()
    many: bool = False
    empty: bool = False

    @property
    def may_be(self) -> str:
        """What it may be, for messages."""
        if self.kind is bool:
            return "true or false"
        if self.kind is str:
            return " or ".join(filter(None, [", ".join(map(repr, self.strings[:-1])), repr(self.strings[-1])]))
        bounds = {"of at least": self.low, "above": self.above, "at most": self.high, "below": self.below}
        limits = " and ".join(f"{word} {limit:g}" for word, limit in bounds.items() if limit is not None)
        one = f"{'an integer' if self.kind is int else 'a number'}{' ' if limits else ''}{limits}"
        return f"a list, each {one}" if self.many else one

    def fits(self, value: Any) -> bool:
        """Whether it may be this value."""
        if self.many:
            is_list = isinstance(value, list | tuple) and (len(value) > 0 or self.empty)
            return is_list and all(map(self._fits_one, value))
        return self._fits_one(value)

    def read(self, value: Any) -> Any:
        """Return a value that fits in its own type, for Keras takes 0 for no float."""
        return tuple(map(self.kind, value)) if self.many else self.kind(value)

    def _fits_one(self, value: Any) -> bool:
        if self.kind is str:
            return value in self.strings
        if isinstance(value, bool) or self.kind is bool:
            return isinstance(value, bool) and self.kind is bool
        if not isinstance(value, int if self.kind is int else int | float):
            return False
        return (
            -_LARGEST <= value <= _LARGEST
            and (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something of Keras that is chosen by name.

    Args:
        keras: Keras' name of it, where that is another one.
        options: its options by name.
        problem: (all options) -> what is wrong with them together; None where nothing is.
    """

    keras: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    problem: Callable[[Mapping[str, Any]], str | None] = lambda options: None

    @property
    def defaults(self) -> dict[str, Any]:
        """The default of each option."""
        return {name: option.default for name, option in self.options.items()}


AChoice = TypeVar("AChoice", bound=Choice)


def require(key: str, value: Any, option: Option) -> None:
    """Refuse a value that an option may not be.

    Raises:
        InputError: it does not fit; the message names the field and what it may be.
    """
    if not option.fits(value):
        raise InputError(key, f"must be {option.may_be}, got {value!r}")


def bind(
    key: str, name: str, given: Mapping[str, Any], choices: Mapping[str, AChoice]
) -> tuple[AChoice, dict[str, Any]]:
    """Return the choice of that name and all its options, defaults filled in.

    Raises:
        InputError: no such choice or option, or a value that it may not be; the message names the field and which.
    """
    choice = chosen(key, name, choices)
    for option in given:
        if option not in choice.options:
            known = ", ".join(choice.options) or "none"
            raise InputError(key, f"{name} has no option {option!r}{nearest(option, choice.options)}; known: {known}")
    bound = {option: _value(key, name, option, kind, given) for option, kind in choice.options.items()}
    problem = choice.problem(bound)
    if problem:
        raise InputError(key, f"{problem} for {name}")
    return choice, bound


def _value(key: str, name: str, option: str, kind: Option, given: Mapping[str, Any]) -> Any:
    if option in given:
        if not kind.fits(given[option]):
            raise InputError(key, f"{option} of {name} must be {kind.may_be}, got {given[option]!r}")
        return kind.read(given[option])
    if kind.default is NOTHING:
        raise InputError(key, f"{name} needs {option}, {kind.may_be}")
    return kind.default

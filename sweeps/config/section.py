"""What all tables of a sweep file share: strict types, and who says in which field something is wrong."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict, model_validator

from regsearch.errors import InputError, SweepFileError
from regsearch.options import Choice, bind
from regsearch.spec import Named, round_lambda

Int = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Strict(), Field(min_length=1)]
Result = TypeVar("Result")

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([smhd])")


def _duration(written: Any) -> Any:
    if not isinstance(written, str) or (found := _DURATION.fullmatch(written)) is None or float(found[1]) == 0:
        raise ValueError(f'must be a number above 0 and a unit, s, m, h or d, such as "30m", got {written!r}')
    return written


Duration = Annotated[str, BeforeValidator(_duration)]  # as it is written: "30m"


def in_seconds(duration: str) -> float:
    """Return a Duration in seconds."""
    return float(duration[:-1]) * _UNITS_S[duration[-1]]


class Section(BaseModel):
    """A table of the sweep file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Range(Section):
    """A range of a coefficient, on a log scale."""

    low: Number = Field(gt=0)
    high: Number = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if round_lambda(self.low) >= round_lambda(self.high):
            raise ValueError(f"low must be below high, got low = {self.low:g} and high = {self.high:g}")
        return self


def one_of(choices: Mapping[str, Choice]) -> Callable[[Any], Named]:
    """Return what reads a name, or a table of a name and options; options at their default are left out."""

    def read(written: Any) -> Named:
        if isinstance(written, Named):
            return written
        options = {"name": written} if isinstance(written, str) else written
        if not isinstance(options, dict) or not isinstance(options.get("name"), str):
            raise ValueError(f"must be a name, or a table of a name and options, got {written!r}")
        options = dict(options)
        name = options.pop("name")
        choice, bound = in_field(lambda: bind("", name, options, choices))
        given = {key: value for key, value in bound.items() if value != choice.options[key].default}
        return Named(name=name, options=tuple(given.items()))

    return read


def plain_option(field: str, value: Any) -> None:
    """Refuse a table, by a SweepFileError, as the value of an option that is handed to a function of the user's."""
    if isinstance(value, list | tuple):
        for item in value:
            plain_option(field, item)
    elif not isinstance(value, str | int | float):
        raise SweepFileError(field, f"may be a number, text, true, false or a list of these, got {value!r}")


def in_field(read: Callable[[], Result]) -> Result:
    """Leave it to pydantic to say in which field something is wrong."""
    try:
        return read()
    except InputError as error:
        raise ValueError(error.problem) from None


AS_WRITTEN = PlainSerializer(lambda named: {"name": named.name} | dict(named.options) if named.options else named.name)

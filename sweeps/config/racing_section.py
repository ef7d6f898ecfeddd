"""[evaluation] racing: whether configurations that fall behind are repeated no further."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from regsearch.errors import InputError, SweepFileError
from regsearch.statistics.racing import EXACT, FAST, Racing
from sweeps.config.section import Flag, Int, Number, Section

FIELD = "evaluation.racing"
FEWEST = 4  # repeats, without which there is nothing to race about
STRATEGIES = ("coarse-to-fine", "grid", "random", "qmc")  # whose configurations are known before any is trained


class RacingConfig(Section):
    """When configurations are compared with the leader, and at which level."""

    rungs: tuple[Int, ...] = EXACT.rungs
    alpha: Number = Field(EXACT.alpha)


def _known(written: Any) -> Any:
    if isinstance(written, bool | dict | RacingConfig) or written == "fast":
        return written
    raise ValueError(f'may be false, true, "fast" or a table of rungs and alpha, got {written!r}')


RacingChoice = Annotated[Flag | Literal["fast"] | RacingConfig, BeforeValidator(_known)]


def race_of(racing: RacingChoice, repeats: int) -> Racing | None:
    """Return the race of configurations with so many repeats; None for none.

    Raises:
        SweepFileError: there are too few repeats, or the rungs do not fit them.

    >>> race_of(True, 8).rungs
    (4, 7, 8)
    """
    if racing is False:
        return None
    if repeats < FEWEST:
        raise SweepFileError(FIELD, f"needs at least {FEWEST} repeats, got evaluation.repeats = {repeats}")
    if racing == "fast":
        return Racing(rungs=_up_to(repeats, FAST.rungs), pooled=True)
    if racing is True:
        return Racing(rungs=_up_to(repeats, EXACT.rungs))
    if max(racing.rungs, default=0) > repeats:
        problem = f"must not go beyond evaluation.repeats = {repeats}, got {list(racing.rungs)}"
        raise SweepFileError(f"{FIELD}.rungs", problem)
    rungs = racing.rungs if repeats in racing.rungs else (*racing.rungs, repeats)
    try:
        return Racing(rungs=rungs, alpha=racing.alpha)
    except InputError as error:
        raise SweepFileError(error.field, error.problem) from error


def _up_to(repeats: int, rungs: tuple[int, ...]) -> tuple[int, ...]:
    return (*(rung for rung in rungs if rung < repeats), repeats)

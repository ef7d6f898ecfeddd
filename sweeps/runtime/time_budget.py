"""`stop_after`: how long a sweep is worked on.

What counts is the time in which at least one worker was at work, over the sweep's whole life: a night in which nothing
ran costs nothing, several workers do not use it up faster, and a sweep that is resumed goes on with what is left. All
workers read the same table, so that they agree. A worker that was killed counts until it was last heard of.
"""

import math
import time
from datetime import UTC, datetime

import pandas as pd

from storage.liveness import SILENT_S


class TimeUp(Exception):
    """The time of the sweep is used up."""


class Clock:
    """Runs from when it is made until the time is up."""

    def __init__(self, left_s: float = math.inf) -> None:
        self._end_s = time.monotonic() + left_s

    @property
    def is_up(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._end_s


def clock(stop_after_s: float | None, workers: pd.DataFrame, now: datetime | None = None) -> Clock:
    """Return the clock of a worker that has just joined; it never stops where there is no limit.

    `workers` are all that ever worked on the sweep, with started_at, heartbeat_at and ended_at.
    """
    if stop_after_s is None:
        return Clock()
    return Clock(stop_after_s - worked_s(workers, now or datetime.now(UTC)))


def worked_s(workers: pd.DataFrame, now: datetime) -> float:
    """Return for how many seconds before `now` at least one worker was at work."""
    spans = workers.sort_values("started_at")
    heard = spans["heartbeat_at"]
    ends = spans["ended_at"].fillna(heard.where(now - heard >= pd.Timedelta(seconds=SILENT_S), now))
    before = ends.cummax().shift()  # when all that began earlier had ended
    begun = spans["started_at"].where(~(before > spans["started_at"]), before)
    return float((ends - begun).dt.total_seconds().clip(lower=0).sum())

"""`stop_after`: how long a sweep is worked on.

What counts is the time in which at least one worker was at work, over the sweep's whole life: a night in which nothing
ran costs nothing, several workers do not use it up faster, and a sweep that is resumed goes on with what is left. All
workers read the same table, so that they agree. A worker that was killed counts until it was last heard of.
"""

import math
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pandas as pd

from storage.liveness import SILENT_S

Interval = tuple[datetime, datetime]


class TimeUp(Exception):
    """The time of the sweep is used up."""


class Clock:
    """Runs from when it is made.

    Args:
        left_s: seconds until the time is up; infinite where there is no limit.
    """

    def __init__(self, left_s: float = math.inf) -> None:
        self._end_s = time.monotonic() + left_s

    @property
    def is_up(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._end_s


def clock(stop_after_s: float | None, workers: pd.DataFrame, now: datetime | None = None) -> Clock:
    """Return the clock of a worker that has just joined.

    Args:
        stop_after_s: how long the sweep may be worked on; None for no limit.
        workers: all that ever worked on it, one row per worker, with started_at, heartbeat_at and ended_at.
        now: the time, in UTC; None for the present.
    """
    if stop_after_s is None:
        return Clock()
    return Clock(stop_after_s - worked_s(workers, now or datetime.now(UTC)))


def worked_s(workers: pd.DataFrame, now: datetime) -> float:
    """Return for how many seconds before `now` at least one worker was at work."""
    columns = (workers["started_at"], workers["heartbeat_at"], workers["ended_at"])
    intervals = ((begun, _end(beat, ended, now)) for begun, beat, ended in zip(*columns, strict=True))
    return sum((end - begun).total_seconds() for begun, end in _joined(intervals))


def _end(beat: datetime, ended: datetime, now: datetime) -> datetime:
    if not pd.isna(ended):
        return ended
    return now if now - beat < timedelta(seconds=SILENT_S) else beat


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Return intervals with those that overlap made one."""
    joined: list[Interval] = []
    for begun, end in sorted(intervals):
        if joined and begun <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begun, end))
    return joined

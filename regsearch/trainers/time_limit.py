"""How long one training may take."""

import time
from collections.abc import Callable
from typing import Protocol


class StopSign(Protocol):
    """What a training looks at between two calls of its program, as a threading.Event."""

    def is_set(self) -> bool:
        """Return whether the training is to end now."""
        ...


Stop = StopSign | None


class TimeLimit:
    """A sign that a training has taken too long, or that another sign is set.

    The time runs from the first look at it, which trainers take once all is built and compiled.

    Args:
        timeout_s: the limit, in seconds.
        other: the other sign.
        stopwatch: seconds since some moment.
    """

    def __init__(self, timeout_s: float, other: StopSign, *, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self.timeout_s = timeout_s
        self.passed = False  # whether the time was up at some look
        self._other, self._stopwatch = other, stopwatch
        self._end_s: float | None = None

    def is_set(self) -> bool:
        """Return whether the time is up, or the other sign is set."""
        now_s = self._stopwatch()
        if self._end_s is None:
            self._end_s = now_s + self.timeout_s
        self.passed = self.passed or now_s > self._end_s
        return self.passed or self._other.is_set()

"""Where a worker gets its trials from: our own table of cells, or Optuna, which learns from every result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Protocol

from regsearch.scoring import Summary
from regsearch.spec import Configuration
from storage.configurations import Begun
from sweeps.samplers.coarse_to_fine import Poll
from sweeps.search.strategies import Extent


class TakenOver(Exception):
    """Others took this worker for dead, and its trial with it."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A configuration that this worker is to evaluate."""

    configuration: Configuration
    stage: str
    begun: Begun
    repeats: int  # how many it is to have
    held: Any  # what the source knows it by

    @property
    def label(self) -> str:
        """What it is, in a few words."""
        return f"{self.stage} {self.configuration}"

    @property
    def next_repeat(self) -> int:
        """The first repeat that was not recorded when this began."""
        return next(repeat for repeat in count() if repeat not in self.begun.recorded)


class TrialSource(Protocol):
    """Hands out a sweep's configurations, each to one worker at a time; one object per worker."""

    def next(self) -> Job | Poll:
        """Return what to evaluate; WAIT where others hold what is left, DONE where nothing is."""

    def end(self, job: Job, found: Summary | None) -> None:
        """Record a configuration whose repeats are all there, None where one diverged; raises TakenOver."""

    def fail(self, job: Job, reason: str) -> None:
        """Record that a configuration could not be evaluated; raises TakenOver."""

    def release(self, job: Job) -> None:
        """Let others evaluate it; this counts as no failure."""

    def beat(self, job: Job) -> None:
        """Tell others that the one who evaluates it lives, beside the worker's own heartbeat."""

    def free_dead(self) -> None:
        """Free what workers hold that are gone."""

    def left_by(self, pid: int) -> list[Job]:
        """Return what a process of this machine that has ended was evaluating; what had just begun is freed."""

    def running_since(self, pid: int) -> datetime | None:
        """Return since when a living process of this machine has evaluated what it does; None where it does nothing."""

    def extent(self) -> Extent:
        """Return how far the search is."""

    def left(self) -> int:
        """Return how many configurations a search without a limit of time would still visit."""

    def is_done(self) -> bool:
        """Return whether nothing is left, without waiting."""

    def abandoned(self) -> Sequence[Mapping[str, Any]]:
        """Return the parameters of the configurations that failed too often to be tried again."""

    def close(self) -> None:
        """End what was begun; called once, when the worker leaves."""

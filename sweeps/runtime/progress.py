"""What a worker tells while it works, to whoever shows it."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from regsearch.scoring import Summary
from regsearch.spec import Configuration
from storage.progress import SweepProgress
from sweeps.analysis.candidates import Candidate
from sweeps.search.strategies import Extent


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where to read how far a sweep is, whoever works on it.

    Args:
        read: reads it in the database; raises StorageError where that is away.
        worker: who works in this process, host:pid.
        metric: what configurations are scored by.
        greater_is_better: whether more of it is better.
        repeats: of each configuration.
    """

    read: Callable[[], SweepProgress]
    worker: str
    metric: str
    greater_is_better: bool
    repeats: int


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A configuration whose repeats are all there.

    Args:
        label: the stage and the configuration.
        candidate: it, with its scores; None where it diverged.
    """

    label: str
    candidate: Candidate | None


class Progress(Protocol):
    """What a worker tells about its work."""

    def watching(self, source: Source) -> AbstractContextManager[object]:
        """Work on a sweep begins, and ends with the context."""

    def reached(self, extent: Extent) -> None:
        """The search is this far."""

    def started(self, label: str, repeats: int, done: int) -> None:
        """A configuration's repeats begin; some may be there already."""

    def repeated(self) -> None:
        """One repeat has ended."""

    def ended(self, what: Ended, extent: Extent) -> None:
        """A configuration has ended; the search is this far."""

    def note(self, message: str) -> None:
        """Something worth a line has happened."""


class Silent:
    """Tells nothing."""

    def watching(self, source: Source) -> AbstractContextManager[object]:
        """Read nothing."""
        return nullcontext()

    def reached(self, extent: Extent) -> None:
        """Ignore it."""

    def started(self, label: str, repeats: int, done: int) -> None:
        """Ignore it."""

    def repeated(self) -> None:
        """Ignore it."""

    def ended(self, what: Ended, extent: Extent) -> None:
        """Ignore it."""

    def note(self, message: str) -> None:
        """Ignore it."""


def searched(configuration_id: int, configuration: Configuration, stage: str, found: Summary) -> Candidate:
    """Return a configuration as a candidate for the best so far, in which training scores take no part."""
    return Candidate(
        id=configuration_id,
        configuration=configuration,
        stage=stage,
        n=found.n,
        mean=found.mean,
        std=found.std,
        se=found.se,
        train_mean=math.nan,
        train_std=None,
    )


def format_score(candidate: Candidate) -> str:
    """Return 'mean ± standard deviation (n=…)'."""
    spread = "" if candidate.std is None else f" ± {candidate.std:.4f}"
    return f"{candidate.mean:.4f}{spread} (n={candidate.n})"

"""What a worker tells while it works, to whoever shows it."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from regsearch.scoring import Summary
from regsearch.spec import Configuration
from storage.progress import SweepProgress
from sweeps.analysis.candidates import Candidate
from sweeps.config import SweepConfig
from sweeps.search.strategies import Extent

Reader = Callable[[], SweepProgress]  # raises StorageError where the database is away


class Progress:
    """What a worker tells about its work; whoever listens overrides a method.

    Example:
        >>> class Counted(regsearch.Progress):
        ...     trained = 0
        ...
        ...     def repeated(self):
        ...         self.trained += 1
        >>> regsearch.work("small", progress=Counted())
    """

    def watching(self, config: SweepConfig, read: Reader) -> AbstractContextManager[object]:
        """Work on a sweep begins, and ends with the context; `read` says how far it is, whoever works on it."""
        return nullcontext()

    def reached(self, extent: Extent) -> None:
        """The search is this far."""

    def started(self, label: str, repeats: int, done: int) -> None:
        """A configuration's repeats begin; some may be there already."""

    def repeated(self) -> None:
        """One repeat has ended."""

    def ended(self, label: str, candidate: Candidate | None, extent: Extent) -> None:
        """A configuration has all its repeats, None where it diverged; the search is this far."""

    def note(self, message: str) -> None:
        """Something worth a line has happened."""


class Silent(Progress):
    """Tells nothing."""


def searched(configuration_id: int, configuration: Configuration, stage: str, found: Summary) -> Candidate:
    """Return a configuration as a candidate for the best so far, in which training scores take no part."""
    known: dict[str, Any] = {"id": configuration_id, "configuration": configuration, "stage": stage} | vars(found)
    return Candidate(**known, train_mean=math.nan, train_std=None)


def format_score(candidate: Candidate) -> str:
    """Return 'mean ± standard deviation (n=…)'."""
    spread = "" if candidate.std is None else f" ± {candidate.std:.4f}"
    return f"{candidate.mean:.4f}{spread} (n={candidate.n})"

"""Readings of a sweep's progress, as if from a database."""

from typing import Any

from regsearch.errors import StorageError
from regsearch.spec import Configuration, Target
from storage.progress import Leader, LiveWorker, SweepProgress
from sweeps.runtime.progress import Source


class Readings:
    """Gives what it was set to; nothing makes it fail."""

    def __init__(self) -> None:
        self.now: SweepProgress | None = reading()

    def __call__(self) -> SweepProgress:
        if self.now is None:
            raise StorageError("the database is away")
        return self.now

    def source(self, *, greater_is_better: bool = True) -> Source:
        return Source(read=self, worker="here:1", metric="accuracy", greater_is_better=greater_is_better, repeats=10)


def reading(**known: Any) -> SweepProgress:
    nothing: dict[str, Any] = {"finished": 0, "repeats": 0, "open_repeats": 0, "leaders": (), "workers": ()}
    return SweepProgress(**nothing | known)


def leader(regularizer: Any, lambda_: float, *scores: float) -> Leader:
    configuration = Configuration.tied(regularizer, lambda_, Target())
    return Leader(id=1, configuration=configuration, stage="fine", scores=scores)


def worker(name: str, doing: str | None = None) -> LiveWorker:
    return LiveWorker(name=name, doing=doing)

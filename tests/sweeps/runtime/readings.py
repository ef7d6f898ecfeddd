"""Readings of a sweep's progress, as if from a database."""

from typing import Any

from regsearch.spec import Configuration, Target
from storage.progress import Leader, SweepProgress


def reading(**known: Any) -> SweepProgress:
    nothing: dict[str, Any] = {"finished": 0, "repeats": 0, "open_repeats": 0, "leaders": (), "workers": {}}
    return SweepProgress(**nothing | known)


def leader(regularizer: Any, lambda_: float, *scores: float) -> Leader:
    configuration = Configuration.tied(regularizer, lambda_, Target())
    return Leader(id=1, configuration=configuration, stage="fine", scores=scores)

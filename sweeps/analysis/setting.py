"""A sweep's winner as a setting to run again: scores, how certain they are, data and versions."""

from pathlib import Path
from typing import Any

import numpy as np

from regsearch.data import load
from regsearch.data.named import BUNDLED, GENERATED
from regsearch.fingerprint import array_digest
from regsearch.statistics.interval import t_interval
from sweeps.analysis.answer import Answer
from sweeps.analysis.candidates import Candidate, ranked
from sweeps.analysis.one_configuration_sweep import one_configuration_sweep
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.config import SweepConfig


def setting(answer: Answer, snapshot: SweepSnapshot, folder: Path) -> dict[str, Any]:
    """Return the winner and all that is known of it, ready for JSON.

    Its keys are those of `Answer.to_dict`, and `rank` among the configurations by mean, `interval` of the mean score
    over seeds at 95 %, `test_mean`, `versions`, `data`, and `sweep_file`: a sweep of this configuration alone, None
    where rows or the builder are in no file.

    Args:
        answer: it has a winner.
        snapshot: what it was made of.
        folder: where it is to be written, which paths are relative to.
    """
    winner = answer.winner
    order = [c.id for c in ranked(snapshot.candidates, greater_is_better=snapshot.config.greater_is_better)]
    return {
        **answer.to_dict(),
        "rank": order.index(winner.id) + 1 if winner.id in order else None,
        "interval": _interval(winner),
        "test_mean": _test_mean(snapshot, winner),
        "versions": dict(snapshot.versions),
        "data": _fingerprint(snapshot.config),
        "sweep_file": one_configuration_sweep(snapshot, winner, folder, _called(answer)),
    }


def _called(answer: Answer) -> str:
    """Return what sets the winner apart from others of the sweep, as part of a name: `best`, `one-se`, `rank-2`."""
    return answer.chosen.replace(" ", "-") or (answer.rule if answer.rule != "mean" else "best")


def _interval(winner: Candidate) -> list[float] | None:
    if winner.se is None:
        return None
    found = t_interval(winner.mean, winner.se**2, winner.n - 1)
    return [found.low, found.high]


def _test_mean(snapshot: SweepSnapshot, winner: Candidate) -> float | None:
    """Return the mean score on test rows; None where it was not confirmed."""
    scores = snapshot.details_of(winner).test_scores
    return float(np.mean(scores)) if len(scores) else None


def _fingerprint(config: SweepConfig) -> dict[str, Any]:
    """Return what tells these data from others: the SHA-256 of each file, or of the rows of a set that is in none."""
    source = config.data.source
    if source in GENERATED or source in BUNDLED:
        data = load(config.data_spec)
        return {"source": source, "x_sha256": array_digest(data.x), "y_sha256": array_digest(data.y)}
    return {"source": source, "files": {file: digest for file, digest in config.inputs.files.items() if digest}}

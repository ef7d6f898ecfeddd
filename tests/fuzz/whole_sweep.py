"""A sweep from its file to its answer: it ends, its results are those that it names, or one line says why not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import event

import storage
from regsearch.errors import RegsearchError
from sweeps.config import SweepConfig
from sweeps.run import run
from tests.fuzz.one_line import is_one_line

GRID: dict[str, dict[str, Any]] = {
    "training": {"epochs": 3},
    "search": {
        "strategy": "grid",
        "regularizers": ["none", "l2"],
        "lambda": {"low": 1e-2, "high": 1e-1},
        "targets": [{"layers": "all"}],
    },
}
CONFIGURATIONS = 3  # none, and l2 at two orders of magnitude


def assert_it_is_searched_or_told(config: SweepConfig, folder: Path, *, drawn: bool = False) -> None:
    """Run a sweep over GRID, and hold what it says against what it stored."""
    url = f"sqlite:///{folder}/fuzzed.db"
    try:
        found = run(config, storage=url, out=folder / "out" if drawn else None).answer
    except RegsearchError as error:
        assert is_one_line(str(error)), str(error)
        event(str(error)[-70:])
        return
    event(f"winner: {found.has_winner}")
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert all(is_one_line(warning["message"]) for warning in plain["warnings"])
    with storage.open(url) as results:
        searched = results.repeats(config.name, "search")
        trials = results.trials(config.name, columns=["regularizer", "mean", "state"])
    assert len(trials) + len(found.abandoned) >= CONFIGURATIONS
    assert_scores_hold(searched, config.evaluation.repeats)
    means = trials[trials.state == "complete"]["mean"].dropna()
    best = means.max() if config.greater_is_better else means.min()
    assert found.winner.mean == best
    assert (plain["mean"] == best) if found.has_winner else (plain["mean"] is None)


def assert_scores_hold(searched: pd.DataFrame, repeats: int) -> None:
    """Each training that ended well has scores; each other one has a reason."""
    well = searched[searched.status == "ok"]
    assert np.isfinite(well[["train_score", "validation_score"]].to_numpy(float)).all()
    assert searched[searched.status != "ok"].reason.astype(bool).all()
    assert (searched.groupby("configuration_id").size() <= repeats).all()

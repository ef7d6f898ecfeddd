"""8 processes, 200 cells, random delays, SIGKILLs and SIGSTOPs: every cell complete exactly once.

REGSEARCH_HERDS=5 runs it so often on each database.
"""

import os
import subprocess
import sys
from collections import Counter

import optuna
import pytest
from optuna.trial import TrialState

from tests.sweeps.samplers.coarse_to_fine import herd

HERDS = int(os.environ.get("REGSEARCH_HERDS", "1"))


def run(url: str, whose: str) -> list[optuna.trial.FrozenTrial]:
    """Let a herd loose on a new study, and return the trials that it left."""
    with herd.opened(url, new=True) as storage:
        optuna.create_study(study_name="herd", storage=storage)
        command = [sys.executable, "-m", herd.__name__, url, whose]
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * herd.LIMIT_S)
        assert done.returncode == 0, done.stderr
        assert done.stdout == "0 faults left, 0 workers crashed\n", done.stderr
        return optuna.load_study(study_name="herd", storage=storage).trials


def check(trials: list[optuna.trial.FrozenTrial], expected: list[dict], more: int) -> None:
    """Assert that every expected cell was completed exactly once, and so many more cells."""
    completed = Counter(tuple(trial.params.items()) for trial in trials if trial.state is TrialState.COMPLETE)
    assert [cell for cell in expected if tuple(cell.items()) not in completed] == [], "missing"
    assert {cell: count for cell, count in completed.items() if count > 1} == {}, "completed twice"
    assert len(completed) == len(expected) + more


@pytest.mark.parametrize("_", range(HERDS))
def test_every_cell_is_completed_exactly_once(database_url, _):
    trials = run(database_url, "ours")
    check(trials, herd.COARSE, herd.FINE)
    states = Counter(trial.state for trial in trials)
    assert states[TrialState.COMPLETE] == herd.CELLS == 200
    assert states[TrialState.FAIL] >= 5, "the faults met nobody at work"
    assert states[TrialState.RUNNING] == 0


def test_optunas_grid_sampler_does_not_pass(tmp_path):
    trials = run(f"sqlite:///{tmp_path}/study.db", "optuna")
    with pytest.raises(AssertionError, match=r"missing|completed twice"):
        check(trials, herd.FULL, 0)

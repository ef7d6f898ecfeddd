"""A snapshot is a few statements, on both databases, and all there is to an answer and its pictures."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import event

from regsearch.errors import UnknownSweep
from regsearch.results import PhaseResult, Scores, Surface
from sweeps.analysis.answer import answer
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.plots.pictures import draw_all
from tests.sweeps.plots.conftest import CURVE, norms
from tests.sweeps.tiny import NONE, Tiny, config, repeat, scheduled, tied

SURFACE = Surface(x1=np.float32([-1, 2]), x2=np.float32([-1, 1]), values=np.float32([[0, 1], [1, 0]]))


def phase(number):
    scores = Scores(score=0.9, loss=0.1)
    whole = {"epochs": 5 * (number + 1), "train": scores, "validation": scores, "weight_norms": ()}
    return PhaseResult(phase=number, coefficient=0.1 * number, surface=SURFACE, **whole)


@pytest.fixture
def finished(database_url):
    """A sweep that has all there can be: a best that is neither none nor the one of the rule one-se, and a schedule."""
    tiny = Tiny(database_url, config(training={"epochs": 10}))
    how = {"curve": CURVE, "norms": norms(3.0), "rows": [1, 0, 1]}
    for configuration, scores in ((NONE, (0.5, 0.5)), (tied("l2", 1e-3), (0.8, 1.0)), (tied("l2", 1e-2), (0.85, 0.85))):
        tiny.add(configuration, *(repeat(i, score, **how) for i, score in enumerate(scores)))
        tiny.add(configuration, repeat(0, 0.9, test_rows=[1, 0]), purpose="confirm")
    tiny.add(scheduled("rising", 0.1), replace(repeat(0, 0.7, **how), phases=(phase(0), phase(1))))
    failed = tiny.add(tied("l1", 1e-5), state="failed")
    tiny.records.add_failure(failed, "search", 0, reason="no room", worker="w")
    yield tiny
    tiny.close()


def test_an_answer_takes_at_most_8_statements_and_its_pictures_none(finished, tmp_path):
    statements = []
    event.listen(finished.results.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    snapshot = load_snapshot(finished.results, "tiny")
    found = [answer(snapshot), answer(snapshot, "one-se")]
    assert len(draw_all(snapshot, tmp_path)) == 18

    assert len(statements) <= 8
    assert sum("rs_leaderboard" in statement for statement in statements) == 1
    assert [each.winner.configuration for each in found] == [tied("l2", 1e-3), tied("l2", 1e-2)]
    assert all(each.against.test is not None for each in found)


def test_an_empty_sweep_is_a_snapshot_too(sweep):
    snapshot = sweep(config()).snapshot()
    assert (snapshot.name, snapshot.finished, snapshot.abandoned, snapshot.details) == ("tiny", (), (), {})
    assert snapshot.config == config()


def test_an_unknown_sweep(sweep):
    with pytest.raises(UnknownSweep, match="no sweep 'tin' in the database"):
        load_snapshot(sweep(config()).results, "tin")

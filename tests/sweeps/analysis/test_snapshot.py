"""What a snapshot says of a sweep's configurations."""

import pytest

from sweeps.analysis import snapshot_loader
from tests.sweeps.tiny import NONE, config, diverged, repeat, tied


def test_only_complete_configurations_of_the_search_are_candidates(sweep):
    tiny = sweep(config())
    kept = tiny.add(tied("l2", 1e-3), repeat(0, 0.4), repeat(1, 0.6))
    control = tiny.add(NONE, repeat(0, 1.0), stage="control")
    tiny.add(tied("l2", 1e-1), diverged(0), state="diverged")
    tiny.add(tied("l2", 1e-2), repeat(0, 1.0), state="open")
    tiny.add(tied("l2", 1e-5), repeat(0, 1.0), state="failed")
    snapshot = tiny.snapshot()
    (found,) = snapshot.candidates
    assert (found.id, found.configuration, found.stage, found.n) == (kept, tied("l2", 1e-3), "coarse", 2)
    assert (found.mean, found.std, found.se) == pytest.approx((0.5, 0.1 * 2**0.5, 0.1))
    assert (found.lambda_, found.train_mean, found.train_std) == (1e-3, 1.0, 0.0)
    assert [c.id for c in snapshot.finished] == [control, kept]
    assert snapshot.baseline == snapshot.finished[0]
    assert [str(one) for one in snapshot.abandoned] == ["l2 1e-5"]


def test_the_latest_failure_is_the_reason_of_what_was_abandoned(sweep):
    tiny = sweep(config())
    failed = tiny.add(tied("l2", 1e-5), state="failed")
    for reason in ("MemoryError: no room", "ValueError: no luck"):
        tiny.records.add_failure(failed, "search", 0, reason=reason, worker="w")
    assert [str(one) for one in tiny.snapshot().abandoned] == ["l2 1e-5 (ValueError: no luck)"]


def test_row_scores_are_those_of_the_search_or_the_confirmation(sweep):
    tiny = sweep(config())
    tiny.add(tied("l2", 1e-3), repeat(0, 0.5, rows=[1, 0]))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.5, rows=[0, 0], test_rows=[1, 1, 0]), purpose="confirm")
    snapshot = tiny.snapshot()
    (one,) = snapshot.candidates
    assert snapshot.row_scores(one, "validation")["score"].tolist() == [1, 0]
    assert snapshot.row_scores(one, "test")["score"].tolist() == [1, 1, 0]


def test_row_scores_that_were_not_loaded_are_no_empty_table(sweep, monkeypatch):
    monkeypatch.setattr(snapshot_loader, "MOST_COMPARED", 1)  # of the best, all others by name
    tiny = sweep(config())
    tiny.add(tied("l2", 1e-3), repeat(0, 0.9, rows=[1, 0]))
    tiny.add(tied("l1", 1e-2), repeat(0, 0.6, rows=[0, 1]))
    worse = tiny.add(tied("l1", 1e-3), repeat(0, 0.5, rows=[0, 1]))
    snapshot = tiny.snapshot()
    with pytest.raises(KeyError, match="row scores of l1 1e-3 were not loaded"):
        snapshot.row_scores(snapshot.candidates[2], "validation")
    snapshot = tiny.snapshot(worse)
    assert snapshot.row_scores(snapshot.candidates[2], "validation")["score"].tolist() == [0, 1]

"""The first trainings of a sweep: which, that none is trained twice, and what is told of them."""

from typing import Any

import pytest

from regsearch.spec import Configuration
from sweeps.analysis.candidates import CONTROL
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.runtime.checking import check_sweep
from sweeps.runtime.diagnosing import diagnose, diagnose_alone, first_trainings
from sweeps.runtime.progress import Progress
from sweeps.runtime.sweep import Sweep, register
from sweeps.runtime.worker import work
from tests.sweeps.made_up import Trainer
from tests.sweeps.small import COARSE, small
from tests.sweeps.tiny import NONE, tied


class Notes(Progress):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def stages(sweep: Sweep) -> dict[str, str]:
    return {str(c.configuration): c.stage for c in load_snapshot(sweep.results, sweep.name).finished}


def test_what_the_search_visits_anyway_is_trained_first() -> None:
    assert first_trainings(small()) == (NONE, tied("l2", 1e-2), tied("l2", 1e-1))
    assert first_trainings(small(search={"regularizers": ["l1"]}))[0] == NONE  # a confirmation needs it


@pytest.mark.parametrize(
    "search", [{"strategy": "tpe"}, {"strategy": "grid", "trials": 3}, {"regularizers": ["none", "early_stopping"]}]
)
def test_nothing_is_trained_that_the_search_may_leave_out(search: Any) -> None:
    assert first_trainings(small(search=search)) == (Configuration(),)


def test_nothing_is_trained_twice(database_url: str) -> None:
    trainer, notes = Trainer(), Notes()
    with register(small(search={"strategy": "grid"}), database_url) as sweep:
        found = diagnose(sweep, progress=notes, evaluate=trainer)
        assert found is not None and trainer.count == 3 * 3
        assert set(stages(sweep).values()) == {CONTROL} and not load_snapshot(sweep.results, "small").candidates
        assert [note.split(",")[0] for note in notes.notes] == ["Nothing overfits"]
        assert diagnose(sweep, progress=notes, evaluate=trainer) is None and len(notes.notes) == 1
        work(sweep, evaluate=trainer)
        assert trainer.count == 3 * COARSE
        assert stages(sweep) == dict.fromkeys(("no regularization", "l2 1e-1", "l2 1e-2", "l2 1e-3"), "grid")
        assert set(sweep.results.workers("small")["ended_at"].notna()) == {True}


def test_a_training_that_fails_leaves_it_to_the_search(database_url: str) -> None:
    notes = Notes()
    with register(small(), database_url) as sweep:
        assert diagnose(sweep, progress=notes, evaluate=Trainer(broken=1e-2)) is None
    assert notes.notes == ["no diagnosis: MemoryError: no room"]


def test_time_that_is_up_stops_it(database_url: str) -> None:
    trainer = Trainer()
    with register(small(search={"stop_after": "0.001s"}), database_url) as sweep:
        assert diagnose(sweep, evaluate=trainer) is None
        assert trainer.count <= 1


def test_it_can_be_had_without_a_database(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    config = small()
    found = diagnose_alone(config, check_sweep(config))
    assert found is not None and found.none is not None and found.strongest is not None
    assert list(tmp_path.iterdir()) == []

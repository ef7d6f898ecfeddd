"""When a sweep's note and figures are written, and by whom; trainings are made up."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from optuna_dashboard import get_note
from sqlalchemy import insert

from regsearch.errors import StorageError
from storage.tables import Workers
from sweeps.runtime.sweep import Sweep, create
from sweeps.runtime.worker import work
from sweeps.study_page import publish, published, publishing
from tests.sweeps.made_up import Trainer
from tests.sweeps.small import small

PATIENCE_S = 30.0


@pytest.fixture
def sweep(tmp_path: Path) -> Iterator[Sweep]:
    with create(small(), f"sqlite:///{tmp_path}/a.db") as opened:
        yield opened


def join(sweep: Sweep, name: str) -> int:
    """Make a worker of another machine known, and return its id."""
    now = datetime.now(UTC)
    values = {"sweep_id": sweep.id, "name": name, "host": "there", "pid": 1, "started_at": now, "heartbeat_at": now}
    with sweep.records.engine.begin() as connection:
        return connection.execute(insert(Workers).values(**values).returning(Workers.id)).scalar_one()


def test_it_is_published_while_the_work_goes_on_and_at_its_end(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    written, said = threading.Event(), list[str]()
    real = publishing.publish

    def told(*args: object) -> int:
        changed = real(*args)  # type: ignore[arg-type]
        written.set()
        return changed

    monkeypatch.setattr(publishing, "publish", told)
    monkeypatch.setattr(publishing, "WAIT_TIMES", 1)
    during = list[str]()

    def after(count: int) -> None:
        if count == 6:
            written.clear()
            assert written.wait(PATIENCE_S)
            during.append(get_note(sweep.study))

    with published(sweep, said.append, refresh_s=0.01):
        work(sweep, evaluate=Trainer(after))
    assert "configurations are finished" in during[0] and "Winner: l2 1e-2" not in during[0]
    assert "Winner: l2 1e-2" in get_note(sweep.study)
    assert said == []


def test_one_of_many_workers_does_it(sweep: Sweep) -> None:
    other = join(sweep, "there:1")
    with published(sweep, print):
        pass
    assert get_note(sweep.study) == ""
    sweep.records.leave(other)
    with published(sweep, print):
        pass
    assert get_note(sweep.study).startswith("# small: which regularization")


def test_what_goes_wrong_is_said_and_ends_nothing(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> int:
        raise StorageError("the database is away")

    monkeypatch.setattr(publishing, "publish", away)
    said = list[str]()
    with published(sweep, said.append):
        pass
    assert said == ["the dashboard's note and figures were not written: the database is away"]


def test_work_that_fails_is_not_published(sweep: Sweep) -> None:
    with pytest.raises(KeyboardInterrupt), published(sweep, print):
        raise KeyboardInterrupt
    assert get_note(sweep.study) == ""


def test_nothing_new_is_not_written_again(sweep: Sweep) -> None:
    assert publish(sweep) > 0
    assert publish(sweep) == 0

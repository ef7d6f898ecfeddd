"""How far sweeps are, as `status` tells it."""

import pytest

from regsearch.errors import UnknownSweep
from regsearch.spec import Configuration
from storage import resolve_url
from storage.liveness import Process
from sweeps.runtime.status import failures, status, workers
from sweeps.runtime.sweep import Sweep, register
from tests.sweeps.small import small


def registered(name: str, url: str) -> Sweep:
    config = small(search={"strategy": "grid"}).model_copy(update={"name": name})
    return register(config, resolve_url(url))


def test_one_row_per_sweep_with_who_lives(database_url: str) -> None:
    with registered("one", database_url) as one, registered("two", database_url) as two:
        living, gone, idle = (one.records.join(one.id, Process("host", "", "", pid, "")) for pid in (1, 2, 3))
        one.records.beat(living, "coarse l2 1e-3")
        one.records.leave(gone)
        one.records.beat(idle)
        assert status(one.results).to_dict("records") == [
            {"sweep": "one", "configurations": 0, "complete": 0, "repeats": 0, "workers": 2, "doing": "coarse l2 1e-3"},
            {"sweep": "two", "configurations": 0, "complete": 0, "repeats": 0, "workers": 0, "doing": ""},
        ]
        assert list(status(two.results, "two")["sweep"]) == ["two"]
        at_work = workers(one.results, "one")
        assert list(at_work) == ["worker", "host", "last_heard_of", "doing"]
        assert at_work["worker"].tolist() == ["host:1", "host:3"]


def test_an_unknown_sweep_is_named(database_url: str) -> None:
    with registered("moons", database_url) as sweep, pytest.raises(UnknownSweep, match=r"name: no sweep 'mons'.*moons"):
        status(sweep.results, "mons")


def test_failures_are_counted_by_reason(database_url: str) -> None:
    with registered("one", database_url) as sweep:
        assert failures(sweep.results, "one").empty
        id_ = sweep.register(Configuration(), "grid")
        for repeat, reason in enumerate(["no room", "it hung", "it hung"]):
            sweep.records.add_failure(id_, "search", repeat, reason=reason, worker="w")
        found = failures(sweep.results, "one")
        assert found[["reason", "times"]].values.tolist() == [["it hung", 2], ["no room", 1]]
        assert found["last_at"][0] == sweep.results.failures("one")["at"].max()

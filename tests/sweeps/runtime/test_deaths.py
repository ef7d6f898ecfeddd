"""Workers that hang, and what ending them counts for, on both databases; cells and trials of Optuna's."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage import resolve_url
from storage.liveness import Process
from sweeps.config import SweepConfig
from sweeps.runtime.deaths import START_S, overdue, record_death
from sweeps.runtime.optuna_storage import PROCESS
from sweeps.runtime.sweep import Sweep, open_sweep, register
from sweeps.runtime.trial_source import Job
from sweeps.runtime.trial_sources import source_of
from sweeps.search.space import suggest
from tests.sweeps.small import small


def timed(strategy: str) -> SweepConfig:
    trials = {} if strategy == "grid" else {"trials": 5}
    return small(search={"strategy": strategy} | trials, training={"timeout": "10s"})  # and 3 repeats


def begin(sweep: Sweep, process: Process) -> None:
    """Let a process begin with a configuration."""
    if sweep.strategy.name == "grid":
        assert isinstance(source_of(sweep, sweep.records.join(sweep.id, process)).next(), Job)
        return
    trial = sweep.ask()
    suggest(trial, sweep.config)
    trial.set_user_attr(PROCESS, str(process))


@pytest.mark.parametrize("strategy", ["grid", "tpe"])
def test_a_trial_that_takes_longer_than_all_its_repeats_may_is_overdue(database_url: str, strategy: str) -> None:
    with register(timed(strategy), resolve_url(database_url)) as sweep:
        begun = datetime.now(UTC)
        assert overdue(sweep, os.getpid(), begun + timedelta(days=1)) == ""  # it evaluates nothing
        begin(sweep, Process.this())
        soon, late = (begun + timedelta(seconds=START_S + s) for s in (29, 39))
        assert overdue(sweep, os.getpid(), soon) == ""
        assert overdue(sweep, os.getpid(), late) == "its 3 trainings have not ended, each within training.timeout, 10 s"
        assert overdue(sweep, os.getpid() + 1, late) == ""
        assert overdue(replace(sweep, config=small()), os.getpid(), late) == ""


@pytest.mark.parametrize("strategy", ["grid", "tpe"])
def test_a_process_that_was_killed_counts_a_failure_where_it_hung_and_else_none(
    database_url: str, strategy: str
) -> None:
    url = resolve_url(database_url)
    with (
        register(timed(strategy), url) as sweep,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as gone,
    ):
        gone.kill()
        gone.wait()
        for why in ("", "it hung"):
            begin(sweep, replace(Process.this(), pid=gone.pid, started="0"))
            with open_sweep("small", url) as supervisor:
                doing = record_death(supervisor, gone.pid, -9, why)
                assert (doing != "", len(supervisor.results.failures("small"))) == (True, bool(why))
                assert record_death(supervisor, gone.pid, -9, why) == ""  # it holds nothing any more
        assert sweep.results.failures("small")["reason"].tolist() == ["it hung"]

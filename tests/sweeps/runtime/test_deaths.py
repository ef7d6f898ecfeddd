"""Workers that hang, and what ending them counts for, on both databases."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta

from optuna.trial import TrialState

from storage import resolve_url
from storage.liveness import Process
from sweeps.runtime.deaths import START_S, overdue, record_death
from sweeps.runtime.optuna_storage import PROCESS
from sweeps.runtime.sweep import open_sweep, register
from sweeps.search.space import suggest
from tests.sweeps.small import small

TIMED = small(search={"strategy": "grid"}, training={"timeout": "10s"})  # and 3 repeats


def test_a_trial_that_takes_longer_than_all_its_repeats_may_is_overdue(database_url: str) -> None:
    with register(TIMED, resolve_url(database_url)) as sweep:
        assert overdue(sweep, os.getpid(), datetime.max) == ""  # it evaluates nothing
        sweep.ask()
        begun = datetime.now()
        soon, late = (begun + timedelta(seconds=START_S + s) for s in (29, 31))
        assert overdue(sweep, os.getpid(), soon) == ""
        assert overdue(sweep, os.getpid(), late) == "its 3 trainings have not ended, each within training.timeout, 10 s"
        assert overdue(sweep, os.getpid() + 1, late) == ""
        assert overdue(replace(sweep, config=small()), os.getpid(), late) == ""


def test_a_process_that_was_killed_counts_a_failure_where_it_hung_and_else_none(database_url: str) -> None:
    url = resolve_url(database_url)
    with (
        register(TIMED, url) as sweep,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as gone,
    ):
        told = Process.this()
        gone.kill()
        gone.wait()
        for why in ("", "it hung"):
            trial = sweep.ask()
            suggest(trial, sweep.config)
            trial.set_user_attr(PROCESS, str(replace(told, pid=gone.pid, started="0")))
            with open_sweep("small", url) as supervisor:
                doing = record_death(supervisor, gone.pid, -9, why)
                assert (doing != "", len(supervisor.results.failures("small"))) == (True, bool(why))
            assert sweep.study.get_trials()[trial.number].state is TrialState.FAIL
        assert sweep.results.failures("small")["reason"].tolist() == ["it hung"]

"""Real workers under a supervisor: one that a configuration kills, one killed from outside, and an orphan."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from storage.queries import open as open_results
from sweeps.config.toml_file import load
from sweeps.runtime.deaths import has_died, how_it_ended
from sweeps.runtime.sweep import register
from tests.sweeps.small import TOML

METRIC = """
import os
import numpy as np

def score(y, prediction):
    if 0 < np.ptp(prediction) < 0.18:  # with λ = 1 it is 0.14 to 0.15, with others 0.22 and more; of a constant 0
        os.abort()
    return float(np.mean((prediction > 0.5) == y))
"""
LIMIT_S = 240


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "metric.py").write_text(METRIC)
    training = 'epochs = 30\nengine = "graph"\noptimizer = "sgd"\nlearning_rate = 0.1'
    sweep = TOML.replace("epochs = 60", training).replace("{ low = 1e-3, high = 1e-1 }", "{ low = 1e-2, high = 1.0 }")
    sweep = sweep.replace("[search]", '[search]\nstrategy = "grid"') + 'metric = "metric.py:score"\n'
    (tmp_path / "small.toml").write_text(sweep)
    register(load(str(tmp_path / "small.toml")), f"sqlite:///{tmp_path}/regsearch.db").close()
    return tmp_path


def command(folder: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "sweeps", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_configuration_that_kills_its_worker_is_abandoned_and_all_others_complete(folder: Path) -> None:
    process = command(folder, "launch", "small", "--workers", "1")
    said, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, said
    assert said.count("ended by SIGABRT in l2 1e0; started again as") == 3
    with open_results(f"sqlite:///{folder}/regsearch.db") as results:
        states = results.leaderboard("small").set_index("lambda_l2")["state"].to_dict()
        reasons = results.sql("SELECT reason FROM rs_failures")["reason"].tolist()
    assert states == {0.0: "complete", 1e-2: "complete", 1e-1: "complete", 1.0: "failed"}
    assert reasons == ["its process ended by SIGABRT"] * 3


def test_workers_end_when_their_supervisor_is_killed(folder: Path) -> None:
    supervisor = command(folder, "launch", "small", "--workers", "2")
    said = supervisor.stdout.readline()
    workers = [int(pid) for pid in said.partition("processes ")[2].split(", ")]
    assert len(workers) == 2 and all(map(_runs, workers)), said
    supervisor.kill()
    supervisor.wait()
    deadline = time.monotonic() + 30
    while any(map(_runs, workers)) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert not any(map(_runs, workers))
    supervisor.stdout.close()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("code", "said", "died"),
    [
        (-signal.SIGKILL, "ended by SIGKILL", True),
        (-signal.SIGSEGV, "ended by SIGSEGV", True),
        (7, "exited with code 7", True),
        (-signal.SIGTERM, "ended by SIGTERM", False),  # somebody asked for it
        (130, "exited with code 130", False),
        (1, "exited with code 1", False),  # and said why
        (0, "exited with code 0", False),
    ],
)
def test_how_a_worker_ended(code: int, said: str, died: bool) -> None:
    assert (how_it_ended(code), has_died(code)) == (said, died)

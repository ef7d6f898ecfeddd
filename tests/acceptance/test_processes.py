"""The processes of a sweep: stopped by Ctrl-C, killed, several that share it, and those that `run` starts."""

import signal
import time
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

import regsearch as public
import storage
from regsearch.errors import StorageURLError
from sweeps.config.toml_file import parse
from tests.acceptance.command import LIMIT_S, called, started
from tests.sweeps.small import TOML

LONG = TOML.replace("epochs = 60", "epochs = 10000")  # a tenth of a second or so a training


def wait_until(happened: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    deadline = time.monotonic() + limit_s
    while not happened():
        assert time.monotonic() < deadline, f"waited {limit_s} s in vain until {what}"
        time.sleep(0.05)


def repeats(url: str) -> int:
    try:
        with storage.open(url) as results:
            return int(results.sql("SELECT count(*) AS n FROM rs_repeats")["n"].iloc[0])
    except StorageURLError:  # not made yet
        return 0


def first_at_work(url: str) -> int:
    """The process that recorded the first repeat."""
    with storage.open(url) as results:
        workers = results.sql("SELECT pid FROM rs_workers w JOIN rs_repeats r ON r.worker = w.name ORDER BY r.id")
        return int(workers["pid"].iloc[0])


def leaderboard(url: str) -> str:
    """What a sweep found, but for when and by whom."""
    with storage.open(url) as results:
        board = results.leaderboard("small").sort_values("key")
        curves = results.curves("small").drop(columns="configuration_id")
        norms = results.weight_norms("small").drop(columns="configuration_id")
        order = list(curves.columns)
        text: str = board[["key", "stage", "n", "mean", "std", "se", "train_mean", "state"]].to_csv(index=False)
        return text + curves.sort_values(order).to_csv(index=False) + norms.sort_values(list(norms)).to_csv(index=False)


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(LONG)
    url = f"sqlite:///{tmp_path}/a.db"
    call = ("run", "sweep.toml", "--storage", url)
    with started(*call, cwd=tmp_path) as running:
        wait_until(lambda: repeats(url) >= 4 or running.poll() is not None, "four repeats are recorded")
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert said.splitlines()[-1] == "regsearch: stopped; the same command goes on from here"
    assert "Traceback" not in said
    before = repeats(url)
    with storage.open(url) as results:
        kept = results.repeats("small")[["repeat_id", "finished_at"]]
    again = called(*call, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    with storage.open(url) as results:
        assert results.repeats("small").merge(kept).shape[0] == before  # none was trained again
        assert set(results.leaderboard("small")["n"]) == {3}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one process finds in the LONG sweep, from Python."""
    url = f"sqlite:///{tmp_path_factory.mktemp('alone')}/a.db"
    public.run(parse(tomllib.loads(LONG)), storage=url)
    return leaderboard(url)


def test_workers_share_a_sweep_one_is_killed_the_numbers_stay(database_url: str, tmp_path: Path, alone: str) -> None:
    (tmp_path / "sweep.toml").write_text(LONG)
    assert called("create", "sweep.toml", cwd=tmp_path, REGSEARCH_STORAGE=database_url).returncode == 0
    with ExitStack() as ending:
        each = [started("worker", "small", cwd=tmp_path, REGSEARCH_STORAGE=database_url) for _ in range(2)]
        workers = [ending.enter_context(one) for one in each]
        wait_until(lambda: repeats(database_url) >= 6, "six repeats are recorded")
        first = first_at_work(database_url)
        workers.sort(key=lambda worker: worker.pid != first)
        workers[0].kill()
        third = called("worker", "small", cwd=tmp_path, REGSEARCH_STORAGE=database_url)
        said = [worker.communicate(timeout=LIMIT_S)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, 0], said
    assert third.returncode == 0, third.stderr
    with storage.open(database_url) as results:
        assert results.repeats("small")["worker"].nunique() >= 2
    assert leaderboard(database_url) == alone


def test_workers_are_started_and_ended_by_run(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(TOML)
    url = f"sqlite:///{tmp_path}/a.db"
    done = called("run", "sweep.toml", "--storage", url, "--workers", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with storage.open(url) as results:
        workers = results.workers("small")
        assert workers["name"].nunique() == 2 and workers["ended_at"].notna().all()  # one diagnosed before

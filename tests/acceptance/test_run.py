"""The main job as its users meet it: processes, signals, both databases, files."""

import json
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import storage
from tests.acceptance.command import LIMIT_S, regsearch, start
from tests.sweeps.small import COARSE, TOML

LONG = TOML.replace("epochs = 60", "epochs = 20000")  # a tenth of a second or so a training


def wait_until(happened: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    deadline = time.monotonic() + limit_s
    while not happened():
        assert time.monotonic() < deadline, f"waited {limit_s} s in vain until {what}"
        time.sleep(0.05)


def repeats(url: str) -> int:
    try:
        with storage.open(url) as results:
            return int(results.sql("SELECT count(*) AS n FROM rs_repeats")["n"].iloc[0])
    except storage.StorageURLError:  # not made yet
        return 0


def leaderboard(url: str) -> str:
    """What a sweep found, but for when and by whom."""
    with storage.open(url) as results:
        board = results.leaderboard("small").sort_values("key")
        curves = results.curves("small").drop(columns="configuration_id")
        norms = results.weight_norms("small").drop(columns="configuration_id")
        order = list(curves.columns)
        text: str = board[["key", "stage", "n", "mean", "std", "se", "train_mean", "state"]].to_csv(index=False)
        return text + curves.sort_values(order).to_csv(index=False) + norms.sort_values(list(norms)).to_csv(index=False)


def test_from_nothing_to_an_answer_and_nothing_trained_twice(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(TOML)
    call = ("run", "sweep.toml", "--out", "found")
    first = regsearch(*call, cwd=tmp_path, REGSEARCH_STORAGE=database_url)
    assert first.returncode == 0, first.stderr
    for heading in ("Best order of magnitude: ", "Winner: ", "against no regularization", "Weight norms", "Written: "):
        assert heading in first.stdout
    assert re.search(r"On the 70 validation rows: [+-]0\.\d{4} accuracy.*by the seeds.*by which", first.stdout, re.S)
    assert re.search(r"On the 200 test rows: [+-]0\.\d{4} accuracy", first.stdout)
    line = r"^\[1/\d+\] coarse no regularization: 0\.\d{4} ± 0\.\d{4} \(n=3\); best .* left$"
    assert re.search(line, first.stderr, re.M)
    assert "Traceback" not in first.stderr and "tensorflow" not in first.stderr.lower()
    trained = repeats(database_url)
    second = regsearch(*call, cwd=tmp_path, REGSEARCH_STORAGE=database_url)
    assert second.returncode == 0 and second.stdout == first.stdout
    assert repeats(database_url) == trained

    written = {p.name for p in (tmp_path / "found").iterdir()}
    names = ("data", "learning_curves", "lambda", "weight_norms")
    pictures = {f"{name}.{kind}" for name in names for kind in ("png", "svg")}
    assert written == {"best.toml", "best.json"} | pictures
    best = json.loads((tmp_path / "found" / "best.json").read_text())
    toml = tomllib.loads((tmp_path / "found" / "best.toml").read_text())
    assert toml["regularizer"] == best["regularizer"] and toml["mean"] == best["mean"]
    said = regsearch("best", "small", "--format", "json", cwd=tmp_path, REGSEARCH_STORAGE=database_url)
    assert json.loads(said.stdout) == best
    assert best.keys() >= {"regularizer", "lambda", "mean", "std", "se", "n", "stage"}


def test_every_number_printed_is_in_the_database(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(TOML)
    url = f"sqlite:///{tmp_path}/a.db"
    done = regsearch("run", "sweep.toml", "--storage", url, cwd=tmp_path)
    printed = set(re.findall(r"(?<![\w.-])\d\.\d{4}\b", done.stdout))
    with storage.open(url) as results:
        board, confirmed = results.leaderboard("small"), results.repeats("small", "confirm")
        test = confirmed.groupby("configuration_id")["test_score"].agg(["mean", "std"])
        compared = results.comparisons("small")
    known = [board["mean"], board["std"], board["train_mean"], board["train_std"], test["mean"], test["std"]]
    known += [compared[c].abs() for c in ("difference", "se_seed", "se_rows", "se")] + [1.96 * compared["se"]]
    assert len(printed) > 10
    assert printed <= {f"{value:.4f}" for column in known for value in column.dropna()} | {"0.0000"}


def test_trials_and_query_answer_from_the_database(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(TOML.replace("repeats = 3", "repeats = 1"))
    url = f"sqlite:///{tmp_path}/a.db"
    assert regsearch("run", "sweep.toml", "--storage", url, cwd=tmp_path).returncode == 0
    rows = json.loads(regsearch("trials", "small", "--format", "json", "--storage", url, cwd=tmp_path).stdout)
    assert len(rows) >= COARSE + 8
    assert all(row.keys() >= {"regularizer", "lambda", "mean", "std", "se", "n", "stage"} for row in rows)
    none = next(row for row in rows if row["regularizer"] == "none")
    assert none["lambda"] is None and none["std"] is None and none["se"] is None and none["n"] == 1
    best = json.loads(regsearch("best", "small", "--format", "json", "--storage", url, cwd=tmp_path).stdout)
    assert best["mean"] == max(row["mean"] for row in rows)
    sql = "SELECT count(*) AS n, max(mean) AS top FROM rs_leaderboard WHERE sweep = 'small'"
    asked = json.loads(regsearch("query", sql, "--format", "json", "--storage", url, cwd=tmp_path).stdout)
    assert asked == [{"n": len(rows), "top": best["mean"]}]
    exported = regsearch("export", "small", "--to", "best.toml", "--storage", url, cwd=tmp_path)
    assert exported.returncode == 0
    assert tomllib.loads((tmp_path / "best.toml").read_text())["regularizer"] == best["regularizer"]
    status = json.loads(regsearch("status", "--format", "json", "--storage", url, cwd=tmp_path).stdout)
    assert status[0]["complete"] == len(rows) and status[0]["workers"] == 0


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(LONG)
    url = f"sqlite:///{tmp_path}/a.db"
    call = ("run", "sweep.toml", "--storage", url)
    running = start(*call, cwd=tmp_path)
    try:
        wait_until(lambda: repeats(url) >= 4 or running.poll() is not None, "four repeats are recorded")
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 130, said
    assert said.splitlines()[-1] == "regsearch: stopped; the same command goes on from here"
    assert "Traceback" not in said
    before = repeats(url)
    with storage.open(url) as results:
        kept = results.repeats("small")[["repeat_id", "finished_at"]]
    again = regsearch(*call, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    with storage.open(url) as results:
        assert results.repeats("small").merge(kept).shape[0] == before  # none was trained again
        assert set(results.leaderboard("small")["n"]) == {3}


def test_three_workers_share_a_sweep_one_is_killed_the_numbers_stay(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(LONG)
    assert regsearch("create", "sweep.toml", cwd=tmp_path, REGSEARCH_STORAGE=database_url).returncode == 0
    workers = [start("worker", "small", cwd=tmp_path, REGSEARCH_STORAGE=database_url) for _ in range(3)]
    try:
        wait_until(lambda: repeats(database_url) >= 6, "six repeats are recorded")
        workers[0].kill()
        said = [worker.communicate(timeout=LIMIT_S)[1] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, 0, 0], said
    with storage.open(database_url) as results:
        by = results.repeats("small")["worker"].nunique()
    assert by >= 2
    alone = f"sqlite:///{tmp_path}/alone.db"
    assert regsearch("run", "sweep.toml", "--storage", alone, cwd=tmp_path).returncode == 0
    assert leaderboard(database_url) == leaderboard(alone)


def test_workers_are_started_and_ended_by_run(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(TOML)
    url = f"sqlite:///{tmp_path}/a.db"
    done = regsearch("run", "sweep.toml", "--storage", url, "--workers", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with storage.open(url) as results:
        workers = results.workers("small")
        assert len(workers) == 2 and workers["ended_at"].notna().all()


@pytest.mark.parametrize("strategy", ["random", "tpe"])
def test_strategies_by_name(strategy: str, tmp_path: Path) -> None:
    text = TOML.replace("[search]\n", f'[search]\nstrategy = "{strategy}"\ntrials = 6\n')
    (tmp_path / "sweep.toml").write_text(text)
    url = f"sqlite:///{tmp_path}/a.db"
    done = regsearch("run", "sweep.toml", "--storage", url, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"Configurations ({strategy})" in done.stdout and "Winner: " in done.stdout
    with storage.open(url) as results:
        assert len(results.sql("SELECT number FROM rs_trials")) == 6
        assert set(results.leaderboard("small")["stage"]) <= {strategy, "control"}


def test_dashboard_shows_the_sweep(database_url: str, tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "sweep.toml").write_text(TOML.replace("repeats = 3", "repeats = 1"))
    assert regsearch("run", "sweep.toml", cwd=tmp_path, REGSEARCH_STORAGE=database_url).returncode == 0
    serving = start("dashboard", "--port", "0", cwd=tmp_path, REGSEARCH_STORAGE=database_url)
    try:
        assert serving.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/dashboard/", serving.stderr.readline())
        assert address is not None
        page = browser.new_page()
        page.goto(address[0])
        page.get_by_text("small").first.click()
        page.get_by_text("Best Trial").first.wait_for()
        body = page.locator("body").inner_text()
        assert "regularizer" in body and "lambda" in body
        refused = page.request.delete(address[0].replace("/dashboard/", "/api/studies/1"))
        assert refused.status == 403
        page.close()
    finally:
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=30)
    assert serving.returncode == 130


def test_help_and_answers_load_no_more_than_they_need(tmp_path: Path) -> None:
    def loaded(*args: str) -> set[str]:
        watched = "tensorflow", "keras", "optuna", "pandas", "sqlalchemy", "matplotlib", "sklearn"
        code = (
            "import sys; from sweeps import cli; sys.argv = ['regsearch', *sys.argv[1:]]\n"
            "try: cli.main()\n"
            f"finally: print(*[m for m in {watched!r} if m in sys.modules], file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code, *args], cwd=tmp_path, capture_output=True, text=True)
        return set(done.stderr.splitlines()[-1].split()) if done.stderr.strip() else set()

    (tmp_path / "sweep.toml").write_text(TOML.replace("repeats = 3", "repeats = 1"))
    assert regsearch("run", "sweep.toml", cwd=tmp_path).returncode == 0
    assert loaded("--help") == set()
    for command in (["trials", "small"], ["best", "small"], ["status", "small"]):
        assert not loaded(*command) & {"tensorflow", "keras", "optuna", "matplotlib", "sklearn"}

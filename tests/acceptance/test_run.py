"""The main job as its users meet it: one command, what it prints and writes, and the commands that ask for more."""

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

import storage
from tests.acceptance.command import called, regsearch, started
from tests.postgres import PostgresServer
from tests.sweeps.small import COARSE, TOML

SQLITE = pytest.mark.parametrize("finished", ["sqlite"], indirect=True)  # what no database changes


def repeats(url: str) -> int:
    with storage.open(url) as results:
        return int(results.sql("SELECT count(*) AS n FROM rs_repeats")["n"].iloc[0])


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A sweep that was run once, by its command, and what that printed."""

    folder: Path
    url: str
    stdout: str
    stderr: str
    repeats: int
    same_again: Callable[[], "subprocess.CompletedProcess[str]"]

    def regsearch(self, *args: str) -> "subprocess.CompletedProcess[str]":
        return called(*args, cwd=self.folder, REGSEARCH_STORAGE=self.url)

    def json(self, *args: str) -> Any:
        done = self.regsearch(*args, "--format", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The command is a process of its own on SQLite; what it says on Postgres is the same."""
    folder = tmp_path_factory.mktemp("finished")
    url, command = f"sqlite:///{folder}/results.db", regsearch
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url, command = server.url(server.new_database()), called
    (folder / "sweep.toml").write_text(TOML)
    run = partial(command, "run", "sweep.toml", "--out", "found", cwd=folder, REGSEARCH_STORAGE=url)
    done = run()
    assert done.returncode == 0, done.stderr
    return Finished(
        folder=folder, url=url, stdout=done.stdout, stderr=done.stderr, repeats=repeats(url), same_again=run
    )


def test_from_nothing_to_an_answer(finished: Finished) -> None:
    for heading in ("Best order of magnitude: ", "Winner: ", "against no regularization", "Weight norms", "Written: "):
        assert heading in finished.stdout
    assert re.search(r"On the 70 validation rows: [+-]0\.\d{4} accuracy.*by the seeds.*by which", finished.stdout, re.S)
    assert re.search(r"On the 200 test rows: [+-]0\.\d{4} accuracy", finished.stdout)
    score = r"0\.\d{4} ± 0\.\d{4} \(n=3\)"
    line = rf"^\[1/\d+\] coarse no regularization: ({score}); best coarse no regularization \1(, about .* left)?$"
    assert re.search(line, finished.stderr, re.M)
    assert "Traceback" not in finished.stderr and "tensorflow" not in finished.stderr.lower()


def test_a_second_run_trains_nothing_and_says_the_same(finished: Finished) -> None:
    again = finished.same_again()
    assert (again.returncode, again.stdout) == (0, finished.stdout)
    assert repeats(finished.url) == finished.repeats


def test_pictures_and_the_best_configuration_are_written(finished: Finished) -> None:
    names = ("comparison", "data", "learning_curves", "lambda", "gap", "repeats", "weight_norms", "layer_norms")
    pictures = {f"{name}.{kind}" for name in names for kind in ("png", "svg")}
    assert {p.name for p in (finished.folder / "found").iterdir()} == {"best.toml", "best.json"} | pictures
    best = json.loads((finished.folder / "found" / "best.json").read_text())
    toml = tomllib.loads((finished.folder / "found" / "best.toml").read_text())
    assert toml["regularizer"] == best["regularizer"] and toml["mean"] == best["mean"]
    assert finished.json("best", "small").items() <= best.items()
    assert best.keys() >= {"regularizer", "lambda", "mean", "std", "se", "n", "stage"}


def test_every_number_printed_is_in_the_database(finished: Finished) -> None:
    printed = set(re.findall(r"(?<![\w.-])\d\.\d{4}\b", finished.stdout))
    with storage.open(finished.url) as results:
        board, confirmed = results.leaderboard("small"), results.repeats("small", "confirm")
        test = confirmed.groupby("configuration_id")["test_score"].agg(["mean", "std"])
        compared, norms = results.comparisons("small"), results.weight_norms("small")
        best = finished.json("best", "small")
    known = [board["mean"], board["std"], board["train_mean"], board["train_std"], test["mean"], test["std"]]
    known += [compared[c].abs() for c in ("difference", "se_seed", "se_rows")]
    in_database = {f"{value:.4f}" for column in known for value in column.dropna()}
    against = best["against_none"]  # intervals and optimism are made of row scores
    made = [*against["validation"]["interval"], *against["test"]["interval"], *against["optimism"].values()]
    diagnosis = best["diagnosis"]
    made += [diagnosis["gap"], *diagnosis["interval"]]
    assert len(printed) > 10
    assert printed <= in_database | {f"{abs(value):.4f}" for value in made}
    printed_norms = set(re.findall(r"(?<![\w.-])\d+\.\d{3}\b", finished.stdout.partition("Weight norms")[2]))
    means = norms.groupby(["configuration_id", "layer", "weight"])[["l2_before", "l2_after"]].mean()
    assert len(printed_norms) > 5
    assert printed_norms <= {f"{value:.3f}" for column in means for value in means[column]}


def test_trials_query_status_and_export_answer_from_the_database(finished: Finished) -> None:
    rows = finished.json("trials", "small")
    assert len(rows) >= COARSE + 8
    assert all(row.keys() >= {"regularizer", "lambda", "mean", "std", "se", "n", "stage"} for row in rows)
    none = next(row for row in rows if row["regularizer"] == "none")
    assert none["lambda"] is None and none["n"] == 3
    best = finished.json("best", "small")
    assert best["mean"] == max(row["mean"] for row in rows)
    sql = "SELECT count(*) AS n, max(mean) AS top FROM rs_leaderboard WHERE sweep = 'small'"
    assert finished.json("query", sql) == [{"n": len(rows), "top": best["mean"]}]
    for name in ("best.toml", "best.json", "best.py"):
        assert finished.regsearch("export", "small", "--to", name).stdout == f"{name}\n"
    assert tomllib.loads((finished.folder / "best.toml").read_text())["regularizer"] == best["regularizer"]
    assert json.loads((finished.folder / "best.json").read_text()).items() >= best.items()
    status = finished.json("status")[0]
    assert (status["sweep"], status["complete"], status["workers"]) == ("small", len(rows), 0)


@SQLITE
def test_dashboard_shows_the_sweep(finished: Finished, browser: Browser) -> None:
    with started("dashboard", "--port", "0", cwd=finished.folder, REGSEARCH_STORAGE=finished.url) as serving:
        assert serving.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/dashboard/", serving.stderr.readline())
        assert address is not None
        page = browser.new_page()
        page.goto(address[0])
        page.get_by_text("small").first.click()
        page.get_by_text("Params = [regularizer: ").first.wait_for()
        page.get_by_text("mean validation accuracy").first.wait_for()
        refused = page.request.delete(address[0].replace("/dashboard/", "/api/studies/1"))
        assert refused.status == 403
        page.close()
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=60)
    assert serving.returncode == 0


@SQLITE
def test_help_and_answers_load_no_more_than_they_need(finished: Finished) -> None:
    watched = "tensorflow", "keras", "optuna", "pandas", "sqlalchemy", "matplotlib", "sklearn"
    code = (
        "import sys; from sweeps.cli import main\n"
        "try: main.main()\n"
        f"finally: print('loaded', *[m for m in {watched!r} if m in sys.modules], file=sys.stderr)"
    )

    def loaded(*args: str) -> set[str]:
        environment = os.environ | {"REGSEARCH_STORAGE": finished.url}
        done = subprocess.run([sys.executable, "-c", code, *args], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return set(done.stderr.splitlines()[-1].split()) - {"loaded"}

    assert loaded("--help") == set()
    for command in (["trials", "small"], ["best", "small"], ["status", "small"]):
        assert loaded(*command) == {"pandas", "sqlalchemy"}


def test_a_strategy_by_name_within_its_budget_without_a_word_beside_the_answer(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(TOML)
    url = f"sqlite:///{tmp_path}/a.db"
    keys = ("--set", "search.strategy=cmaes", "--set", "search.trainings = 20")  # 6 times 3, and 2 to spare
    done = regsearch("run", "sweep.toml", "--storage", url, *keys, "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Configurations (cmaes)" in done.stdout and "Winner: " in done.stdout
    with storage.open(url) as results:
        assert len(results.sql("SELECT number FROM rs_trials")) == 6
        searched = results.sweep("small").config["search"]
        assert (searched["strategy"], searched["trainings"]) == ("cmaes", 20)
        assert set(results.leaderboard("small")["stage"]) <= {"cmaes", "control"}

"""A race over workers that come, wait and are killed: the same as over one. Trainings are made up."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from regsearch.results import Repeat, RowScores
from regsearch.spec import TrialSpec
from storage import resolve_url
from sweeps.analysis.answer import answer
from sweeps.analysis.report import describe_limits
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.plots import lambdas
from sweeps.runtime.sweep import open_sweep, register
from sweeps.runtime.worker import work
from tests.storage.builders import norm, repeat
from tests.sweeps.small import small

RACE = small(
    search={"regularizers": ["none", "l1", "l2"], "lambda": {"low": 1e-4, "high": 1e-1}},
    evaluation={"repeats": 10, "racing": True, "resample": True},  # on a fixed split rows may end it earlier
)
MOST = 100  # repeats that are there when the last worker is killed
CELLS = "SELECT key, stage, state, repeats, value FROM rs_cells ORDER BY position"
ROWS = np.arange(2, dtype=np.uint32)


def evaluate(spec: TrialSpec, seeds: Mapping[int, int], **_how: object) -> Iterator[Repeat]:
    """Score by how far λ is from 1e-2, l2 before l1, with noise by the seed alone and some by both."""
    strength = max((p.l1 + p.l2 for p in spec.penalties), default=1e-6)
    handicap = 0.02 if any(p.l1 for p in spec.penalties) else 0.0
    for index, seed in seeds.items():
        own = np.random.default_rng([seed, int(1e9 * strength)]).normal(0, 0.01)
        score = 0.9 - 0.03 * abs(np.log10(strength) + 2) - handicap + own
        rows = RowScores(rows=ROWS, scores=np.array([score, score], np.float32))
        yield repeat(index, float(score), seed=seed, validation_rows=rows, weight_norms=(norm(),))


def slowly(spec: TrialSpec, seeds: Mapping[int, int], **how: object) -> Iterator[Repeat]:
    for one in evaluate(spec, seeds, **how):
        time.sleep(0.004)  # long enough to be killed in the middle
        yield one


def join(url: str) -> None:
    with open_sweep("small", url) as sweep:
        work(sweep, evaluate=slowly)


def alone(url: str) -> list[tuple[object, ...]]:
    with register(RACE, url) as sweep:
        work(sweep, evaluate=evaluate)
        return list(sweep.results.sql(CELLS).itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('race')}/a.db"
    alone(url)
    return url


def test_who_falls_behind_is_repeated_no_further(undisturbed: str) -> None:
    with open_sweep("small", undisturbed) as sweep:
        board = sweep.results.leaderboard("small")
        gone = board[board["state"] == "eliminated"]
        assert set(gone["n"]) <= {4, 7} and 4 in set(gone["n"])
        assert set(board[board["state"] == "complete"]["n"]) == {10}
        assert board[board["regularizer"] == "none"]["n"].tolist() == [10]  # which everything is compared with
        assert board["n"].sum() < 0.8 * 10 * len(board)
        pruned = [t for t in sweep.study.get_trials() if t.state.name == "PRUNED"]
        assert len(pruned) == len(gone) and {t.user_attrs["n"] for t in pruned} == set(gone["n"])
        assert sorted(t.value or 0 for t in pruned) == pytest.approx(sorted(gone["mean"]), abs=1e-12)
        snapshot = load_snapshot(sweep.results, "small")
        found = answer(snapshot)
        assert found.winner.configuration.regularizer == "l2" and found.winner.n == 10
        assert f"The race eliminated {len(gone)} of {len(board)} configurations" in " ".join(describe_limits(found))
        picture = lambdas.collect(snapshot)
        assert picture is not None and {c.n for c in picture.eliminated} == set(gone["n"])


def test_any_number_of_workers_gives_the_same_killed_ones_included(undisturbed: str, database_url: str) -> None:
    kills, count = (50, 8) if os.environ.get("REGSEARCH_HERDS") else (3, 2)
    url = resolve_url(database_url)
    register(RACE, url).close()
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=join, args=[url]) for _ in range(count)]
    for worker in workers:
        worker.start()
    rng = np.random.default_rng(kills)
    with open_sweep("small", url) as sweep:
        for killed in range(kills):
            _wait(lambda more=killed: len(sweep.results.repeats("small")) > MOST // kills * more, workers)
            place = int(rng.integers(len(workers)))
            pid = workers[place].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            workers[place].join()
            workers[place] = spawn.Process(target=join, args=[url])
            workers[place].start()
        for worker in workers:
            worker.join(120)
        assert [worker.exitcode for worker in workers] == [0] * len(workers)
        assert list(sweep.results.sql(CELLS).itertuples(index=False, name=None)) == _cells(undisturbed)
        assert len({str(t.params) for t in sweep.study.get_trials()}) == len(sweep.study.get_trials())
        assert sweep.results.sql("SELECT 1 FROM rs_cells WHERE number IS NULL").empty


def _cells(url: str) -> list[tuple[object, ...]]:
    with open_sweep("small", url) as sweep:
        return list(sweep.results.sql(CELLS).itertuples(index=False, name=None))


def _wait(until: object, workers: object) -> None:
    assert callable(until)
    deadline = time.monotonic() + 60
    while not until() and time.monotonic() < deadline and any(w.is_alive() for w in workers):  # type: ignore[attr-defined]
        time.sleep(0.02)


def test_where_rows_limit_what_can_be_told_no_repeats_are_added(tmp_path: Path) -> None:
    """Rows differ by more than seeds: 4 repeats are as good as 10."""

    def by_rows(spec: TrialSpec, seeds: Mapping[int, int], **_how: object) -> Iterator[Repeat]:
        strength = max((p.l2 for p in spec.penalties), default=0.0)
        rng = np.random.default_rng(int(1e9 * strength))
        own = rng.permutation(np.arange(100) % 2).astype(np.float32)  # half of the rows are right, whatever the seed
        for index, seed in seeds.items():
            rows = RowScores(rows=np.arange(100, dtype=np.uint32), scores=own)
            yield repeat(index, float(own.mean()), seed=seed, validation_rows=rows, weight_norms=(norm(),))

    config = small(search={"strategy": "grid"}, evaluation={"repeats": 10, "racing": True})
    with register(config, f"sqlite:///{tmp_path}/a.db") as sweep:
        work(sweep, evaluate=by_rows)
        board = sweep.results.leaderboard("small")
        assert set(board[board["state"] == "complete"]["n"]) == {4}
        assert answer(load_snapshot(sweep.results, "small")).winner.n == 4

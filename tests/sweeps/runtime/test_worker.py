"""One worker, on both databases, with real trainings."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

import regsearch.trial
from regsearch.errors import ModelError, RegsearchError
from regsearch.results import Repeat
from regsearch.seeds import repeat_seed
from regsearch.spec import Configuration
from storage.liveness import Process
from sweeps.runtime.optuna_storage import worker_name
from sweeps.runtime.progress import Silent
from sweeps.runtime.sweep import create, open_sweep
from sweeps.runtime.trial_source import Job
from sweeps.runtime.trial_sources import source_of
from sweeps.runtime.worker import MAX_FAILURES, How, evaluate_missing, work
from tests.sweeps.small import COARSE, small


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds of the trainings that took place."""
    seeds: list[int] = []
    real = regsearch.trial.evaluate

    def counted(spec: Any, wanted: dict[int, int], **options: Any) -> Iterator[Repeat]:
        for repeat in real(spec, wanted, **options):
            seeds.append(repeat.seed)
            yield repeat

    monkeypatch.setattr(regsearch.trial, "evaluate", counted)
    return seeds


def test_every_repeat_is_a_row_and_none_is_trained_twice(database_url: str, trainings: list[int]) -> None:
    with create(small(), database_url) as sweep:
        work(sweep)
        board = sweep.results.leaderboard("small")
        coarse = board[board.stage == "coarse"].sort_values(["mean", "lambda"], na_position="first")
        fine = 9 if coarse["lambda"].iloc[-1] in (1e-3, 1e-1) else 8  # at an end of the range there is one neighbour
        assert sorted(board["stage"].value_counts().items()) == [("coarse", COARSE), ("fine", fine)]
        assert set(board["n"]) == {3} and set(board["state"]) == {"complete"}
        assert len(trainings) == 3 * len(board) == len(sweep.results.repeats("small"))
        assert len(set(trainings)) == 3  # the same three seeds everywhere
    with open_sweep("small", database_url) as again:
        assert source_of(again).is_done()
        work(again)
        assert len(trainings) == 3 * len(board)


def test_optuna_is_told_the_mean(database_url: str) -> None:
    with create(small(search={"strategy": "grid"}), database_url) as sweep:
        work(sweep)
        trials = sweep.results.trials("small").set_index("number")
        assert {t.number: t.value for t in sweep.study.trials} == pytest.approx(trials["mean"].to_dict(), abs=1e-12)
        assert set(trials["stage"]) == {"grid"}


def test_numbers_do_not_depend_on_threads(tmp_path: Any) -> None:
    found = []
    for threads in (1, 3):
        with create(small(), f"sqlite:///{tmp_path}/{threads}.db") as sweep:
            work(sweep, threads=threads)
            columns = ["key", "n", "mean", "std", "train_mean"]
            found.append(sweep.results.leaderboard("small")[columns].sort_values("key").to_csv(index=False))
    assert found[0] == found[1]


def test_ctrl_c_keeps_what_was_trained_and_frees_the_configuration(database_url: str, trainings: list[int]) -> None:
    class Interrupted(Silent):
        repeats = 0

        def repeated(self) -> None:
            self.repeats += 1
            if self.repeats == 5:  # inside the second configuration
                raise KeyboardInterrupt

    with create(small(), database_url) as sweep:
        with pytest.raises(KeyboardInterrupt):
            work(sweep, progress=Interrupted())
        assert len(sweep.results.repeats("small")) == 5
        before = len(trainings)
        work(sweep)
        board = sweep.results.leaderboard("small")
        assert set(board["n"]) == {3}
        assert len(trainings) - before == 3 * len(board) - 5


def test_many_interruptions_do_not_give_a_configuration_up(database_url: str) -> None:
    with create(small(search={"strategy": "grid"}), database_url) as sweep:
        for _ in range(4):  # one more than the failures after which a cell is abandoned
            source = source_of(sweep, sweep.records.join(sweep.id, _dead()))
            assert isinstance(source.next(), Job)
            source.free_dead()
        work(sweep)
        assert len(sweep.results.leaderboard("small")) == COARSE == len(sweep.study.trials)


def test_only_the_dead_are_taken_over(database_url: str) -> None:
    with create(small(search={"strategy": "grid"}), database_url) as sweep:
        taken = []
        for process in (Process.this(), replace(_dead(), host="elsewhere"), _dead()):
            source = source_of(sweep, sweep.records.join(sweep.id, process))
            taken.append(source.next())
        source.free_dead()
        after = source_of(sweep, sweep.records.join(sweep.id, Process.this())).next()
        assert all(isinstance(job, Job) for job in [*taken, after])
        labels = [job.label for job in [*taken, after] if isinstance(job, Job)]
        assert len(set(labels[:3])) == 3 and labels[3] == labels[2]


def test_a_diverged_configuration_is_recorded_and_takes_no_part(tmp_path: Any) -> None:
    wild = small(
        data={"source": "diabetes", "fresh_test": None},
        training={"optimizer": "sgd", "learning_rate": 1e6, "epochs": 5},
        search={"strategy": "grid", "regularizers": ["l2"]},
        evaluation={"metric": "r2"},
    )
    with create(wild, f"sqlite:///{tmp_path}/a.db") as sweep:
        work(sweep)
        assert {t.state.name for t in sweep.study.trials} == {"PRUNED"}
        board = sweep.results.leaderboard("small")
        assert set(board["state"]) == {"diverged"} and set(board["diverged"]) == {3}
        from sweeps.analysis.answer import answer
        from sweeps.analysis.snapshot_loader import load_snapshot

        with pytest.raises(RegsearchError, match="no configuration of sweep 'small' is finished"):
            answer(load_snapshot(sweep.results, "small"))


def test_configurations_that_keep_failing_end_the_work(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **options: Any) -> Iterator[Repeat]:
        raise MemoryError("no room for the weights")
        yield

    with create(small(), f"sqlite:///{tmp_path}/a.db") as sweep:
        monkeypatch.setattr(regsearch.trial, "evaluate", broken)
        with pytest.raises(RegsearchError, match=r"3 configuration\(s\) failed in a row, the last with MemoryError"):
            work(sweep)
        assert set(sweep.results.failures("small")["reason"]) == {"MemoryError: no room for the weights"}
        assert len(sweep.results.sql("SELECT key FROM rs_configurations")) == 3


def test_a_training_that_raises_is_recorded_with_its_reason(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(search={"strategy": "grid"})
    trainer = regsearch.trial.evaluator(config.trial_spec(Configuration())).trainer
    train, raised = trainer.train_phases, []

    def once(*args: Any, **options: Any) -> Any:
        if options["seed"] == repeat_seed(3, "search", 1) and not raised:
            raised.append(1)
            raise MemoryError("no room\nfor the weights")
        return train(*args, **options)

    monkeypatch.setattr(trainer, "train_phases", once)
    with create(config, f"sqlite:///{tmp_path}/a.db") as sweep:
        work(sweep)
        failed = sweep.results.sql("SELECT repeat, reason, worker FROM rs_failures")
        assert failed[["repeat", "worker"]].to_dict("list") == {"repeat": [1], "worker": [worker_name()]}
        assert failed["reason"][0].startswith("MemoryError: no room (once() in ")
        assert set(sweep.results.leaderboard("small")["n"]) == {3}  # it was tried again
        assert {t.state.name for t in sweep.study.trials} == {"COMPLETE"}


def test_one_configuration_that_comes_again_and_again_ends_the_work_too(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(search={"strategy": "tpe", "trials": 2, "regularizers": ["none"]})
    trainer = regsearch.trial.evaluator(config.trial_spec(Configuration())).trainer

    def broken(*args: Any, **options: Any) -> Any:
        raise MemoryError("no room")

    monkeypatch.setattr(trainer, "train_phases", broken)
    with create(config, f"sqlite:///{tmp_path}/a.db") as sweep:
        with pytest.raises(RegsearchError, match=r"1 configuration\(s\) failed in a row"):
            work(sweep)
        assert len(sweep.study.trials) == MAX_FAILURES


def test_a_configuration_that_always_fails_is_given_up_aloud(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(search={"strategy": "grid"})
    trainer = regsearch.trial.evaluator(config.trial_spec(Configuration())).trainer
    train = trainer.train_phases

    def picky(*args: Any, **options: Any) -> Any:
        if options["phases"][0].coefficients.max() == np.float32(1e-2):
            raise MemoryError("no room")
        return train(*args, **options)

    class Heard(Silent):
        notes: ClassVar[list[str]] = []

        def note(self, message: str) -> None:
            self.notes.append(message)

    monkeypatch.setattr(trainer, "train_phases", picky)
    with create(config, f"sqlite:///{tmp_path}/a.db") as sweep:
        work(sweep, progress=Heard())
        assert Heard.notes[-1] == "abandoned after repeated failures: l2 1e-2 (their reasons are in rs_failures)"
        assert len(sweep.results.sql("SELECT * FROM rs_failures")) == 3
        assert sorted(sweep.results.leaderboard("small")["state"]) == ["complete"] * (COARSE - 1) + ["failed"]


def test_bad_input_found_while_training_ends_the_work_at_once(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def bad(*args: Any, **options: Any) -> Iterator[Repeat]:
        raise ModelError("model.builder", "is gone")
        yield

    with create(small(), f"sqlite:///{tmp_path}/a.db") as sweep:
        monkeypatch.setattr(regsearch.trial, "evaluate", bad)
        with pytest.raises(ModelError):
            work(sweep)
        assert sweep.study.trials == []


def test_a_worker_is_seen_while_it_works_and_has_left_after(database_url: str) -> None:
    seen = []

    class Looking(Silent):
        def repeated(self) -> None:
            seen.append(sweep.results.workers("small").iloc[0])

    with create(small(search={"strategy": "grid"}), database_url) as sweep:
        work(sweep, progress=Looking())
        assert seen[0].pid == os.getpid() and seen[0].ended_at is not seen[0].started_at
        assert sweep.results.workers("small")["ended_at"].notna().all()
    assert not [t for t in threading.enumerate() if t.name == "heartbeat"]


def test_confirmation_repeats_have_seeds_of_their_own_and_test_scores(database_url: str) -> None:
    with create(small(search={"strategy": "grid"}), database_url) as sweep:
        work(sweep)
        row = sweep.results.leaderboard("small").iloc[0]
        configuration = sweep.results.configurations("small")[row.configuration_id]
        begun = sweep.records.begun(int(row.configuration_id), "confirm")
        assert evaluate_missing(sweep, configuration, begun, "confirm", name="x", how=How(), repeats=2)
        search, confirm = (sweep.results.repeats("small", p) for p in ("search", "confirm"))
        assert len(confirm) == 2 and not set(confirm["seed"]) & set(search["seed"])
        assert confirm["test_score"].notna().all() and search["test_score"].isna().all()


def _dead() -> Process:
    process = multiprocessing.get_context("spawn").Process(target=int)
    process.start()
    process.join()
    assert process.pid is not None
    return replace(Process.this(), pid=process.pid)

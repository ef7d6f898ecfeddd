import json
import threading
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

import storage
from regsearch.errors import StorageError, SweepConflict
from regsearch.results import Comparison, Scores
from regsearch.spec import Configuration, Target
from storage import tables
from storage.liveness import Process
from tests.storage.builders import KEY, curve, diverged, norm, repeat, rows

L2 = Configuration.tied("l2", 1e-3, Target())
ID = "configuration_id"
CONFIGURATION = "key regularizer lambda lambda_l2 target state".split()  # what two of them differ in


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_a_sweep_registered_twice_is_one(records: storage.Records, engine: Engine) -> None:
    config = {"name": "moons", "training": {"epochs": 4000}}
    ids = {records.register_sweep(name="moons", config=config, config_hash="a", versions={}) for _ in range(2)}
    assert len(ids) == 1
    assert count(engine, "rs_sweeps") == 1


def test_a_sweep_keeps_its_versions(records: storage.Records, results: storage.Results) -> None:
    versions = {"regsearch": "0.1.0", "keras": "3.15", "tensorflow": "2.21", "cpu": "znver4"}
    records.register_sweep(name="moons", config={"seed": 0}, config_hash="a", versions=versions)
    row = results.sweep("moons")
    assert row.versions == versions
    assert row.config == {"seed": 0}
    assert results.sweeps()[["regsearch_version", "keras_version", "tensorflow_version"]].iloc[0].tolist() == [
        "0.1.0",
        "3.15",
        "2.21",
    ]
    assert datetime.now(UTC) - row.created_at < timedelta(minutes=5)


def test_a_sweep_of_another_hash_is_a_conflict_that_names_three_keys(records: storage.Records, engine: Engine) -> None:
    old = {"seed": 0, "training": {"epochs": 4000, "batch_size": 32}, "hidden": [500]}
    new = {"seed": 1, "training": {"epochs": 1000, "batch_size": 16}, "hidden": (500,), "metric": "r2"}
    records.register_sweep(name="moons", config=old, config_hash="a", versions={})
    with pytest.raises(SweepConflict) as caught:
        records.register_sweep(name="moons", config=new, config_hash="b", versions={})
    assert caught.value.field == "name"
    assert str(caught.value) == (
        "name: a different sweep 'moons' is there (metric: nothing there, 'r2' here; seed: 0 there, 1 here; "
        "training.batch_size: 32 there, 16 here and 1 more); choose another name or --storage"
    )
    assert count(engine, "rs_sweeps") == 1


def test_a_configuration_registered_twice_is_one_and_keeps_its_stage(
    records: storage.Records, sweep: int, engine: Engine
) -> None:
    ids = {records.register_configuration(sweep, L2, key=KEY, stage=stage) for stage in ("coarse", "fine")}
    assert len(ids) == 1
    with engine.connect() as connection:
        row = connection.execute(select(tables.Configurations)).mappings().one()
    assert (row["stage"], row["state"], row["target"]) == ("coarse", "open", "hidden kernel")
    assert (row["lambda_l1"], row["lambda_l2"]) == (0.0, 1e-3)


def test_a_trial_refers_to_one_configuration_for_good(
    records: storage.Records, sweep: int, configuration: int, engine: Engine
) -> None:
    for _ in range(2):
        assert records.begin_trial(sweep, 3, L2, key=KEY, stage="fine").configuration_id == configuration
    with pytest.raises(StorageError, match="trial 3 is already recorded with another configuration"):
        records.begin_trial(sweep, 3, Configuration(), key="1" * 64, stage="fine")
    assert count(engine, "rs_configurations") == count(engine, "rs_trials") == 1


def test_a_trial_cannot_refer_to_a_configuration_of_another_sweep(
    records: storage.Records, engine: Engine, configuration: int
) -> None:
    other = records.register_sweep(name="other", config={}, config_hash="b", versions={})
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(tables.Trials).values(sweep_id=other, number=0, configuration_id=configuration))


def test_a_repeat_is_recorded_once_and_whole(records: storage.Records, configuration: int, engine: Engine) -> None:
    full = repeat(curve=curve(), validation_rows=rows(1, 0), weight_norms=(norm(), norm(weight="bias")))
    assert records.add_repeat(configuration, "search", full, "w-1") is True
    assert records.add_repeat(configuration, "search", full, "w-2") is False
    assert (count(engine, "rs_repeats"), count(engine, "rs_weight_norms")) == (1, 2)
    with engine.connect() as connection:
        assert connection.scalar(select(tables.Repeats.worker)) == "w-1"


def test_repeats_recorded_together_are_those_recorded_one_by_one(
    records: storage.Records, sweep: int, configuration: int, results: storage.Results
) -> None:
    other = records.register_configuration(sweep, Configuration(), key="1" * 64, stage="coarse")
    several = [repeat(i, i / 10, curve=curve(), weight_norms=(norm(after=i),)) for i in range(4)] + [diverged(4)]
    assert records.add_repeats(configuration, "search", several[1:2], "w") == 1
    assert records.add_repeats(configuration, "search", several, "w") == 4
    assert [records.add_repeat(other, "search", one, "w") for one in several] == 5 * [True]
    for read in (results.repeats, results.curves, results.weight_norms):
        frame = read("moons").sort_values("repeat", kind="stable")
        frame = frame.drop(columns=["repeat_id", "finished_at", *CONFIGURATION], errors="ignore")
        one, together = (frame[frame.configuration_id == id_].reset_index(drop=True) for id_ in (other, configuration))
        assert len(one) >= 4
        pd.testing.assert_frame_equal(one.drop(columns=ID), together.drop(columns=ID))


def test_settling_gives_every_score_and_the_state_that_follows(
    records: storage.Records, configuration: int, results: storage.Results
) -> None:
    records.add_repeats(configuration, "search", [repeat(1, 0.5), repeat(0, 0.25)], "w")
    records.add_repeat(configuration, "confirm", diverged(0), "w")
    assert records.settle(configuration, "search") == {0: 0.25, 1: 0.5}
    assert results.trials("moons").state.tolist() == ["complete"]
    assert records.settle(configuration, "confirm") == {0: None}  # which says nothing of the search
    assert results.trials("moons").state.tolist() == ["complete"]
    records.add_repeat(configuration, "search", diverged(2), "w")
    assert records.settle(configuration, "search") == {0: 0.25, 1: 0.5, 2: None}
    assert results.trials("moons").state.tolist() == ["diverged"]


def test_a_repeat_whose_norms_are_refused_leaves_nothing(
    records: storage.Records, configuration: int, engine: Engine
) -> None:
    with pytest.raises(IntegrityError):
        records.add_repeat(configuration, "search", repeat(weight_norms=(norm(), norm())), "w")
    assert count(engine, "rs_repeats") == 0


def test_recorded_counts_ok_and_diverged_of_one_purpose(
    records: storage.Records, sweep: int, configuration: int
) -> None:
    failed = repeat(2, status="failed", train=None, validation=None)
    for one in (repeat(0), diverged(1), failed):
        records.add_repeat(configuration, "search", one, "w")
    records.add_repeat(configuration, "confirm", repeat(7), "w")
    assert records.begun(configuration, "search").recorded == {0, 1}
    assert records.add_repeat(configuration, "search", repeat(2), "w")  # in place of the one that failed
    assert records.begin_trial(sweep, 0, L2, key=KEY, stage="coarse").recorded == {0, 1, 2}
    assert records.begun(configuration, "confirm").recorded == {7}


@pytest.mark.parametrize(
    ("purpose", "wrong"),
    [
        ("search", repeat(test=Scores(score=0.9, loss=0.1))),
        ("search", repeat(test_rows=rows(1))),
        ("search", repeat(validation=None)),
        ("search", repeat(validation=Scores(score=float("nan"), loss=0.1))),
        ("search", repeat(train=Scores(score=float("inf"), loss=0.1))),
        ("search", repeat(train=Scores(score=1.0, loss=float("-inf")))),
        ("search", repeat(status="done")),
        ("elsewhere", repeat()),
        ("search", repeat(-1)),
        ("search", repeat(epochs=-1)),
        ("search", repeat(seconds=float("inf"))),
        ("search", repeat(seconds=-0.5)),
        ("confirm", repeat(validation=None)),
    ],
)
def test_wrong_repeats_are_refused(
    records: storage.Records, configuration: int, engine: Engine, purpose: str, wrong: object
) -> None:
    with pytest.raises(IntegrityError):
        records.add_repeat(configuration, purpose, wrong, "w")  # type: ignore[arg-type]
    assert count(engine, "rs_repeats") == 0


def test_a_confirmation_may_look_at_the_test_part(records: storage.Records, configuration: int) -> None:
    one = repeat(test=Scores(score=0.91, loss=0.2), test_rows=rows(1, 0))
    assert records.add_repeat(configuration, "confirm", one, "w")


@pytest.mark.parametrize(
    "wrong",
    [
        Configuration(regularizer="l2", lambda_l1=1e-3, target=Target()),
        Configuration(regularizer="l1", lambda_l2=1e-3, target=Target()),
        Configuration(regularizer="none", lambda_l2=1e-3),
        Configuration(regularizer="none", target=Target()),
        Configuration(regularizer="l2", lambda_l2=-1.0, target=Target()),
        Configuration(regularizer="l2", lambda_l2=1e-3),
        Configuration(regularizer="dropout", target=Target()),  # type: ignore[arg-type]
    ],
)
def test_wrong_configurations_are_refused(
    records: storage.Records, sweep: int, engine: Engine, wrong: Configuration
) -> None:
    with pytest.raises(IntegrityError):
        records.register_configuration(sweep, wrong, key=KEY, stage="coarse")
    assert count(engine, "rs_configurations") == 0


def test_a_configuration_of_no_sweep_is_refused(records: storage.Records) -> None:
    with pytest.raises(IntegrityError):
        records.register_configuration(99, L2, key=KEY, stage="coarse")


def test_a_norm_that_is_not_finite_is_null(
    records: storage.Records, configuration: int, results: storage.Results
) -> None:
    one = repeat(weight_norms=(norm(after=float("nan")), norm(weight="bias", after=float("inf"))))
    records.add_repeat(configuration, "search", one, "w")
    assert results.weight_norms("moons")[["l1_after", "l2_after"]].isna().all(axis=None)


def test_state(records: storage.Records, configuration: int, results: storage.Results) -> None:
    records.set_state(configuration, "complete")
    assert results.trials("moons").state.tolist() == ["complete"]
    with pytest.raises(IntegrityError):
        records.set_state(configuration, "lost")  # type: ignore[arg-type]


def test_failures_are_all_kept(records: storage.Records, configuration: int, engine: Engine) -> None:
    for _ in range(2):
        records.add_failure(configuration, "search", 0, reason="killed", worker="w")
    assert count(engine, "rs_failures") == 2


def test_the_first_comparison_of_a_pair_is_kept(
    records: storage.Records, sweep: int, configuration: int, results: storage.Results
) -> None:
    none = records.register_configuration(sweep, Configuration(), key="1" * 64, stage="coarse")
    shown = Comparison(subset="test", repeats=10, rows=5000, difference=0.012, se_seed=0.002, se_rows=None, se=0.002)
    later = Comparison(subset="test", repeats=10, rows=5000, difference=0.5, se_seed=None, se_rows=None, se=None)
    assert records.add_comparison(sweep, configuration, none, shown)
    assert not records.add_comparison(sweep, configuration, none, later)
    frame = results.comparisons("moons")
    assert frame.difference.tolist() == [0.012]
    assert frame.se_rows.isna().all()


def test_workers_join_beat_and_leave(records: storage.Records, sweep: int, results: storage.Results) -> None:
    worker = records.join(sweep, Process("host", "", "", 123, ""))
    records.beat(worker, "l2 0.001, repeat 4")
    [row] = results.workers("moons").to_dict("records")
    assert (row["name"], row["host"], row["pid"], row["doing"]) == ("host:123", "host", 123, "l2 0.001, repeat 4")
    assert row["started_at"] <= row["heartbeat_at"]
    assert row["heartbeat_at"].utcoffset() == timedelta(0)
    records.leave(worker)
    [row] = results.workers("moons").to_dict("records")
    assert row["ended_at"] == row["heartbeat_at"]
    assert json.loads(results.workers("moons").doing.to_json()) == {"0": None}


def test_threads_that_record_the_same_repeats_record_each_once(
    records: storage.Records, configuration: int, engine: Engine
) -> None:
    won: list[bool] = []

    def work() -> None:
        won.extend([records.add_repeat(configuration, "search", repeat(index), "w") for index in range(10)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == count(engine, "rs_repeats") == 10

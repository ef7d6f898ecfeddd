"""Wrong rows are impossible, whoever writes them: each is one change away from a row that is taken."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import DBAPIError

import storage
from regsearch.spec import Configuration
from storage import tables

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAN, INFINITY = float("nan"), float("inf")
SCORES = {"train_score": 1.0, "train_loss": 0.1, "validation_score": 0.9, "validation_loss": 0.2}
WHO = {"worker": "w", "purpose": "search", "configuration_id": 1}

RIGHT: dict[str, tuple[Any, dict[str, Any]]] = {
    "sweep": (tables.Sweeps, {"name": "s" * 64, "config": {}, "config_hash": "", "created_at": NOW, "versions": {}}),
    "configuration": (
        tables.Configurations,
        {"sweep_id": 1, "key": "k", "regularizer": "l1_l2", "lambda_l1": 0.1, "lambda_l2": 0.1, "weight_decay": 0.0}
        | {"target": "hidden kernel", "variant": "", "stage": "coarse", "params": {}, "state": "open"},
    ),
    "trial": (tables.Trials, {"sweep_id": 1, "number": 0, "configuration_id": 1}),
    "repeat": (
        tables.Repeats,
        {"repeat": 0, "seed": 2**62, "status": "ok", "epochs": 0, "seconds": 0.0, "finished_at": NOW} | WHO | SCORES,
    ),
    "norm": (
        tables.WeightNorms,
        {"repeat_id": 1, "layer": "hidden", "weight": "kernel", "l1_before": 0.0, "l2_before": 0.0, "l1_after": None},
    ),
    "level": (
        tables.Phases,
        {"repeat_id": 1, "level": 0, "epochs": 0, "strength": 0.0, "weight_norms": []} | SCORES,
    ),
    "failure": (tables.Failures, {"repeat": 0, "reason": "", "at": NOW} | WHO),
    "worker": (
        tables.Workers,
        {"sweep_id": 1, "name": "w", "host": "h", "pid": 1, "started_at": NOW, "heartbeat_at": NOW},
    ),
    "comparison": (
        tables.Comparisons,
        {"sweep_id": 1, "part": "test", "configuration_id": 1, "baseline_id": 1, "repeats": 0, "rows": 0}
        | {"difference": -1.0, "se": None, "made_at": NOW},
    ),
}
WRONG: dict[str, list[dict[str, Any]]] = {
    "sweep": [{"name": ""}, {"name": "s" * 65}, {"name": "moons"}, {"created_at": None}],
    "configuration": [
        {"sweep_id": 9},
        {"key": "there"},
        {"regularizer": "dropout"},
        {"regularizer": "l1"},  # with a lambda of l2
        {"regularizer": "l2"},
        {"regularizer": "none"},
        {"target": None},
        {"lambda_l1": -0.1},
        {"lambda_l2": NAN},
        {"lambda_l1": INFINITY},
        {"weight_decay": 0.1},
        {"weight_decay": NAN},
        {"state": "lost"},
    ],
    "trial": [{"number": -1}, {"sweep_id": 2}, {"configuration_id": 9}],
    "repeat": [
        {"configuration_id": 9},
        {"purpose": "look"},
        {"status": "done"},
        {"repeat": -1},
        {"epochs": -1},
        {"seconds": -0.1},
        {"seconds": NAN},
        {"train_score": NAN},
        {"validation_loss": INFINITY},
        {"validation_score": -INFINITY},
        {"train_score": None},
        {"validation_score": None},
        {"test_score": 0.5},
        {"test_loss": 0.5},
        {"test_rows": b""},
        {"finished_at": None},
    ],
    "norm": [{"repeat_id": 9}, {"l1_before": -1.0}, {"l2_before": NAN}, {"l1_after": INFINITY}, {"l2_after": -1.0}],
    "level": [{"repeat_id": 9}, {"level": -1}, {"epochs": -1}, {"strength": -1.0}, {"train_loss": NAN}],
    "failure": [{"configuration_id": 9}, {"purpose": "look"}, {"repeat": -1}, {"reason": None}],
    "worker": [{"sweep_id": 9}, {"name": None}, {"started_at": None}],
    "comparison": [
        {"sweep_id": 2},
        {"configuration_id": 9},
        {"baseline_id": 9},
        {"part": "train"},
        {"repeats": -1},
        {"rows": -1},
        {"difference": NAN},
        {"se_seed": -1.0},
        {"se_rows": INFINITY},
        {"se": -INFINITY},  # NaN is refused by Postgres, and null to SQLite
    ],
}


@pytest.fixture
def filled(records: storage.Records, engine: Engine) -> Engine:
    """Two sweeps, and a configuration and a repeat of the first, all with id 1 but the second sweep."""
    for name in ("moons", "other"):
        records.register_sweep(name=name, config={}, config_hash="", versions={})
    records.register_configuration(1, Configuration(), key="there", stage="coarse")
    _insert(engine, "repeat", purpose="confirm")
    return engine


def _insert(engine: Engine, kind: str, **changes: Any) -> None:
    table, values = RIGHT[kind]
    with engine.begin() as connection:
        connection.execute(insert(table).values(**(values | changes)))


@pytest.mark.parametrize("kind", RIGHT)
def test_each_row_is_taken_as_it_is_and_refused_with_any_of_its_changes(filled: Engine, kind: str) -> None:
    for change in WRONG[kind]:
        with pytest.raises(DBAPIError):
            _insert(filled, kind, **change)
            pytest.fail(f"{kind} with {change} was taken")
    _insert(filled, kind)

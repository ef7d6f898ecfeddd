"""The first rs_ tables. Frozen: a later change is a later script."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

TEXT = sa.String()
NUMBER: sa.Double[float] = sa.Double()
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LARGEST = "1.7976931348623157e308"


def _column(name: str, kind: sa.types.TypeEngine[Any], null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _between(low: str, *columns: str) -> str:
    return " AND ".join(f"{column} BETWEEN {low} AND {LARGEST}" for column in columns)


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(text, name=f"ck_{table}_{name}") for name, text in conditions.items()]


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _owner(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _of_sweep(table: str, column: str) -> sa.ForeignKeyConstraint:
    there = ["rs_configurations.sweep_id", "rs_configurations.id"]
    return sa.ForeignKeyConstraint(
        ["sweep_id", column], there, name=f"fk_{table}_sweep_id_{column}", ondelete="CASCADE"
    )


def upgrade() -> None:
    _sweeps()
    _configurations()
    _trials()
    _repeats()
    _weight_norms()
    _failures()
    _workers()
    _comparisons()


def _sweeps() -> None:
    op.create_table(
        "rs_sweeps",
        _column("id", sa.Integer()),
        _column("name", TEXT),
        _column("config", JSON),
        _column("config_hash", TEXT),
        _column("created_at", TIME),
        _column("regsearch_version", TEXT, null=True),
        _column("keras_version", TEXT, null=True),
        _column("tensorflow_version", TEXT, null=True),
        _column("versions", JSON),
        _primary("rs_sweeps", "id"),
        sa.UniqueConstraint("name", name="uq_rs_sweeps_name"),
        *_checks("rs_sweeps", name="length(name) BETWEEN 1 AND 64"),
    )


def _configurations() -> None:
    table = "rs_configurations"
    op.create_table(
        table,
        _column("id", sa.Integer()),
        _column("sweep_id", sa.Integer()),
        _column("key", TEXT),
        _column("regularizer", TEXT),
        _column("lambda_l1", NUMBER),
        _column("lambda_l2", NUMBER),
        _column("target", TEXT, null=True),
        _column("stage", TEXT),
        _column("params", JSON),
        _column("state", TEXT),
        _primary(table, "id"),
        _owner(table, "sweep_id", "rs_sweeps"),
        sa.UniqueConstraint("sweep_id", "key", name="uq_rs_configurations_sweep_id_key"),
        sa.UniqueConstraint("sweep_id", "id", name="uq_rs_configurations_sweep_id_id"),
        *_checks(
            table,
            regularizer="regularizer IN ('none', 'l1', 'l2', 'l1_l2')",
            state="state IN ('open', 'complete', 'diverged', 'failed')",
            **{"lambda": _between("0", "lambda_l1", "lambda_l2")},
            lambda_l1="lambda_l1 = 0 OR regularizer IN ('l1', 'l1_l2')",
            lambda_l2="lambda_l2 = 0 OR regularizer IN ('l2', 'l1_l2')",
            target="(regularizer = 'none') = (target IS NULL)",
        ),
    )


def _trials() -> None:
    table = "rs_trials"
    op.create_table(
        table,
        _column("sweep_id", sa.Integer()),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        _column("configuration_id", sa.Integer()),
        _primary(table, "sweep_id", "number"),
        _of_sweep(table, "configuration_id"),
        *_checks(table, number="number >= 0"),
    )
    op.create_index("ix_rs_trials_configuration_id", table, ["configuration_id", "number"])


def _repeats() -> None:
    table = "rs_repeats"
    scores = ("train_score", "train_loss", "validation_score", "validation_loss", "test_score", "test_loss")
    op.create_table(
        table,
        _column("id", sa.Integer()),
        _column("configuration_id", sa.Integer()),
        _column("purpose", TEXT),
        _column("repeat", sa.Integer()),
        _column("seed", sa.BigInteger()),
        _column("status", TEXT),
        *(_column(name, NUMBER, null=True) for name in scores),
        _column("epochs", sa.Integer()),
        _column("seconds", NUMBER),
        _column("worker", TEXT),
        _column("finished_at", TIME),
        _column("reason", TEXT, null=True),
        *(_column(name, sa.LargeBinary(), null=True) for name in ("curve", "validation_rows", "test_rows")),
        _primary(table, "id"),
        _owner(table, "configuration_id", "rs_configurations"),
        sa.UniqueConstraint(
            "configuration_id", "purpose", "repeat", name="uq_rs_repeats_configuration_id_purpose_repeat"
        ),
        *_checks(
            table,
            purpose="purpose IN ('search', 'confirm')",
            status="status IN ('ok', 'diverged', 'failed')",
            counts="repeat >= 0 AND epochs >= 0",
            seconds=_between("0", "seconds"),
            finite=_between(f"-{LARGEST}", *scores),
            scored="status <> 'ok' OR (train_score IS NOT NULL AND validation_score IS NOT NULL) OR "
            "(purpose = 'confirm' AND test_score IS NOT NULL)",
            test="purpose = 'confirm' OR (test_score IS NULL AND test_loss IS NULL AND test_rows IS NULL)",
        ),
    )
    columns = ["purpose", "status", "configuration_id", "validation_score", "train_score"]
    op.create_index("ix_rs_repeats_scores", table, columns)


def _weight_norms() -> None:
    table = "rs_weight_norms"
    op.create_table(
        table,
        _column("repeat_id", sa.Integer()),
        _column("layer", TEXT),
        _column("weight", TEXT),
        _column("l1_before", NUMBER),
        _column("l2_before", NUMBER),
        _column("l1_after", NUMBER, null=True),
        _column("l2_after", NUMBER, null=True),
        _primary(table, "repeat_id", "layer", "weight"),
        _owner(table, "repeat_id", "rs_repeats"),
        *_checks(table, finite=_between("0", "l1_before", "l2_before", "l1_after", "l2_after")),
    )


def _failures() -> None:
    table = "rs_failures"
    op.create_table(
        table,
        _column("id", sa.Integer()),
        _column("configuration_id", sa.Integer()),
        _column("purpose", TEXT),
        _column("repeat", sa.Integer()),
        _column("reason", TEXT),
        _column("worker", TEXT),
        _column("at", TIME),
        _primary(table, "id"),
        _owner(table, "configuration_id", "rs_configurations"),
        *_checks(table, purpose="purpose IN ('search', 'confirm')", repeat="repeat >= 0"),
    )
    op.create_index("ix_rs_failures_configuration_id", table, ["configuration_id"])


def _workers() -> None:
    table = "rs_workers"
    op.create_table(
        table,
        _column("id", sa.Integer()),
        _column("sweep_id", sa.Integer()),
        _column("name", TEXT),
        _column("host", TEXT),
        _column("pid", sa.Integer()),
        _column("started_at", TIME),
        _column("heartbeat_at", TIME),
        _column("doing", TEXT, null=True),
        _column("ended_at", TIME, null=True),
        _primary(table, "id"),
        _owner(table, "sweep_id", "rs_sweeps"),
    )
    op.create_index("ix_rs_workers_sweep_id", table, ["sweep_id"])


def _comparisons() -> None:
    table = "rs_comparisons"
    pair = ("sweep_id", "part", "configuration_id", "baseline_id", "repeats")
    op.create_table(
        table,
        _column("id", sa.Integer()),
        _column("sweep_id", sa.Integer()),
        _column("part", TEXT),
        _column("configuration_id", sa.Integer()),
        _column("baseline_id", sa.Integer()),
        _column("repeats", sa.Integer()),
        _column("rows", sa.Integer()),
        _column("difference", NUMBER),
        *(_column(name, NUMBER, null=True) for name in ("se_seed", "se_rows", "se")),
        _column("made_at", TIME),
        _primary(table, "id"),
        sa.UniqueConstraint(*pair, name="uq_rs_comparisons_shown"),
        _of_sweep(table, "configuration_id"),
        _of_sweep(table, "baseline_id"),
        *_checks(
            table,
            part="part IN ('validation', 'test')",
            counts="repeats >= 0 AND rows >= 0",
            difference=_between(f"-{LARGEST}", "difference"),
            errors=_between("0", "se_seed", "se_rows", "se"),
        ),
    )

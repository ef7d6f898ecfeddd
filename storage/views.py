"""The views as the read path sees them: their columns and types. Their SQL is in migrations/versions."""

from functools import partial
from typing import Any

from sqlalchemy import Column, Double, Integer, MetaData, String, Table

from storage.columns import UTCDateTime
from storage.tables import SCORES

_metadata = MetaData()  # not the tables' own: Alembic is to create no tables of these names


def _of(kind: Any, *names: str, nullable: bool = True) -> list[Column[Any]]:
    return [Column(name, kind(), nullable=nullable) for name in names]


_text, _numbers, _counts = partial(_of, String), partial(_of, Double), partial(_of, Integer, nullable=False)


def _configuration() -> list[Column[Any]]:
    return [
        *_text("sweep"),
        *_counts("configuration_id"),
        *_text("key", "regularizer"),
        *_numbers("lambda", "lambda_l1", "lambda_l2", "weight_decay"),
        *_text("variant", "target", "stage", "state"),
    ]


leaderboard = Table(
    "rs_leaderboard",
    _metadata,
    *_configuration(),
    *_counts("n"),
    *_numbers("mean", "std", "se", "min", "max", "train_mean", "train_std"),
    *_counts("diverged"),
)

results_by_level = Table(
    "rs_results_by_level",
    _metadata,
    *_configuration(),
    *_counts("repeat_id"),
    *_text("purpose"),
    *_counts("repeat", "seed"),
    *_text("status"),
    *_counts("level", "epochs"),
    *_numbers("strength", *SCORES[:4]),
)

results = Table(
    "rs_results",
    _metadata,
    *_configuration(),
    *_counts("repeat_id"),
    *_text("purpose"),
    *_counts("repeat", "seed"),
    *_text("status"),
    *_numbers(*SCORES),
    *_counts("epochs"),
    *_numbers("seconds"),
    *_text("worker"),
    Column("finished_at", UTCDateTime()),
    *_text("reason"),
)

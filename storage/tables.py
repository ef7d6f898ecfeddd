"""The rs_ tables, beside Optuna's own in one database: columns, constraints and what each table is for.

Wrong rows are impossible: statuses and purposes are checked, numbers are finite (NaN is never stored), scores on the
test part are there only in a confirmation, and what belongs to a sweep refers to configurations of that sweep.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, finite, of_sweep, one_of, owner

SCORES = ("train_score", "train_loss", "validation_score", "validation_loss", "test_score", "test_loss")
NORMS = ("l1_before", "l2_before", "l1_after", "l2_after")


class Sweeps(Base):
    """One search, described by a sweep file."""

    __tablename__ = "rs_sweeps"
    __table_args__ = (CheckConstraint("length(name) BETWEEN 1 AND 64", name="name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    config: Mapped[dict[str, Any]]
    config_hash: Mapped[str]
    created_at: Mapped[datetime]
    regsearch_version: Mapped[str | None]
    keras_version: Mapped[str | None]
    tensorflow_version: Mapped[str | None]
    versions: Mapped[dict[str, Any]]  # those three and whatever else bit-identity depends on, such as the CPU
    checks: Mapped[dict[str, Any] | None]  # before the first training: what is penalized, notices …


class Configurations(Base):
    """One setting of the searched hyperparameters, and how far its evaluation is."""

    __tablename__ = "rs_configurations"
    __table_args__ = (
        UniqueConstraint("sweep_id", "key"),
        UniqueConstraint("sweep_id", "id"),
        one_of("regularizer", "none", "l1", "l2", "l1_l2", "weight_decay", "early_stopping"),
        one_of("state", "open", "complete", "diverged", "eliminated", "failed"),
        CheckConstraint(finite("lambda_l1", "lambda_l2", at_least="0"), name="lambda"),
        CheckConstraint("lambda_l1 = 0 OR regularizer IN ('l1', 'l1_l2')", name="lambda_l1"),
        CheckConstraint("lambda_l2 = 0 OR regularizer IN ('l2', 'l1_l2')", name="lambda_l2"),
        CheckConstraint("(regularizer IN ('l1', 'l2', 'l1_l2')) = (target IS NOT NULL)", name="target"),
        CheckConstraint(
            f"{finite('weight_decay', at_least='0')} AND (weight_decay = 0 OR regularizer = 'weight_decay')",
            name="weight_decay",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sweep_id: Mapped[int] = owner("rs_sweeps")
    key: Mapped[str]
    regularizer: Mapped[str]
    lambda_l1: Mapped[float]
    lambda_l2: Mapped[float]
    target: Mapped[str | None]
    stage: Mapped[str]
    params: Mapped[dict[str, Any]]
    state: Mapped[str]
    weight_decay: Mapped[float]
    variant: Mapped[str]  # what sets it apart beside regularizer, lambda and target, in words; mostly empty


class Trials(Base):
    """Which configuration a trial of Optuna's evaluates."""

    __tablename__ = "rs_trials"
    __table_args__ = (
        of_sweep("configuration_id"),
        CheckConstraint("number >= 0", name="number"),
        Index("ix_rs_trials_configuration_id", "configuration_id", "number"),
    )

    sweep_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    configuration_id: Mapped[int]


class Repeats(Base):
    """One training of a configuration."""

    __tablename__ = "rs_repeats"
    __table_args__ = (
        UniqueConstraint("configuration_id", "purpose", "repeat"),
        one_of("purpose", "search", "confirm"),
        one_of("status", "ok", "diverged", "failed"),
        CheckConstraint("repeat >= 0 AND epochs >= 0", name="counts"),
        CheckConstraint(finite("seconds", at_least="0"), name="seconds"),
        CheckConstraint(finite(*SCORES), name="finite"),
        CheckConstraint(
            "status <> 'ok' OR (train_score IS NOT NULL AND validation_score IS NOT NULL) OR "
            "(purpose = 'confirm' AND test_score IS NOT NULL)",
            name="scored",
        ),
        CheckConstraint(
            "purpose = 'confirm' OR (test_score IS NULL AND test_loss IS NULL AND test_rows IS NULL)", name="test"
        ),
        # What the leaderboard reads, so that it never touches the pages that hold the arrays.
        Index("ix_rs_repeats_scores", "purpose", "status", "configuration_id", "validation_score", "train_score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    configuration_id: Mapped[int] = owner("rs_configurations")
    purpose: Mapped[str]
    repeat: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    train_score: Mapped[float | None]
    train_loss: Mapped[float | None]
    validation_score: Mapped[float | None]
    validation_loss: Mapped[float | None]
    test_score: Mapped[float | None]
    test_loss: Mapped[float | None]
    epochs: Mapped[int]
    seconds: Mapped[float]
    worker: Mapped[str]
    finished_at: Mapped[datetime]
    reason: Mapped[str | None]
    curve: Mapped[bytes | None]
    validation_rows: Mapped[bytes | None]
    test_rows: Mapped[bytes | None]


class WeightNorms(Base):
    """How large one weight tensor was before and after a training; after is null where that was not finite."""

    __tablename__ = "rs_weight_norms"
    __table_args__ = (CheckConstraint(finite(*NORMS, at_least="0"), name="finite"),)

    repeat_id: Mapped[int] = owner("rs_repeats", primary_key=True)
    layer: Mapped[str] = mapped_column(primary_key=True)
    weight: Mapped[str] = mapped_column(primary_key=True)
    l1_before: Mapped[float]
    l2_before: Mapped[float]
    l1_after: Mapped[float | None]
    l2_after: Mapped[float | None]
    unit: Mapped[int | None]  # the number of the layer, from the input to the output; null in rows of old versions
    kinds: Mapped[str | None]  # class names of the layers that it lies in, a space between them; likewise


class Phases(Base):
    """How a training on a penalty schedule stood at the end of one phase."""

    __tablename__ = "rs_levels"
    __table_args__ = (
        CheckConstraint("level >= 0 AND epochs >= 0", name="counts"),
        CheckConstraint(finite("strength", at_least="0"), name="strength"),
        CheckConstraint(finite(*SCORES[:4]), name="finite"),
    )

    repeat_id: Mapped[int] = owner("rs_repeats", primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epochs: Mapped[int]
    strength: Mapped[float]  # the largest coefficient of the phase
    train_score: Mapped[float]
    train_loss: Mapped[float]
    validation_score: Mapped[float]
    validation_loss: Mapped[float]
    weight_norms: Mapped[list[Any]]  # one object a weight tensor, with the columns of rs_weight_norms
    surface: Mapped[bytes | None]


class Failures(Base):
    """An attempt at a repeat that ended without a result."""

    __tablename__ = "rs_failures"
    __table_args__ = (one_of("purpose", "search", "confirm"), CheckConstraint("repeat >= 0", name="repeat"))

    id: Mapped[int] = mapped_column(primary_key=True)
    configuration_id: Mapped[int] = owner("rs_configurations", index=True)
    purpose: Mapped[str]
    repeat: Mapped[int]
    reason: Mapped[str]
    worker: Mapped[str]
    at: Mapped[datetime]


class Workers(Base):
    """One process that works on a sweep, and when it was last heard of."""

    __tablename__ = "rs_workers"

    id: Mapped[int] = mapped_column(primary_key=True)
    sweep_id: Mapped[int] = owner("rs_sweeps", index=True)
    name: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    doing: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    process: Mapped[str | None]  # as `storage.liveness.Process` writes it; null in rows of old versions


class Cells(Base):
    """A configuration that a strategy visits, known before any is trained: who works on it, and what came of it."""

    __tablename__ = "rs_cells"
    __table_args__ = (
        UniqueConstraint("sweep_id", "key"),
        UniqueConstraint("sweep_id", "position"),
        one_of("state", "open", "raced", "complete", "diverged", "eliminated", "failed"),
        CheckConstraint("position >= 0 AND repeats >= 1 AND failures >= 0 AND number >= 0", name="counts"),
        CheckConstraint(finite("value", "standard_error"), name="finite"),
        Index("ix_rs_cells_sweep_id_state_position", "sweep_id", "state", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sweep_id: Mapped[int] = owner("rs_sweeps")
    position: Mapped[int]  # in the order in which cells are handed out
    key: Mapped[str]  # its parameters as text
    stage: Mapped[str]
    params: Mapped[dict[str, Any]]  # as Optuna knows them
    repeats: Mapped[int]  # how many it is to have; in a race, at the end of its rung
    state: Mapped[str]  # raced: it has those of its rung, and waits for the others
    failures: Mapped[int]
    configuration_id: Mapped[int | None] = owner("rs_configurations", nullable=True)  # null until it is first worked on
    worker_id: Mapped[int | None] = owner("rs_workers", nullable=True)  # who holds it, for as long as that one lives
    claimed_at: Mapped[datetime | None]  # by the last one who did
    value: Mapped[float | None]  # its mean validation score
    standard_error: Mapped[float | None]
    number: Mapped[int | None]  # of its trial, once Optuna was told


class Comparisons(Base):
    """A comparison that was shown to somebody, and so also the record of looks at the test part."""

    __tablename__ = "rs_comparisons"
    __table_args__ = (
        UniqueConstraint(
            "sweep_id", "part", "configuration_id", "baseline_id", "repeats", name="uq_rs_comparisons_shown"
        ),
        of_sweep("configuration_id"),
        of_sweep("baseline_id"),
        one_of("part", "validation", "test"),
        CheckConstraint("repeats >= 0 AND rows >= 0", name="counts"),
        CheckConstraint(finite("difference"), name="difference"),
        CheckConstraint(finite("se_seed", "se_rows", "se", at_least="0"), name="errors"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sweep_id: Mapped[int]
    part: Mapped[str]
    configuration_id: Mapped[int]
    baseline_id: Mapped[int]
    repeats: Mapped[int]
    rows: Mapped[int]
    difference: Mapped[float]
    se_seed: Mapped[float | None]
    se_rows: Mapped[float | None]
    se: Mapped[float | None]
    made_at: Mapped[datetime]

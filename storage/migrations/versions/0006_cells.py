"""Cells with their leases, which process a worker is, configurations that a race eliminated. Frozen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

TEXT = sa.String()
NUMBER: sa.Double[float] = sa.Double()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LARGEST = "1.7976931348623157e308"

TABLE = "rs_configurations"
OLD = "state IN ('open', 'complete', 'diverged', 'failed')"
NEW = "state IN ('open', 'complete', 'diverged', 'eliminated', 'failed')"
CELL = "state IN ('open', 'raced', 'complete', 'diverged', 'eliminated', 'failed')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_check()
    else:
        op.drop_constraint(f"ck_{TABLE}_state", TABLE)
        op.create_check_constraint(f"ck_{TABLE}_state", TABLE, NEW)
    op.add_column("rs_workers", sa.Column("process", TEXT, nullable=True))
    _cells()


def _rewrite_check() -> None:
    """Change the condition in the text of the table, as 0003 does."""
    connection = op.get_bind()
    there = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    text: str = connection.scalar(there, {"name": TABLE})
    assert text.count(OLD) == 1, f"{OLD} is not in {text}"
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    change = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name")
    connection.execute(change, {"sql": text.replace(OLD, NEW), "name": TABLE})
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))


def _cells() -> None:
    table = "rs_cells"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("configuration_id", sa.Integer(), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("value", NUMBER, nullable=True),
        sa.Column("standard_error", NUMBER, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("sweep_id", "key", name=f"uq_{table}_sweep_id_key"),
        sa.UniqueConstraint("sweep_id", "position", name=f"uq_{table}_sweep_id_position"),
        sa.ForeignKeyConstraint(["sweep_id"], ["rs_sweeps.id"], name=f"fk_{table}_sweep_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["rs_configurations.id"],
            name=f"fk_{table}_configuration_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["rs_workers.id"], name=f"fk_{table}_worker_id", ondelete="CASCADE"),
        sa.CheckConstraint(CELL, name=f"ck_{table}_state"),
        sa.CheckConstraint(
            "position >= 0 AND repeats >= 1 AND failures >= 0 AND number >= 0", name=f"ck_{table}_counts"
        ),
        sa.CheckConstraint(
            f"value BETWEEN -{LARGEST} AND {LARGEST} AND standard_error BETWEEN -{LARGEST} AND {LARGEST}",
            name=f"ck_{table}_finite",
        ),
    )
    op.create_index(f"ix_{table}_sweep_id_state_position", table, ["sweep_id", "state", "position"])

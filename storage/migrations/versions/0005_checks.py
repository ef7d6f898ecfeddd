"""What was checked before a sweep's first training: the proof of its trainer, what is penalized, warnings. Frozen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

TEXT = sa.String()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("rs_sweeps", sa.Column("checks", JSON, nullable=True))
    table = "rs_warnings"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["sweep_id"], ["rs_sweeps.id"], name=f"fk_{table}_sweep_id", ondelete="CASCADE"),
        sa.UniqueConstraint("sweep_id", "code", "message", name=f"uq_{table}_sweep_id"),
    )

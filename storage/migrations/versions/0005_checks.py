"""What was found before a sweep's first training: what is penalized, the trainer's proof, notices. Frozen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("rs_sweeps", sa.Column("checks", JSON, nullable=True))

"""Weight decay, early stopping and schedules as configurations, a row a level, the layers of weights. Frozen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

TEXT = sa.String()
NUMBER: sa.Double[float] = sa.Double()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LARGEST = "1.7976931348623157e308"

TABLE = "rs_configurations"
OLD = {
    "regularizer": "regularizer IN ('none', 'l1', 'l2', 'l1_l2')",
    "target": "(regularizer = 'none') = (target IS NULL)",
}
NEW = {
    "regularizer": "regularizer IN ('none', 'l1', 'l2', 'l1_l2', 'weight_decay', 'early_stopping')",
    "target": "(regularizer IN ('l1', 'l2', 'l1_l2')) = (target IS NOT NULL)",
    "weight_decay": f"weight_decay BETWEEN 0 AND {LARGEST} AND (weight_decay = 0 OR regularizer = 'weight_decay')",
}

LAMBDA = """CASE
    WHEN c.regularizer = 'l1' THEN c.lambda_l1
    WHEN c.regularizer = 'l2' THEN c.lambda_l2
    WHEN c.regularizer = 'l1_l2' AND c.lambda_l1 = c.lambda_l2 THEN c.lambda_l1
    WHEN c.regularizer = 'weight_decay' THEN c.weight_decay
  END AS lambda"""

CONFIGURATION = f"""w.name AS sweep, c.id AS configuration_id, c.key, c.regularizer, {LAMBDA},
  c.lambda_l1, c.lambda_l2, c.weight_decay, c.variant, c.target, c.stage, c.state"""

LEADERBOARD = f"""
CREATE VIEW rs_leaderboard AS
WITH scored AS (
  SELECT configuration_id, validation_score AS v, train_score AS t
  FROM rs_repeats WHERE purpose = 'search' AND status = 'ok'
), centre AS (
  SELECT configuration_id, count(*) AS n, min(v) AS low, max(v) AS high,
    CASE WHEN min(v) = max(v) THEN min(v) ELSE avg(v) END AS mean,
    CASE WHEN min(t) = max(t) THEN min(t) ELSE avg(t) END AS train_mean
  FROM scored GROUP BY configuration_id
), spread AS (
  SELECT s.configuration_id,
    sum((s.v - m.mean) * (s.v - m.mean)) AS squares, sum((s.t - m.train_mean) * (s.t - m.train_mean)) AS train_squares
  FROM scored s JOIN centre m ON m.configuration_id = s.configuration_id GROUP BY s.configuration_id
), lost AS (
  SELECT configuration_id, count(*) AS n FROM rs_repeats
  WHERE purpose = 'search' AND status IN ('diverged', 'failed') GROUP BY configuration_id
)
SELECT {CONFIGURATION},
  coalesce(m.n, 0) AS n, m.mean,
  CASE WHEN m.n > 1 THEN sqrt(d.squares / (m.n - 1)) END AS std,
  CASE WHEN m.n > 1 THEN sqrt(d.squares / (m.n - 1)) / sqrt(m.n) END AS se,
  m.low AS min, m.high AS max, m.train_mean,
  CASE WHEN m.n > 1 THEN sqrt(d.train_squares / (m.n - 1)) END AS train_std,
  coalesce(l.n, 0) AS diverged
FROM rs_configurations c
JOIN rs_sweeps w ON w.id = c.sweep_id
LEFT JOIN centre m ON m.configuration_id = c.id
LEFT JOIN spread d ON d.configuration_id = c.id
LEFT JOIN lost l ON l.configuration_id = c.id
"""

RESULTS = f"""
CREATE VIEW rs_results AS
SELECT {CONFIGURATION},
  r.id AS repeat_id, r.purpose, r.repeat, r.seed, r.status,
  r.train_score, r.train_loss, r.validation_score, r.validation_loss, r.test_score, r.test_loss,
  r.epochs, r.seconds, r.worker, r.finished_at, r.reason
FROM rs_repeats r
JOIN rs_configurations c ON c.id = r.configuration_id
JOIN rs_sweeps w ON w.id = c.sweep_id
"""

RESULTS_BY_LEVEL = f"""
CREATE VIEW rs_results_by_level AS
SELECT {CONFIGURATION},
  r.id AS repeat_id, r.purpose, r.repeat, r.seed, r.status,
  l.level, l.epochs, l.strength, l.train_score, l.train_loss, l.validation_score, l.validation_loss
FROM rs_levels l
JOIN rs_repeats r ON r.id = l.repeat_id
JOIN rs_configurations c ON c.id = r.configuration_id
JOIN rs_sweeps w ON w.id = c.sweep_id
"""


def upgrade() -> None:
    for view in ("rs_leaderboard", "rs_results"):
        op.execute(f"DROP VIEW {view}")
    op.add_column(TABLE, sa.Column("weight_decay", NUMBER, nullable=False, server_default=sa.text("0")))
    op.add_column(TABLE, sa.Column("variant", TEXT, nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_checks()
    else:
        for name in OLD:
            op.drop_constraint(f"ck_{TABLE}_{name}", TABLE)
        for name, condition in NEW.items():
            op.create_check_constraint(f"ck_{TABLE}_{name}", TABLE, condition)
    op.add_column("rs_weight_norms", sa.Column("unit", sa.Integer(), nullable=True))
    op.add_column("rs_weight_norms", sa.Column("kinds", TEXT, nullable=True))
    _levels()
    for view in (LEADERBOARD, RESULTS, RESULTS_BY_LEVEL):
        op.execute(view)


def _rewrite_checks() -> None:
    """Change the conditions in the text of the table, as SQLite's documentation of ALTER TABLE has it for checks.

    The other way, a copy of the table under its name, would drop the first one, and with it by cascade all its repeats.
    """
    connection = op.get_bind()
    there = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    text: str = connection.scalar(there, {"name": TABLE})
    for name, condition in OLD.items():
        old = f"CONSTRAINT ck_{TABLE}_{name} CHECK ({condition})"
        assert text.count(old) == 1, f"{old} is not in {text}"
        text = text.replace(old, f"CONSTRAINT ck_{TABLE}_{name} CHECK ({NEW[name]})")
    end = text.rindex(")")
    text = f"{text[:end].rstrip()}, \n\tCONSTRAINT ck_{TABLE}_weight_decay CHECK ({NEW['weight_decay']})\n)"
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    change = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name")
    connection.execute(change, {"sql": text, "name": TABLE})
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))


def _levels() -> None:
    table = "rs_levels"
    scores = ("train_score", "train_loss", "validation_score", "validation_loss")
    between = " AND ".join(f"{name} BETWEEN -{LARGEST} AND {LARGEST}" for name in scores)
    op.create_table(
        table,
        sa.Column("repeat_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("strength", NUMBER, nullable=False),
        *(sa.Column(name, NUMBER, nullable=False) for name in scores),
        sa.Column("weight_norms", JSON, nullable=False),
        sa.Column("surface", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("repeat_id", "level", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["repeat_id"], ["rs_repeats.id"], name=f"fk_{table}_repeat_id", ondelete="CASCADE"),
        sa.CheckConstraint("level >= 0 AND epochs >= 0", name=f"ck_{table}_counts"),
        sa.CheckConstraint(f"strength BETWEEN 0 AND {LARGEST}", name=f"ck_{table}_strength"),
        sa.CheckConstraint(between, name=f"ck_{table}_finite"),
    )

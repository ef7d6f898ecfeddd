"""The leaderboard in half the time: it reads scores in the order of their index, without a copy first. Frozen."""

from alembic import op

revision = "0004"
down_revision = "0003"

SCORED = "purpose = 'search' AND status = 'ok'"

LEADERBOARD = f"""
CREATE VIEW rs_leaderboard AS
WITH centre AS (
  SELECT configuration_id, count(*) AS n, min(validation_score) AS low, max(validation_score) AS high,
    CASE WHEN min(validation_score) = max(validation_score) THEN min(validation_score) ELSE avg(validation_score) END
      AS mean,
    CASE WHEN min(train_score) = max(train_score) THEN min(train_score) ELSE avg(train_score) END AS train_mean
  FROM rs_repeats WHERE {SCORED} GROUP BY configuration_id
), spread AS (
  SELECT r.configuration_id,
    sum((r.validation_score - m.mean) * (r.validation_score - m.mean)) AS squares,
    sum((r.train_score - m.train_mean) * (r.train_score - m.train_mean)) AS train_squares
  FROM rs_repeats r JOIN centre m ON m.configuration_id = r.configuration_id
  WHERE {SCORED} GROUP BY r.configuration_id
), lost AS (
  SELECT configuration_id, count(*) AS n FROM rs_repeats
  WHERE purpose = 'search' AND status IN ('diverged', 'failed') GROUP BY configuration_id
)
SELECT w.name AS sweep, c.id AS configuration_id, c.key, c.regularizer,
  CASE
    WHEN c.regularizer = 'l1' THEN c.lambda_l1
    WHEN c.regularizer = 'l2' THEN c.lambda_l2
    WHEN c.regularizer = 'l1_l2' AND c.lambda_l1 = c.lambda_l2 THEN c.lambda_l1
    WHEN c.regularizer = 'weight_decay' THEN c.weight_decay
  END AS lambda,
  c.lambda_l1, c.lambda_l2, c.weight_decay, c.variant, c.target, c.stage, c.state,
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


def upgrade() -> None:
    op.execute("DROP VIEW rs_leaderboard")
    op.execute(LEADERBOARD)

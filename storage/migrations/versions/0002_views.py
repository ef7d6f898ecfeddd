"""The first views for people. Frozen: a later change is a later script.

They read the same on both databases. The variance is taken in two passes, deviations from the mean after the mean,
because one pass leaves 2e-16 for equal scores; and the mean of equal scores is that score, where a sum divided by
their number may miss it by the last digit.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

LAMBDA = """CASE
    WHEN c.regularizer = 'l1' THEN c.lambda_l1
    WHEN c.regularizer = 'l2' THEN c.lambda_l2
    WHEN c.regularizer = 'l1_l2' AND c.lambda_l1 = c.lambda_l2 THEN c.lambda_l1
  END AS lambda"""

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
SELECT w.name AS sweep, c.id AS configuration_id, c.key, c.regularizer, {LAMBDA},
  c.lambda_l1, c.lambda_l2, c.target, c.stage, c.state,
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
SELECT w.name AS sweep, c.id AS configuration_id, c.key, c.regularizer, {LAMBDA},
  c.lambda_l1, c.lambda_l2, c.target, c.stage, c.state,
  r.id AS repeat_id, r.purpose, r.repeat, r.seed, r.status,
  r.train_score, r.train_loss, r.validation_score, r.validation_loss, r.test_score, r.test_loss,
  r.epochs, r.seconds, r.worker, r.finished_at, r.reason
FROM rs_repeats r
JOIN rs_configurations c ON c.id = r.configuration_id
JOIN rs_sweeps w ON w.id = c.sweep_id
"""


def upgrade() -> None:
    op.execute(LEADERBOARD)
    op.execute(RESULTS)

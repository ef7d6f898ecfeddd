BEGIN TRANSACTION;
CREATE TABLE rs_alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT rs_alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "rs_alembic_version" VALUES('0006');
CREATE TABLE rs_cells (
	id INTEGER NOT NULL, 
	sweep_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	stage VARCHAR NOT NULL, 
	params JSON NOT NULL, 
	repeats INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	failures INTEGER NOT NULL, 
	configuration_id INTEGER, 
	worker_id INTEGER, 
	claimed_at DATETIME, 
	value DOUBLE, 
	standard_error DOUBLE, 
	number INTEGER, 
	CONSTRAINT pk_rs_cells PRIMARY KEY (id), 
	CONSTRAINT uq_rs_cells_sweep_id_key UNIQUE (sweep_id, "key"), 
	CONSTRAINT uq_rs_cells_sweep_id_position UNIQUE (sweep_id, position), 
	CONSTRAINT fk_rs_cells_sweep_id FOREIGN KEY(sweep_id) REFERENCES rs_sweeps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_rs_cells_configuration_id FOREIGN KEY(configuration_id) REFERENCES rs_configurations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_rs_cells_worker_id FOREIGN KEY(worker_id) REFERENCES rs_workers (id) ON DELETE CASCADE, 
	CONSTRAINT ck_rs_cells_state CHECK (state IN ('open', 'raced', 'complete', 'diverged', 'eliminated', 'failed')), 
	CONSTRAINT ck_rs_cells_counts CHECK (position >= 0 AND repeats >= 1 AND failures >= 0 AND number >= 0), 
	CONSTRAINT ck_rs_cells_finite CHECK (value BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND standard_error BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308)
);
INSERT INTO "rs_cells" VALUES(7,3,0,'{"lambda": 0.001, "regularizer": "l2"}','coarse','{"lambda": 0.001, "regularizer": "l2"}',2,'complete',0,5,4,NULL,0.85,NULL,NULL);
CREATE TABLE rs_comparisons (
	id INTEGER NOT NULL, 
	sweep_id INTEGER NOT NULL, 
	part VARCHAR NOT NULL, 
	configuration_id INTEGER NOT NULL, 
	baseline_id INTEGER NOT NULL, 
	repeats INTEGER NOT NULL, 
	rows INTEGER NOT NULL, 
	difference DOUBLE NOT NULL, 
	se_seed DOUBLE, 
	se_rows DOUBLE, 
	se DOUBLE, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_rs_comparisons PRIMARY KEY (id), 
	CONSTRAINT uq_rs_comparisons_shown UNIQUE (sweep_id, part, configuration_id, baseline_id, repeats), 
	CONSTRAINT fk_rs_comparisons_sweep_id_configuration_id FOREIGN KEY(sweep_id, configuration_id) REFERENCES rs_configurations (sweep_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_rs_comparisons_sweep_id_baseline_id FOREIGN KEY(sweep_id, baseline_id) REFERENCES rs_configurations (sweep_id, id) ON DELETE CASCADE, 
	CONSTRAINT ck_rs_comparisons_part CHECK (part IN ('validation', 'test')), 
	CONSTRAINT ck_rs_comparisons_counts CHECK (repeats >= 0 AND rows >= 0), 
	CONSTRAINT ck_rs_comparisons_difference CHECK (difference BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308), 
	CONSTRAINT ck_rs_comparisons_errors CHECK (se_seed BETWEEN 0 AND 1.7976931348623157e308 AND se_rows BETWEEN 0 AND 1.7976931348623157e308 AND se BETWEEN 0 AND 1.7976931348623157e308)
);
INSERT INTO "rs_comparisons" VALUES(1,3,'validation',5,6,2,3,0.1,0.01,NULL,0.01,'2026-11-20 12:00:00.000000');
CREATE TABLE rs_configurations (
	id INTEGER NOT NULL, 
	sweep_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	regularizer VARCHAR NOT NULL, 
	lambda_l1 DOUBLE NOT NULL, 
	lambda_l2 DOUBLE NOT NULL, 
	target VARCHAR, 
	stage VARCHAR NOT NULL, 
	params JSON NOT NULL, 
	state VARCHAR NOT NULL, weight_decay DOUBLE DEFAULT 0 NOT NULL, variant VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_rs_configurations PRIMARY KEY (id), 
	CONSTRAINT fk_rs_configurations_sweep_id FOREIGN KEY(sweep_id) REFERENCES rs_sweeps (id) ON DELETE CASCADE, 
	CONSTRAINT uq_rs_configurations_sweep_id_key UNIQUE (sweep_id, "key"), 
	CONSTRAINT uq_rs_configurations_sweep_id_id UNIQUE (sweep_id, id), 
	CONSTRAINT ck_rs_configurations_regularizer CHECK (regularizer IN ('none', 'l1', 'l2', 'l1_l2', 'weight_decay', 'early_stopping')), 
	CONSTRAINT ck_rs_configurations_state CHECK (state IN ('open', 'complete', 'diverged', 'eliminated', 'failed')), 
	CONSTRAINT ck_rs_configurations_lambda CHECK (lambda_l1 BETWEEN 0 AND 1.7976931348623157e308 AND lambda_l2 BETWEEN 0 AND 1.7976931348623157e308), 
	CONSTRAINT ck_rs_configurations_lambda_l1 CHECK (lambda_l1 = 0 OR regularizer IN ('l1', 'l1_l2')), 
	CONSTRAINT ck_rs_configurations_lambda_l2 CHECK (lambda_l2 = 0 OR regularizer IN ('l2', 'l1_l2')), 
	CONSTRAINT ck_rs_configurations_target CHECK ((regularizer IN ('l1', 'l2', 'l1_l2')) = (target IS NOT NULL)), 
	CONSTRAINT ck_rs_configurations_weight_decay CHECK (weight_decay BETWEEN 0 AND 1.7976931348623157e308 AND (weight_decay = 0 OR regularizer = 'weight_decay'))
);
INSERT INTO "rs_configurations" VALUES(5,3,'a','l2',0.0,0.001,'hidden kernel','coarse','{"regularizer": "l2", "lambda_l1": 0.0, "lambda_l2": 0.001, "target": {"layers": "hidden", "weights": ["kernel"]}}','complete',0.0,'');
INSERT INTO "rs_configurations" VALUES(6,3,'b','none',0.0,0.0,NULL,'coarse','{"regularizer": "none", "lambda_l1": 0.0, "lambda_l2": 0.0, "target": null}','diverged',0.0,'');
CREATE TABLE rs_failures (
	id INTEGER NOT NULL, 
	configuration_id INTEGER NOT NULL, 
	purpose VARCHAR NOT NULL, 
	repeat INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	worker VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_rs_failures PRIMARY KEY (id), 
	CONSTRAINT fk_rs_failures_configuration_id FOREIGN KEY(configuration_id) REFERENCES rs_configurations (id) ON DELETE CASCADE, 
	CONSTRAINT ck_rs_failures_purpose CHECK (purpose IN ('search', 'confirm')), 
	CONSTRAINT ck_rs_failures_repeat CHECK (repeat >= 0)
);
INSERT INTO "rs_failures" VALUES(2,6,'search',1,'no room','host:1','2026-11-20 12:00:00.000000');
CREATE TABLE rs_levels (
	repeat_id INTEGER NOT NULL, 
	level INTEGER NOT NULL, 
	epochs INTEGER NOT NULL, 
	strength DOUBLE NOT NULL, 
	train_score DOUBLE NOT NULL, 
	train_loss DOUBLE NOT NULL, 
	validation_score DOUBLE NOT NULL, 
	validation_loss DOUBLE NOT NULL, 
	weight_norms JSON NOT NULL, 
	surface BLOB, 
	CONSTRAINT pk_rs_levels PRIMARY KEY (repeat_id, level), 
	CONSTRAINT fk_rs_levels_repeat_id FOREIGN KEY(repeat_id) REFERENCES rs_repeats (id) ON DELETE CASCADE, 
	CONSTRAINT ck_rs_levels_counts CHECK (level >= 0 AND epochs >= 0), 
	CONSTRAINT ck_rs_levels_strength CHECK (strength BETWEEN 0 AND 1.7976931348623157e308), 
	CONSTRAINT ck_rs_levels_finite CHECK (train_score BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND train_loss BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND validation_score BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND validation_loss BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308)
);
INSERT INTO "rs_levels" VALUES(8,0,1200,0.001,1.0,0.01,0.9,0.3,'[]',X'01789C6362606060648081067B20E100C4F62036000F590201');
CREATE TABLE rs_repeats (
	id INTEGER NOT NULL, 
	configuration_id INTEGER NOT NULL, 
	purpose VARCHAR NOT NULL, 
	repeat INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	status VARCHAR NOT NULL, 
	train_score DOUBLE, 
	train_loss DOUBLE, 
	validation_score DOUBLE, 
	validation_loss DOUBLE, 
	test_score DOUBLE, 
	test_loss DOUBLE, 
	epochs INTEGER NOT NULL, 
	seconds DOUBLE NOT NULL, 
	worker VARCHAR NOT NULL, 
	finished_at DATETIME NOT NULL, 
	reason VARCHAR, 
	curve BLOB, 
	validation_rows BLOB, 
	test_rows BLOB, 
	CONSTRAINT pk_rs_repeats PRIMARY KEY (id), 
	CONSTRAINT fk_rs_repeats_configuration_id FOREIGN KEY(configuration_id) REFERENCES rs_configurations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_rs_repeats_configuration_id_purpose_repeat UNIQUE (configuration_id, purpose, repeat), 
	CONSTRAINT ck_rs_repeats_purpose CHECK (purpose IN ('search', 'confirm')), 
	CONSTRAINT ck_rs_repeats_status CHECK (status IN ('ok', 'diverged', 'failed')), 
	CONSTRAINT ck_rs_repeats_counts CHECK (repeat >= 0 AND epochs >= 0), 
	CONSTRAINT ck_rs_repeats_seconds CHECK (seconds BETWEEN 0 AND 1.7976931348623157e308), 
	CONSTRAINT ck_rs_repeats_finite CHECK (train_score BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND train_loss BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND validation_score BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND validation_loss BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND test_score BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 AND test_loss BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308), 
	CONSTRAINT ck_rs_repeats_scored CHECK (status <> 'ok' OR (train_score IS NOT NULL AND validation_score IS NOT NULL) OR (purpose = 'confirm' AND test_score IS NOT NULL)), 
	CONSTRAINT ck_rs_repeats_test CHECK (purpose = 'confirm' OR (test_score IS NULL AND test_loss IS NULL AND test_rows IS NULL))
);
INSERT INTO "rs_repeats" VALUES(8,5,'search',0,1099511627776,'ok',1.0,0.01,0.9,0.3,NULL,NULL,4000,0.25,'host:1','2026-11-20 12:00:00.000000',NULL,X'01789C63646060600262160630B0676068B063406137D823893B20D80E0E0079BB057B',X'01789C936360606004624E061068B06780D2000C0201A7',NULL);
INSERT INTO "rs_repeats" VALUES(9,5,'search',1,1099511627777,'ok',1.0,0.01,0.8,0.3,NULL,NULL,4000,0.25,'host:1','2026-11-20 12:00:00.000000',NULL,X'01789C63646060600262160630B0676068B063406137D823893B20D80E0E0079BB057B',X'01789C936360606004624E061068B06780D2000C0201A7',NULL);
INSERT INTO "rs_repeats" VALUES(10,5,'confirm',0,1,'ok',1.0,0.01,0.7,0.3,0.6,1.0,4000,0.25,'host:1','2026-11-20 12:00:00.000000',NULL,X'01789C63646060600262160630B0676068B063406137D823893B20D80E0E0079BB057B',X'01789C936360606004624E061068B06780D2000C0201A7',X'01789C936360606004624E061068B06780D2000C0201A7');
INSERT INTO "rs_repeats" VALUES(11,6,'search',0,1,'diverged',NULL,NULL,NULL,NULL,NULL,NULL,4000,0.25,'host:1','2026-11-20 12:00:00.000000','the loss is not finite',NULL,NULL,NULL);
CREATE TABLE rs_sweeps (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	config JSON NOT NULL, 
	config_hash VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	regsearch_version VARCHAR, 
	keras_version VARCHAR, 
	tensorflow_version VARCHAR, 
	versions JSON NOT NULL, checks JSON, 
	CONSTRAINT pk_rs_sweeps PRIMARY KEY (id), 
	CONSTRAINT uq_rs_sweeps_name UNIQUE (name), 
	CONSTRAINT ck_rs_sweeps_name CHECK (length(name) BETWEEN 1 AND 64)
);
INSERT INTO "rs_sweeps" VALUES(3,'moons','{"name": "moons", "seed": 7}','hash','2026-11-20 12:00:00.000000','0.1.0','3.15','2.21','{"keras": "3.15"}',NULL);
CREATE TABLE rs_trials (
	sweep_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	configuration_id INTEGER NOT NULL, 
	CONSTRAINT pk_rs_trials PRIMARY KEY (sweep_id, number), 
	CONSTRAINT fk_rs_trials_sweep_id_configuration_id FOREIGN KEY(sweep_id, configuration_id) REFERENCES rs_configurations (sweep_id, id) ON DELETE CASCADE, 
	CONSTRAINT ck_rs_trials_number CHECK (number >= 0)
);
INSERT INTO "rs_trials" VALUES(3,0,5);
INSERT INTO "rs_trials" VALUES(3,1,6);
CREATE TABLE rs_weight_norms (
	repeat_id INTEGER NOT NULL, 
	layer VARCHAR NOT NULL, 
	weight VARCHAR NOT NULL, 
	l1_before DOUBLE NOT NULL, 
	l2_before DOUBLE NOT NULL, 
	l1_after DOUBLE, 
	l2_after DOUBLE, unit INTEGER, kinds VARCHAR, 
	CONSTRAINT pk_rs_weight_norms PRIMARY KEY (repeat_id, layer, weight), 
	CONSTRAINT fk_rs_weight_norms_repeat_id FOREIGN KEY(repeat_id) REFERENCES rs_repeats (id) ON DELETE CASCADE, 
	CONSTRAINT ck_rs_weight_norms_finite CHECK (l1_before BETWEEN 0 AND 1.7976931348623157e308 AND l2_before BETWEEN 0 AND 1.7976931348623157e308 AND l1_after BETWEEN 0 AND 1.7976931348623157e308 AND l2_after BETWEEN 0 AND 1.7976931348623157e308)
);
INSERT INTO "rs_weight_norms" VALUES(8,'hidden','kernel',8.0,4.0,2.0,NULL,0,'Dense');
CREATE TABLE rs_workers (
	id INTEGER NOT NULL, 
	sweep_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	host VARCHAR NOT NULL, 
	pid INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	heartbeat_at DATETIME NOT NULL, 
	doing VARCHAR, 
	ended_at DATETIME, process VARCHAR, 
	CONSTRAINT pk_rs_workers PRIMARY KEY (id), 
	CONSTRAINT fk_rs_workers_sweep_id FOREIGN KEY(sweep_id) REFERENCES rs_sweeps (id) ON DELETE CASCADE
);
INSERT INTO "rs_workers" VALUES(4,3,'host:1','host',1,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',NULL,'2026-11-20 12:00:00.000000','host boot 1 1 2');
CREATE INDEX ix_rs_trials_configuration_id ON rs_trials (configuration_id, number);
CREATE INDEX ix_rs_repeats_scores ON rs_repeats (purpose, status, configuration_id, validation_score, train_score);
CREATE INDEX ix_rs_failures_configuration_id ON rs_failures (configuration_id);
CREATE INDEX ix_rs_workers_sweep_id ON rs_workers (sweep_id);
CREATE VIEW rs_results AS
SELECT w.name AS sweep, c.id AS configuration_id, c.key, c.regularizer, CASE
    WHEN c.regularizer = 'l1' THEN c.lambda_l1
    WHEN c.regularizer = 'l2' THEN c.lambda_l2
    WHEN c.regularizer = 'l1_l2' AND c.lambda_l1 = c.lambda_l2 THEN c.lambda_l1
    WHEN c.regularizer = 'weight_decay' THEN c.weight_decay
  END AS lambda,
  c.lambda_l1, c.lambda_l2, c.weight_decay, c.variant, c.target, c.stage, c.state,
  r.id AS repeat_id, r.purpose, r.repeat, r.seed, r.status,
  r.train_score, r.train_loss, r.validation_score, r.validation_loss, r.test_score, r.test_loss,
  r.epochs, r.seconds, r.worker, r.finished_at, r.reason
FROM rs_repeats r
JOIN rs_configurations c ON c.id = r.configuration_id
JOIN rs_sweeps w ON w.id = c.sweep_id;
CREATE VIEW rs_results_by_level AS
SELECT w.name AS sweep, c.id AS configuration_id, c.key, c.regularizer, CASE
    WHEN c.regularizer = 'l1' THEN c.lambda_l1
    WHEN c.regularizer = 'l2' THEN c.lambda_l2
    WHEN c.regularizer = 'l1_l2' AND c.lambda_l1 = c.lambda_l2 THEN c.lambda_l1
    WHEN c.regularizer = 'weight_decay' THEN c.weight_decay
  END AS lambda,
  c.lambda_l1, c.lambda_l2, c.weight_decay, c.variant, c.target, c.stage, c.state,
  r.id AS repeat_id, r.purpose, r.repeat, r.seed, r.status,
  l.level, l.epochs, l.strength, l.train_score, l.train_loss, l.validation_score, l.validation_loss
FROM rs_levels l
JOIN rs_repeats r ON r.id = l.repeat_id
JOIN rs_configurations c ON c.id = r.configuration_id
JOIN rs_sweeps w ON w.id = c.sweep_id;
CREATE VIEW rs_leaderboard AS
WITH centre AS (
  SELECT configuration_id, count(*) AS n, min(validation_score) AS low, max(validation_score) AS high,
    CASE WHEN min(validation_score) = max(validation_score) THEN min(validation_score) ELSE avg(validation_score) END
      AS mean,
    CASE WHEN min(train_score) = max(train_score) THEN min(train_score) ELSE avg(train_score) END AS train_mean
  FROM rs_repeats WHERE purpose = 'search' AND status = 'ok' GROUP BY configuration_id
), spread AS (
  SELECT r.configuration_id,
    sum((r.validation_score - m.mean) * (r.validation_score - m.mean)) AS squares,
    sum((r.train_score - m.train_mean) * (r.train_score - m.train_mean)) AS train_squares
  FROM rs_repeats r JOIN centre m ON m.configuration_id = r.configuration_id
  WHERE purpose = 'search' AND status = 'ok' GROUP BY r.configuration_id
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
LEFT JOIN lost l ON l.configuration_id = c.id;
CREATE INDEX ix_rs_cells_sweep_id_state_position ON rs_cells (sweep_id, state, position);
COMMIT;

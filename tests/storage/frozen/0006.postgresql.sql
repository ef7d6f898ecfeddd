CREATE TABLE public.rs_alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.rs_cells (
    id integer NOT NULL,
    sweep_id integer NOT NULL,
    "position" integer NOT NULL,
    key character varying NOT NULL,
    stage character varying NOT NULL,
    params jsonb NOT NULL,
    repeats integer NOT NULL,
    state character varying NOT NULL,
    failures integer NOT NULL,
    configuration_id integer,
    worker_id integer,
    claimed_at timestamp with time zone,
    value double precision,
    standard_error double precision,
    number integer,
    CONSTRAINT ck_rs_cells_counts CHECK ((("position" >= 0) AND (repeats >= 1) AND (failures >= 0) AND (number >= 0))),
    CONSTRAINT ck_rs_cells_finite CHECK ((((value >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (value <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((standard_error >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (standard_error <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)))),
    CONSTRAINT ck_rs_cells_state CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'raced'::character varying, 'complete'::character varying, 'diverged'::character varying, 'eliminated'::character varying, 'failed'::character varying])::text[])))
);
CREATE SEQUENCE public.rs_cells_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rs_cells_id_seq OWNED BY public.rs_cells.id;
CREATE TABLE public.rs_comparisons (
    id integer NOT NULL,
    sweep_id integer NOT NULL,
    part character varying NOT NULL,
    configuration_id integer NOT NULL,
    baseline_id integer NOT NULL,
    repeats integer NOT NULL,
    rows integer NOT NULL,
    difference double precision NOT NULL,
    se_seed double precision,
    se_rows double precision,
    se double precision,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_rs_comparisons_counts CHECK (((repeats >= 0) AND (rows >= 0))),
    CONSTRAINT ck_rs_comparisons_difference CHECK (((difference >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (difference <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision))),
    CONSTRAINT ck_rs_comparisons_errors CHECK ((((se_seed >= (0)::double precision) AND (se_seed <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((se_rows >= (0)::double precision) AND (se_rows <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((se >= (0)::double precision) AND (se <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)))),
    CONSTRAINT ck_rs_comparisons_part CHECK (((part)::text = ANY ((ARRAY['validation'::character varying, 'test'::character varying])::text[])))
);
CREATE SEQUENCE public.rs_comparisons_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rs_comparisons_id_seq OWNED BY public.rs_comparisons.id;
CREATE TABLE public.rs_configurations (
    id integer NOT NULL,
    sweep_id integer NOT NULL,
    key character varying NOT NULL,
    regularizer character varying NOT NULL,
    lambda_l1 double precision NOT NULL,
    lambda_l2 double precision NOT NULL,
    target character varying,
    stage character varying NOT NULL,
    params jsonb NOT NULL,
    state character varying NOT NULL,
    weight_decay double precision DEFAULT 0 NOT NULL,
    variant character varying DEFAULT ''::character varying NOT NULL,
    CONSTRAINT ck_rs_configurations_lambda CHECK ((((lambda_l1 >= (0)::double precision) AND (lambda_l1 <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((lambda_l2 >= (0)::double precision) AND (lambda_l2 <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)))),
    CONSTRAINT ck_rs_configurations_lambda_l1 CHECK (((lambda_l1 = (0)::double precision) OR ((regularizer)::text = ANY ((ARRAY['l1'::character varying, 'l1_l2'::character varying])::text[])))),
    CONSTRAINT ck_rs_configurations_lambda_l2 CHECK (((lambda_l2 = (0)::double precision) OR ((regularizer)::text = ANY ((ARRAY['l2'::character varying, 'l1_l2'::character varying])::text[])))),
    CONSTRAINT ck_rs_configurations_regularizer CHECK (((regularizer)::text = ANY ((ARRAY['none'::character varying, 'l1'::character varying, 'l2'::character varying, 'l1_l2'::character varying, 'weight_decay'::character varying, 'early_stopping'::character varying])::text[]))),
    CONSTRAINT ck_rs_configurations_state CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'complete'::character varying, 'diverged'::character varying, 'eliminated'::character varying, 'failed'::character varying])::text[]))),
    CONSTRAINT ck_rs_configurations_target CHECK ((((regularizer)::text = ANY ((ARRAY['l1'::character varying, 'l2'::character varying, 'l1_l2'::character varying])::text[])) = (target IS NOT NULL))),
    CONSTRAINT ck_rs_configurations_weight_decay CHECK ((((weight_decay >= (0)::double precision) AND (weight_decay <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((weight_decay = (0)::double precision) OR ((regularizer)::text = 'weight_decay'::text))))
);
CREATE SEQUENCE public.rs_configurations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rs_configurations_id_seq OWNED BY public.rs_configurations.id;
CREATE TABLE public.rs_failures (
    id integer NOT NULL,
    configuration_id integer NOT NULL,
    purpose character varying NOT NULL,
    repeat integer NOT NULL,
    reason character varying NOT NULL,
    worker character varying NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT ck_rs_failures_purpose CHECK (((purpose)::text = ANY ((ARRAY['search'::character varying, 'confirm'::character varying])::text[]))),
    CONSTRAINT ck_rs_failures_repeat CHECK ((repeat >= 0))
);
CREATE SEQUENCE public.rs_failures_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rs_failures_id_seq OWNED BY public.rs_failures.id;
CREATE TABLE public.rs_repeats (
    id integer NOT NULL,
    configuration_id integer NOT NULL,
    purpose character varying NOT NULL,
    repeat integer NOT NULL,
    seed bigint NOT NULL,
    status character varying NOT NULL,
    train_score double precision,
    train_loss double precision,
    validation_score double precision,
    validation_loss double precision,
    test_score double precision,
    test_loss double precision,
    epochs integer NOT NULL,
    seconds double precision NOT NULL,
    worker character varying NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    reason character varying,
    curve bytea,
    validation_rows bytea,
    test_rows bytea,
    CONSTRAINT ck_rs_repeats_counts CHECK (((repeat >= 0) AND (epochs >= 0))),
    CONSTRAINT ck_rs_repeats_finite CHECK ((((train_score >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (train_score <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((train_loss >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (train_loss <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((validation_score >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (validation_score <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((validation_loss >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (validation_loss <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((test_score >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (test_score <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((test_loss >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (test_loss <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)))),
    CONSTRAINT ck_rs_repeats_purpose CHECK (((purpose)::text = ANY ((ARRAY['search'::character varying, 'confirm'::character varying])::text[]))),
    CONSTRAINT ck_rs_repeats_scored CHECK ((((status)::text <> 'ok'::text) OR ((train_score IS NOT NULL) AND (validation_score IS NOT NULL)) OR (((purpose)::text = 'confirm'::text) AND (test_score IS NOT NULL)))),
    CONSTRAINT ck_rs_repeats_seconds CHECK (((seconds >= (0)::double precision) AND (seconds <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision))),
    CONSTRAINT ck_rs_repeats_status CHECK (((status)::text = ANY ((ARRAY['ok'::character varying, 'diverged'::character varying, 'failed'::character varying])::text[]))),
    CONSTRAINT ck_rs_repeats_test CHECK ((((purpose)::text = 'confirm'::text) OR ((test_score IS NULL) AND (test_loss IS NULL) AND (test_rows IS NULL))))
);
CREATE TABLE public.rs_sweeps (
    id integer NOT NULL,
    name character varying NOT NULL,
    config jsonb NOT NULL,
    config_hash character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    regsearch_version character varying,
    keras_version character varying,
    tensorflow_version character varying,
    versions jsonb NOT NULL,
    checks jsonb,
    CONSTRAINT ck_rs_sweeps_name CHECK (((length((name)::text) >= 1) AND (length((name)::text) <= 64)))
);
CREATE VIEW public.rs_leaderboard AS
 WITH centre AS (
         SELECT rs_repeats.configuration_id,
            count(*) AS n,
            min(rs_repeats.validation_score) AS low,
            max(rs_repeats.validation_score) AS high,
                CASE
                    WHEN (min(rs_repeats.validation_score) = max(rs_repeats.validation_score)) THEN min(rs_repeats.validation_score)
                    ELSE avg(rs_repeats.validation_score)
                END AS mean,
                CASE
                    WHEN (min(rs_repeats.train_score) = max(rs_repeats.train_score)) THEN min(rs_repeats.train_score)
                    ELSE avg(rs_repeats.train_score)
                END AS train_mean
           FROM public.rs_repeats
          WHERE (((rs_repeats.purpose)::text = 'search'::text) AND ((rs_repeats.status)::text = 'ok'::text))
          GROUP BY rs_repeats.configuration_id
        ), spread AS (
         SELECT r.configuration_id,
            sum(((r.validation_score - m_1.mean) * (r.validation_score - m_1.mean))) AS squares,
            sum(((r.train_score - m_1.train_mean) * (r.train_score - m_1.train_mean))) AS train_squares
           FROM (public.rs_repeats r
             JOIN centre m_1 ON ((m_1.configuration_id = r.configuration_id)))
          WHERE (((r.purpose)::text = 'search'::text) AND ((r.status)::text = 'ok'::text))
          GROUP BY r.configuration_id
        ), lost AS (
         SELECT rs_repeats.configuration_id,
            count(*) AS n
           FROM public.rs_repeats
          WHERE (((rs_repeats.purpose)::text = 'search'::text) AND ((rs_repeats.status)::text = ANY ((ARRAY['diverged'::character varying, 'failed'::character varying])::text[])))
          GROUP BY rs_repeats.configuration_id
        )
 SELECT w.name AS sweep,
    c.id AS configuration_id,
    c.key,
    c.regularizer,
        CASE
            WHEN ((c.regularizer)::text = 'l1'::text) THEN c.lambda_l1
            WHEN ((c.regularizer)::text = 'l2'::text) THEN c.lambda_l2
            WHEN (((c.regularizer)::text = 'l1_l2'::text) AND (c.lambda_l1 = c.lambda_l2)) THEN c.lambda_l1
            WHEN ((c.regularizer)::text = 'weight_decay'::text) THEN c.weight_decay
            ELSE NULL::double precision
        END AS lambda,
    c.lambda_l1,
    c.lambda_l2,
    c.weight_decay,
    c.variant,
    c.target,
    c.stage,
    c.state,
    COALESCE(m.n, (0)::bigint) AS n,
    m.mean,
        CASE
            WHEN (m.n > 1) THEN sqrt((d.squares / ((m.n - 1))::double precision))
            ELSE NULL::double precision
        END AS std,
        CASE
            WHEN (m.n > 1) THEN (sqrt((d.squares / ((m.n - 1))::double precision)) / sqrt((m.n)::double precision))
            ELSE NULL::double precision
        END AS se,
    m.low AS min,
    m.high AS max,
    m.train_mean,
        CASE
            WHEN (m.n > 1) THEN sqrt((d.train_squares / ((m.n - 1))::double precision))
            ELSE NULL::double precision
        END AS train_std,
    COALESCE(l.n, (0)::bigint) AS diverged
   FROM ((((public.rs_configurations c
     JOIN public.rs_sweeps w ON ((w.id = c.sweep_id)))
     LEFT JOIN centre m ON ((m.configuration_id = c.id)))
     LEFT JOIN spread d ON ((d.configuration_id = c.id)))
     LEFT JOIN lost l ON ((l.configuration_id = c.id)));
CREATE TABLE public.rs_levels (
    repeat_id integer NOT NULL,
    level integer NOT NULL,
    epochs integer NOT NULL,
    strength double precision NOT NULL,
    train_score double precision NOT NULL,
    train_loss double precision NOT NULL,
    validation_score double precision NOT NULL,
    validation_loss double precision NOT NULL,
    weight_norms jsonb NOT NULL,
    surface bytea,
    CONSTRAINT ck_rs_levels_counts CHECK (((level >= 0) AND (epochs >= 0))),
    CONSTRAINT ck_rs_levels_finite CHECK ((((train_score >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (train_score <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((train_loss >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (train_loss <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((validation_score >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (validation_score <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((validation_loss >= ('-179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (validation_loss <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)))),
    CONSTRAINT ck_rs_levels_strength CHECK (((strength >= (0)::double precision) AND (strength <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)))
);
CREATE SEQUENCE public.rs_repeats_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rs_repeats_id_seq OWNED BY public.rs_repeats.id;
CREATE VIEW public.rs_results AS
 SELECT w.name AS sweep,
    c.id AS configuration_id,
    c.key,
    c.regularizer,
        CASE
            WHEN ((c.regularizer)::text = 'l1'::text) THEN c.lambda_l1
            WHEN ((c.regularizer)::text = 'l2'::text) THEN c.lambda_l2
            WHEN (((c.regularizer)::text = 'l1_l2'::text) AND (c.lambda_l1 = c.lambda_l2)) THEN c.lambda_l1
            WHEN ((c.regularizer)::text = 'weight_decay'::text) THEN c.weight_decay
            ELSE NULL::double precision
        END AS lambda,
    c.lambda_l1,
    c.lambda_l2,
    c.weight_decay,
    c.variant,
    c.target,
    c.stage,
    c.state,
    r.id AS repeat_id,
    r.purpose,
    r.repeat,
    r.seed,
    r.status,
    r.train_score,
    r.train_loss,
    r.validation_score,
    r.validation_loss,
    r.test_score,
    r.test_loss,
    r.epochs,
    r.seconds,
    r.worker,
    r.finished_at,
    r.reason
   FROM ((public.rs_repeats r
     JOIN public.rs_configurations c ON ((c.id = r.configuration_id)))
     JOIN public.rs_sweeps w ON ((w.id = c.sweep_id)));
CREATE VIEW public.rs_results_by_level AS
 SELECT w.name AS sweep,
    c.id AS configuration_id,
    c.key,
    c.regularizer,
        CASE
            WHEN ((c.regularizer)::text = 'l1'::text) THEN c.lambda_l1
            WHEN ((c.regularizer)::text = 'l2'::text) THEN c.lambda_l2
            WHEN (((c.regularizer)::text = 'l1_l2'::text) AND (c.lambda_l1 = c.lambda_l2)) THEN c.lambda_l1
            WHEN ((c.regularizer)::text = 'weight_decay'::text) THEN c.weight_decay
            ELSE NULL::double precision
        END AS lambda,
    c.lambda_l1,
    c.lambda_l2,
    c.weight_decay,
    c.variant,
    c.target,
    c.stage,
    c.state,
    r.id AS repeat_id,
    r.purpose,
    r.repeat,
    r.seed,
    r.status,
    l.level,
    l.epochs,
    l.strength,
    l.train_score,
    l.train_loss,
    l.validation_score,
    l.validation_loss
   FROM (((public.rs_levels l
     JOIN public.rs_repeats r ON ((r.id = l.repeat_id)))
     JOIN public.rs_configurations c ON ((c.id = r.configuration_id)))
     JOIN public.rs_sweeps w ON ((w.id = c.sweep_id)));
CREATE SEQUENCE public.rs_sweeps_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rs_sweeps_id_seq OWNED BY public.rs_sweeps.id;
CREATE TABLE public.rs_trials (
    sweep_id integer NOT NULL,
    number integer NOT NULL,
    configuration_id integer NOT NULL,
    CONSTRAINT ck_rs_trials_number CHECK ((number >= 0))
);
CREATE TABLE public.rs_weight_norms (
    repeat_id integer NOT NULL,
    layer character varying NOT NULL,
    weight character varying NOT NULL,
    l1_before double precision NOT NULL,
    l2_before double precision NOT NULL,
    l1_after double precision,
    l2_after double precision,
    unit integer,
    kinds character varying,
    CONSTRAINT ck_rs_weight_norms_finite CHECK ((((l1_before >= (0)::double precision) AND (l1_before <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((l2_before >= (0)::double precision) AND (l2_before <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((l1_after >= (0)::double precision) AND (l1_after <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)) AND ((l2_after >= (0)::double precision) AND (l2_after <= ('179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision))))
);
CREATE TABLE public.rs_workers (
    id integer NOT NULL,
    sweep_id integer NOT NULL,
    name character varying NOT NULL,
    host character varying NOT NULL,
    pid integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    heartbeat_at timestamp with time zone NOT NULL,
    doing character varying,
    ended_at timestamp with time zone,
    process character varying
);
CREATE SEQUENCE public.rs_workers_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rs_workers_id_seq OWNED BY public.rs_workers.id;
ALTER TABLE ONLY public.rs_cells ALTER COLUMN id SET DEFAULT nextval('public.rs_cells_id_seq'::regclass);
ALTER TABLE ONLY public.rs_comparisons ALTER COLUMN id SET DEFAULT nextval('public.rs_comparisons_id_seq'::regclass);
ALTER TABLE ONLY public.rs_configurations ALTER COLUMN id SET DEFAULT nextval('public.rs_configurations_id_seq'::regclass);
ALTER TABLE ONLY public.rs_failures ALTER COLUMN id SET DEFAULT nextval('public.rs_failures_id_seq'::regclass);
ALTER TABLE ONLY public.rs_repeats ALTER COLUMN id SET DEFAULT nextval('public.rs_repeats_id_seq'::regclass);
ALTER TABLE ONLY public.rs_sweeps ALTER COLUMN id SET DEFAULT nextval('public.rs_sweeps_id_seq'::regclass);
ALTER TABLE ONLY public.rs_workers ALTER COLUMN id SET DEFAULT nextval('public.rs_workers_id_seq'::regclass);
INSERT INTO public.rs_alembic_version VALUES ('0006');
INSERT INTO public.rs_cells VALUES (7, 3, 0, '{"lambda": 0.001, "regularizer": "l2"}', 'coarse', '{"lambda": 0.001, "regularizer": "l2"}', 2, 'complete', 0, 5, 4, NULL, 0.85, NULL, NULL);
INSERT INTO public.rs_comparisons VALUES (1, 3, 'validation', 5, 6, 2, 3, 0.1, 0.01, NULL, 0.01, '2026-11-20 12:00:00+00');
INSERT INTO public.rs_configurations VALUES (5, 3, 'a', 'l2', 0, 0.001, 'hidden kernel', 'coarse', '{"target": {"layers": "hidden", "weights": ["kernel"]}, "lambda_l1": 0.0, "lambda_l2": 0.001, "regularizer": "l2"}', 'complete', 0, '');
INSERT INTO public.rs_configurations VALUES (6, 3, 'b', 'none', 0, 0, NULL, 'coarse', '{"target": null, "lambda_l1": 0.0, "lambda_l2": 0.0, "regularizer": "none"}', 'diverged', 0, '');
INSERT INTO public.rs_failures VALUES (2, 6, 'search', 1, 'no room', 'host:1', '2026-11-20 12:00:00+00');
INSERT INTO public.rs_levels VALUES (8, 0, 1200, 0.001, 1, 0.01, 0.9, 0.3, '[]', '\x01789c6362606060648081067b20e100c4f62036000f590201');
INSERT INTO public.rs_repeats VALUES (8, 5, 'search', 0, 1099511627776, 'ok', 1, 0.01, 0.9, 0.3, NULL, NULL, 4000, 0.25, 'host:1', '2026-11-20 12:00:00+00', NULL, '\x01789c63646060600262160630b0676068b063406137d823893b20d80e0e0079bb057b', '\x01789c936360606004624e061068b06780d2000c0201a7', NULL);
INSERT INTO public.rs_repeats VALUES (9, 5, 'search', 1, 1099511627777, 'ok', 1, 0.01, 0.8, 0.3, NULL, NULL, 4000, 0.25, 'host:1', '2026-11-20 12:00:00+00', NULL, '\x01789c63646060600262160630b0676068b063406137d823893b20d80e0e0079bb057b', '\x01789c936360606004624e061068b06780d2000c0201a7', NULL);
INSERT INTO public.rs_repeats VALUES (10, 5, 'confirm', 0, 1, 'ok', 1, 0.01, 0.7, 0.3, 0.6, 1, 4000, 0.25, 'host:1', '2026-11-20 12:00:00+00', NULL, '\x01789c63646060600262160630b0676068b063406137d823893b20d80e0e0079bb057b', '\x01789c936360606004624e061068b06780d2000c0201a7', '\x01789c936360606004624e061068b06780d2000c0201a7');
INSERT INTO public.rs_repeats VALUES (11, 6, 'search', 0, 1, 'diverged', NULL, NULL, NULL, NULL, NULL, NULL, 4000, 0.25, 'host:1', '2026-11-20 12:00:00+00', 'the loss is not finite', NULL, NULL, NULL);
INSERT INTO public.rs_sweeps VALUES (3, 'moons', '{"name": "moons", "seed": 7}', 'hash', '2026-11-20 12:00:00+00', '0.1.0', '3.15', '2.21', '{"keras": "3.15"}', NULL);
INSERT INTO public.rs_trials VALUES (3, 0, 5);
INSERT INTO public.rs_trials VALUES (3, 1, 6);
INSERT INTO public.rs_weight_norms VALUES (8, 'hidden', 'kernel', 8, 4, 2, NULL, 0, 'Dense');
INSERT INTO public.rs_workers VALUES (4, 3, 'host:1', 'host', 1, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', NULL, '2026-11-20 12:00:00+00', 'host boot 1 1 2');
SELECT pg_catalog.setval('public.rs_cells_id_seq', 1, false);
SELECT pg_catalog.setval('public.rs_comparisons_id_seq', 1, true);
SELECT pg_catalog.setval('public.rs_configurations_id_seq', 6, true);
SELECT pg_catalog.setval('public.rs_failures_id_seq', 2, true);
SELECT pg_catalog.setval('public.rs_repeats_id_seq', 11, true);
SELECT pg_catalog.setval('public.rs_sweeps_id_seq', 3, true);
SELECT pg_catalog.setval('public.rs_workers_id_seq', 4, true);
ALTER TABLE ONLY public.rs_cells
    ADD CONSTRAINT pk_rs_cells PRIMARY KEY (id);
ALTER TABLE ONLY public.rs_comparisons
    ADD CONSTRAINT pk_rs_comparisons PRIMARY KEY (id);
ALTER TABLE ONLY public.rs_configurations
    ADD CONSTRAINT pk_rs_configurations PRIMARY KEY (id);
ALTER TABLE ONLY public.rs_failures
    ADD CONSTRAINT pk_rs_failures PRIMARY KEY (id);
ALTER TABLE ONLY public.rs_levels
    ADD CONSTRAINT pk_rs_levels PRIMARY KEY (repeat_id, level);
ALTER TABLE ONLY public.rs_repeats
    ADD CONSTRAINT pk_rs_repeats PRIMARY KEY (id);
ALTER TABLE ONLY public.rs_sweeps
    ADD CONSTRAINT pk_rs_sweeps PRIMARY KEY (id);
ALTER TABLE ONLY public.rs_trials
    ADD CONSTRAINT pk_rs_trials PRIMARY KEY (sweep_id, number);
ALTER TABLE ONLY public.rs_weight_norms
    ADD CONSTRAINT pk_rs_weight_norms PRIMARY KEY (repeat_id, layer, weight);
ALTER TABLE ONLY public.rs_workers
    ADD CONSTRAINT pk_rs_workers PRIMARY KEY (id);
ALTER TABLE ONLY public.rs_alembic_version
    ADD CONSTRAINT rs_alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.rs_cells
    ADD CONSTRAINT uq_rs_cells_sweep_id_key UNIQUE (sweep_id, key);
ALTER TABLE ONLY public.rs_cells
    ADD CONSTRAINT uq_rs_cells_sweep_id_position UNIQUE (sweep_id, "position");
ALTER TABLE ONLY public.rs_comparisons
    ADD CONSTRAINT uq_rs_comparisons_shown UNIQUE (sweep_id, part, configuration_id, baseline_id, repeats);
ALTER TABLE ONLY public.rs_configurations
    ADD CONSTRAINT uq_rs_configurations_sweep_id_id UNIQUE (sweep_id, id);
ALTER TABLE ONLY public.rs_configurations
    ADD CONSTRAINT uq_rs_configurations_sweep_id_key UNIQUE (sweep_id, key);
ALTER TABLE ONLY public.rs_repeats
    ADD CONSTRAINT uq_rs_repeats_configuration_id_purpose_repeat UNIQUE (configuration_id, purpose, repeat);
ALTER TABLE ONLY public.rs_sweeps
    ADD CONSTRAINT uq_rs_sweeps_name UNIQUE (name);
CREATE INDEX ix_rs_cells_sweep_id_state_position ON public.rs_cells USING btree (sweep_id, state, "position");
CREATE INDEX ix_rs_failures_configuration_id ON public.rs_failures USING btree (configuration_id);
CREATE INDEX ix_rs_repeats_scores ON public.rs_repeats USING btree (purpose, status, configuration_id, validation_score, train_score);
CREATE INDEX ix_rs_trials_configuration_id ON public.rs_trials USING btree (configuration_id, number);
CREATE INDEX ix_rs_workers_sweep_id ON public.rs_workers USING btree (sweep_id);
ALTER TABLE ONLY public.rs_cells
    ADD CONSTRAINT fk_rs_cells_configuration_id FOREIGN KEY (configuration_id) REFERENCES public.rs_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_cells
    ADD CONSTRAINT fk_rs_cells_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.rs_sweeps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_cells
    ADD CONSTRAINT fk_rs_cells_worker_id FOREIGN KEY (worker_id) REFERENCES public.rs_workers(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_comparisons
    ADD CONSTRAINT fk_rs_comparisons_sweep_id_baseline_id FOREIGN KEY (sweep_id, baseline_id) REFERENCES public.rs_configurations(sweep_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_comparisons
    ADD CONSTRAINT fk_rs_comparisons_sweep_id_configuration_id FOREIGN KEY (sweep_id, configuration_id) REFERENCES public.rs_configurations(sweep_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_configurations
    ADD CONSTRAINT fk_rs_configurations_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.rs_sweeps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_failures
    ADD CONSTRAINT fk_rs_failures_configuration_id FOREIGN KEY (configuration_id) REFERENCES public.rs_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_levels
    ADD CONSTRAINT fk_rs_levels_repeat_id FOREIGN KEY (repeat_id) REFERENCES public.rs_repeats(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_repeats
    ADD CONSTRAINT fk_rs_repeats_configuration_id FOREIGN KEY (configuration_id) REFERENCES public.rs_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_trials
    ADD CONSTRAINT fk_rs_trials_sweep_id_configuration_id FOREIGN KEY (sweep_id, configuration_id) REFERENCES public.rs_configurations(sweep_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_weight_norms
    ADD CONSTRAINT fk_rs_weight_norms_repeat_id FOREIGN KEY (repeat_id) REFERENCES public.rs_repeats(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rs_workers
    ADD CONSTRAINT fk_rs_workers_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.rs_sweeps(id) ON DELETE CASCADE;

import json
import re
import sqlite3
import tempfile
import time
import uuid
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, text

import storage
from regsearch.errors import QueryError, StorageError
from storage.liveness import Process
from storage.readonly_postgres import READER, translated
from tests.postgres import PASSWORD, USER
from tests.storage.builders import repeat
from tests.storage.checksum import checksum

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def refused(results: storage.Results, statement: str, **how: object) -> str:
    with pytest.raises(QueryError) as caught:
        results.sql(statement, **how)  # type: ignore[arg-type]
    assert caught.value.field == "query"
    assert "\n" not in str(caught.value)
    return caught.value.problem


def test_select_gives_a_frame(results: storage.Results, records: storage.Records, configuration: int) -> None:
    for index in range(3):
        records.add_repeat(configuration, "search", repeat(index, 0.5 + index), "w")
    frame = results.sql("SELECT lambda, n, mean FROM rs_leaderboard")
    assert frame.to_dict("list") == {"lambda": [1e-3], "n": [3], "mean": [1.5]}
    frame = results.sql("SELECT sum(repeat) AS total, avg(repeat) AS middle FROM rs_repeats")
    assert frame.to_dict("list") == {"total": [3], "middle": [1.0]}  # Postgres gives decimals
    assert all(dtype.kind in "if" for dtype in frame.dtypes)


def test_parameters_are_written_alike_on_both(results: storage.Results, sweep: int) -> None:
    named = "SELECT name FROM rs_sweeps WHERE name LIKE 'm%' AND name = :name AND ':x ?' <> name -- ? :y"
    assert results.sql(named, {"name": "moons"}).name.tolist() == ["moons"]
    marks = "SELECT name FROM rs_sweeps WHERE name LIKE 'm%' AND name = ? /* ? :z */ AND id = ?"
    assert results.sql(marks, ("moons", sweep)).name.tolist() == ["moons"]
    assert results.sql("SELECT name FROM rs_sweeps WHERE name LIKE 'm%'").name.tolist() == ["moons"]


def test_placeholders_are_found_outside_quotes_comments_and_casts() -> None:
    statement, parameters = translated("""SELECT x::int, '?', "a:b", :n, 5 % 2 -- :c""", {"n": 1})
    assert statement == """SELECT x::int, '?', "a:b", %(n)s, 5 %% 2 -- :c"""
    assert parameters == {"n": 1}


def test_limit(results: storage.Results) -> None:
    three = "SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3"
    assert len(results.sql(three, limit=2)) == 2
    assert results.sql(three, limit=0).columns.tolist() == ["a"]
    assert len(results.sql(three + ";")) == 3
    with pytest.raises(QueryError, match="limit: is -1; it may be 0 or more"):
        results.sql(three, limit=-1)


def test_a_refused_query_leaves_the_next_one_alone(results: storage.Results) -> None:
    refused(results, "DELETE FROM rs_sweeps")
    assert results.sql("SELECT 1 AS a").a.tolist() == [1]


WRITES = [
    "DELETE FROM rs_sweeps",
    "INSERT INTO rs_trials VALUES (1, 1, 1)",
    "INSERT INTO rs_trials VALUES (1, 1, 1) RETURNING number",
    "REPLACE INTO rs_trials VALUES (1, 1, 1)",
    "UPDATE rs_sweeps SET name = 'x'",
    "UPDATE rs_sweeps SET name = 'x' RETURNING name",
    "DROP TABLE rs_trials",
    "DROP VIEW rs_results",
    "ALTER TABLE rs_sweeps RENAME TO gone",
    "TRUNCATE rs_sweeps CASCADE",
    "CREATE TABLE t (x INTEGER)",
    "CREATE TEMP TABLE t (x INTEGER)",
    "CREATE TABLE t AS SELECT 1",
    "SELECT 1 AS x INTO t",
    "CREATE VIEW v AS SELECT 1",
    "CREATE INDEX i ON rs_sweeps (name)",
    "BEGIN",
    "COMMIT",
    "SAVEPOINT a",
    "",
    "-- nothing",
    "VACUUM",
    "ANALYZE",
    "REINDEX",
    "WITH gone AS (DELETE FROM rs_sweeps RETURNING id) SELECT * FROM gone",
    "WITH one AS (SELECT 1) DELETE FROM rs_sweeps",
    "EXPLAIN ANALYZE DELETE FROM rs_sweeps",
    "EXPLAIN DELETE FROM rs_sweeps",
    "SELECT 1; DELETE FROM rs_sweeps",
    "SELECT 1 AS a; SELECT 2",
    "COMMIT; DELETE FROM rs_sweeps",
    "SELECT 1 \0; DELETE FROM rs_sweeps",
]
SQLITE = [
    "PRAGMA journal_mode = DELETE",
    "PRAGMA user_version = 7",
    "PRAGMA writable_schema = ON",
    "PRAGMA query_only = OFF",
    "PRAGMA database_list",
    "SELECT * FROM pragma_table_info('rs_sweeps')",
    "SELECT * FROM pragma_journal_mode('delete')",
    "ATTACH '{out}' AS z",
    "DETACH main",
    "VACUUM INTO '{out}'",
    "SELECT load_extension('{out}')",
    "SELECT \"load_extension\"('{out}')",
    "SELECT Load_Extension('{out}', 'x')",
    "SELECT readfile('{out}')",
    "SELECT writefile('{out}', 'x')",
    "SELECT edit('x', 'touch {out}')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT fts3_tokenizer('simple', x'4141414141414141')",
    "SELECT sqlite_log(1, 'x')",
    "SELECT rtreecheck('rs_sweeps')",
    "UPDATE sqlite_master SET sql = ''",
    "UPDATE sqlite_dbpage SET data = zeroblob(4096)",
    "CREATE VIRTUAL TABLE temp.f USING fts5(x)",
    "CREATE VIRTUAL TABLE temp.f USING csv(filename='{out}')",
    "SELECT * FROM fsdir('/')",
    "SELECT randomblob(1000000000)",
    "SELECT hex(zeroblob(600000))",
    "SELECT group_concat(hex(randomblob(1000))) FROM (WITH RECURSIVE n(x) AS "
    "(SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 10000) SELECT x FROM n)",
]
POSTGRES = [
    "COPY rs_sweeps TO '{out}'",
    "COPY (SELECT 1) TO PROGRAM 'touch {out}'",
    "COPY rs_sweeps FROM PROGRAM 'touch {out}'",
    "DO $$ BEGIN EXECUTE 'DELETE FROM rs_sweeps'; END $$",
    "CALL rs_nothing()",
    "PREPARE p AS DELETE FROM rs_sweeps",
    "SET ROLE NONE",
    "RESET ROLE",
    "SET statement_timeout = 0",
    "SET TRANSACTION READ WRITE",
    "LOAD '{out}'",
    "LISTEN x",
    "NOTIFY x",
    "LOCK rs_sweeps",
    "CREATE EXTENSION dblink",
    "SHOW ALL",
    "SELECT * FROM rs_sweeps FOR UPDATE",
    "SELECT * FROM rs_sweeps FOR KEY SHARE",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_catalog.pg_read_file('/etc/passwd')",
    "SELECT PG_READ_FILE ('/etc/passwd')",
    "SELECT \"pg_read_file\"('/etc/passwd')",
    "SELECT pg_read_file /* so */ -- far\n ('/etc/passwd')",
    "SELECT U&\"pg\\005fread_file\"('/etc/passwd')",
    "SELECT pg_read_binary_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT pg_stat_file('/etc/passwd')",
    "SELECT * FROM pg_hba_file_rules",
    "SELECT * FROM pg_file_settings",
    "SELECT query_to_xml('{copy}', true, true, '')",
    "SELECT set_config('role', 'none', true), query_to_xml('SELECT pg_read_file(''/etc/passwd'')', true, true, '')",
    "SELECT set_config('statement_timeout', '0', true)",
    "SELECT set_config('transaction_read_only', 'off', true)",
    "SELECT ts_stat('SELECT ''a''::tsvector')",
    "SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery')",
    "SELECT cursor_to_xml('rs_query', 1, true, true, '')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '{out}')",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_sleep(0)",
    "SELECT pg_notify('a', 'b')",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
    "SELECT pg_switch_wal()",
    "SELECT pg_reload_conf()",
    "SELECT pg_stat_reset()",
    "SELECT setval('rs_sweeps_id_seq', 99)",
    "SELECT nextval('rs_sweeps_id_seq')",
    "SELECT 1 WHERE EXISTS (SELECT nextval('rs_sweeps_id_seq'))",
    "SELECT * FROM generate_series(1, 2) LIMIT pg_backend_pid() + length(pg_read_file('/etc/passwd'))",
    "VALUES (pg_read_file('/etc/passwd'))",
    "SELECT dblink('dbname=postgres', 'DELETE FROM rs_sweeps')",
]


@pytest.mark.parametrize("kind", ["writes", "reaches out"])
def test_what_is_no_innocent_select_is_refused_and_changes_nothing(
    results: storage.Results, sweep: int, url: str, tmp_path: Path, kind: str
) -> None:
    attacks = WRITES if kind == "writes" else SQLITE if url.startswith("sqlite") else POSTGRES
    # a folder that the server, too, could write to
    out = (tmp_path if url.startswith("sqlite") else Path(tempfile.gettempdir())) / f"regsearch-{uuid.uuid4()}"
    before = checksum(url)
    for attack in attacks:
        copy = f"COPY (SELECT 1) TO PROGRAM ''touch {out}''"
        assert refused(results, attack.replace("{out}", str(out)).replace("{copy}", copy)), attack
        assert not out.exists(), attack
    assert checksum(url) == before
    assert results.sql("SELECT name FROM rs_sweeps").name.tolist() == ["moons"]


def test_a_checksum_tells_a_change(url: str, records: storage.Records) -> None:
    before = checksum(url)
    records.register_sweep(name="one", config={}, config_hash="a", versions={})
    assert checksum(url) != before


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_superuser_gives_up_its_rights_and_nothing_is_written_whatever_is_called(
    results: storage.Results, sweep: int, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.readonly_postgres._refuse_unsafe", lambda *_: None)
    with engine.begin() as connection:
        body = "$$ DELETE FROM rs_sweeps $$ LANGUAGE sql SECURITY DEFINER"  # with the rights of a superuser
        connection.execute(text(f"CREATE FUNCTION clean() RETURNS void AS {body}"))
    assert refused(results, "SELECT clean()").startswith("only a SELECT is let through")
    assert results.sweeps().name.tolist() == ["moons"]
    for path in ("/etc/passwd", "/etc/hostname"):
        assert refused(results, f"SELECT pg_read_file('{path}')").startswith("only a SELECT is let through")


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_no_function_is_called_but_postgres_own(results: storage.Results, engine: Engine) -> None:
    with engine.begin() as connection:
        for name in ('"f"', '"Mine"', '"two words"', '"a""b"', f'"{"x" * 63}"'):
            connection.execute(text(f"CREATE FUNCTION {name}() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'"))
    called = ["f()", "F ()", "public.f()", '"f"()', '"Mine"()', 'public."two words" ()', '"a""b"()', "x" * 80 + "()"]
    hidden = ['1 + -- "\n f() + -- "\n (2)', "1 /* ' */ + f/* () */() /* ' */", "f /* /* */ */ ()", "(SELECT f())"]
    for call in called + hidden:
        assert refused(results, f"SELECT {call}"), call
    for long in ("-" * 5_000, "/* */ " * 1_000, '""' * 1_000):  # with a pattern that tries again, hours
        assert results.sql(f"SELECT 1 AS f, '{long}' AS g -- {long}").f.tolist() == [1]
    own = "SELECT f, count(*), max(f), coalesce(f, 1) FROM (SELECT 1 AS f) AS t GROUP BY f -- f"
    assert results.sql(own).to_dict("list") == {"f": [1], "count": [1], "max": [1], "coalesce": [1]}
    assert len(results.sql("SELECT random(), clock_timestamp(), pg_total_relation_size('rs_sweeps'::regclass)")) == 1


def test_a_query_that_runs_for_ever_is_ended(results: storage.Results) -> None:
    assert refused(results, ENDLESS, timeout_s=0.2) == "took longer than 0.2 s"


ENDLESS_CALLS = [  # each one call, within which SQLite looks at no clock
    "SELECT printf('%.1000000000c', 'x')",
    "SELECT instr(hex(zeroblob(400000)), hex(zeroblob(200000)) || 'x')",
    "SELECT hex(zeroblob(490000)) LIKE '%' || substr(hex(zeroblob(24000)), 1, 40000) || 'x%'",
]


LARGE = [  # values longer than a value may be, in one call each
    "SELECT replace(hex(zeroblob(400000)), '0', hex(zeroblob(400000)))",
    "SELECT zeroblob(999999) || zeroblob(999999)",
    "SELECT quote(zeroblob(900000))",
    "SELECT randomblob(1000000000)",
    "SELECT group_concat(hex(randomblob(400000))) FROM (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)",
]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_value_has_so_many_bytes_and_no_more(results: storage.Results) -> None:
    for call in LARGE:
        assert refused(results, call) == "string or blob too big", call
    assert results.sql("SELECT length(hex(zeroblob(400000))) AS n").n.tolist() == [800_000]


@pytest.mark.parametrize("call", ENDLESS_CALLS)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_single_call_that_runs_for_ever_is_ended(results: storage.Results, call: str) -> None:
    assert refused(results, call, timeout_s=0.2) == "took longer than 0.2 s"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_query_has_so_much_memory_and_no_more(results: storage.Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.readonly_sqlite.MEMORY_BYTES", 150_000_000)
    numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 300) SELECT x FROM n"
    much = f"SELECT count(*) FROM (SELECT randomblob(900000) AS b FROM ({numbers}) ORDER BY b)"
    assert (
        refused(results, f"{numbers} ORDER BY randomblob(900000)") == "takes more than 150 MB of memory; ask for less"
    )
    assert refused(results, much.replace("count(*)", "max(b)").replace("ORDER", "GROUP")).startswith("takes more than")
    assert len(results.sql(numbers)) == 300


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_parameters_of_other_kinds(results: storage.Results) -> None:
    given = (np.float64(0.5), np.int64(2), True, None, b"x", pd.Timestamp("2026-01-02"))
    (row,) = results.sql("SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? || '' AS f", given).to_dict("records")
    assert (row["a"], row["b"], row["c"], row["e"], row["f"]) == (0.5, 2, 1, b"x", "2026-01-02 00:00:00")
    assert refused(results, "SELECT ?", parameters=({},)) == "takes no parameter of the type dict"


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_catalogs_of_passwords_stay_closed_to_a_superuser(results: storage.Results, sweep: int) -> None:
    hidden = "only a SELECT is let through"
    for source in ("pg_authid", "pg_shadow", "pg_user_mapping", "pg_largeobject", "pg_statistic"):
        assert refused(results, f"SELECT * FROM {source}").startswith(hidden), source
    for source in ("'pg_authid'", "'pg_shadow'", "1260::regclass"):
        assert refused(results, f"SELECT table_to_xml({source}, true, true, '')").startswith(hidden), source
    assert results.sql("SELECT current_user AS who, name FROM rs_sweeps").values.tolist() == [[READER, "moons"]]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_superuser_reads_tables_made_since_and_in_other_schemas(results: storage.Results, engine: Engine) -> None:
    assert results.sql("SELECT 1 AS a").a.tolist() == [1]
    with engine.begin() as connection:
        connection.execute(text('CREATE SCHEMA "Mine"'))
        connection.execute(text('CREATE TABLE "Mine"."a table" AS SELECT 7 AS x'))
    assert results.sql('SELECT x FROM "Mine"."a table"').x.tolist() == [7]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_reader_that_may_do_more_is_refused(
    results: storage.Results, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.readonly_postgres.READER", "pg_monitor")  # a member of other roles
    assert refused(results, "SELECT 1").startswith("the role pg_monitor may do more than read")


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_whoever_is_no_superuser_reads_what_it_may(url: str, sweep: int, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE reads LOGIN PASSWORD 'r'"))
        connection.execute(text("GRANT SELECT ON rs_sweeps TO reads"))
    try:
        plain = storage.connect(url.replace(f"{USER}:{PASSWORD}@", "reads:r@"), write=False)
        with storage.Results(plain) as results:
            assert results.sql("SELECT current_user AS who, name FROM rs_sweeps").values.tolist() == [
                ["reads", "moons"]
            ]
            assert refused(results, "SELECT * FROM rs_repeats").startswith("only a SELECT is let through")
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP OWNED BY reads"))
            connection.execute(text("DROP ROLE reads"))


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_functions_that_make_any_length_are_refused(results: storage.Results, sweep: int) -> None:
    for call in ("array_fill(0, ARRAY[100000000])", "repeat('x', 1000000000)", "pg_catalog.RPAD ('x', 10)"):
        name = re.findall(r"(\w+) ?\(", call)[0].lower()
        assert refused(results, f"SELECT {call}") == f"{name} is not let through: what it makes may take any memory"
    assert results.sql("SELECT count(repeat) AS repeat FROM rs_repeats").repeat.tolist() == [0]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_gathers_without_end_is_ended_in_time(results: storage.Results) -> None:
    numbers = "generate_series(1, 1000000000) AS x"
    for gathered in ("string_agg(md5(x::text), '')", "array_agg(x)", "json_agg(x)"):
        assert refused(results, f"SELECT {gathered} FROM {numbers}", timeout_s=0.3) == "took longer than 0.3 s"
    assert results.sql("SELECT 1 AS a").a.tolist() == [1]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_nobody_waits_for_a_server_that_does_not_end_the_statement(
    results: storage.Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.readonly.GRACE_S", -99.8)  # long before the server would
    assert refused(results, ENDLESS, timeout_s=100) == "took longer than 100 s"
    assert results.sql("SELECT 1 AS a", timeout_s=200).a.tolist() == [1]


def test_an_answer_larger_than_memory_is_given_up(results: storage.Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.readonly.MAX_BYTES", 10_000_000)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    assert refused(results, endless) == "gives more than 10 MB; ask for less, or give --limit"
    assert results.sql(endless, limit=3).x.tolist() == [1, 2, 3]


def test_wrong_sql_is_the_databases_message_with_the_place(results: storage.Results) -> None:
    wrong = {
        "SELEC 1": ('near "SELEC"', "(line 1, character 1)"),
        "SELECT name,\n  nothing\nFROM rs_sweeps": ("nothing", "(line 2, character 3)"),
        "SELECT * FROM rs_nothing": ("rs_nothing", "(line 1, character 15)"),
        "SELECT nothing(1)": ("nothing", "(line 1, character 8)"),
        "SELECT a a, a a FRM": ("a", ""),
        "SELECT (1": ("", ""),
        "SELECT 1 -- " + "x" * 20_000: ("has 20,012 characters; it may have 20,000", ""),
    }
    for statement, parts in wrong.items():
        problem = refused(results, statement)
        assert all(part in problem for part in parts), problem
    assert "more than one statement" in refused(results, "SELECT 1; SELECT 2")
    for reads in ("SELECT", " -- DELETE\n(select", "/* DROP\n */ With a AS"):
        assert "only a SELECT" not in refused(results, f"{reads} nothing from")
    for other in ("SELEC 1", "DELETE FROM rs_sweeps", "-- SELECT\nDROP TABLE rs_sweeps"):
        assert "only a SELECT is let through" in refused(results, other)


def test_dtypes_are_alike(results: storage.Results, records: storage.Records, configuration: int) -> None:
    worker = records.join(results.sweep("moons").id, Process("h", "", "", 1, ""))
    records.add_repeat(configuration, "search", repeat(0, 0.9), "w")
    frame = results.sql(
        """SELECT r.id, r.seed, r.train_score, r.status, r.finished_at, c.params, max(w.heartbeat_at) AS seen,
             CASE WHEN r.id < 0 THEN 1 END AS gap, 9007199254740993 AS large, s.id
           FROM rs_repeats r JOIN rs_configurations c ON c.id = r.configuration_id JOIN rs_sweeps s ON s.id = c.sweep_id
           JOIN rs_workers w ON w.sweep_id = s.id GROUP BY r.id, c.id, s.id"""
    )
    (row,) = frame.to_dict("records")
    assert worker and row["finished_at"].utcoffset().total_seconds() == 0 and row["finished_at"] >= row["seen"]
    assert (row["large"], row["seed"], row["id"], row["id_2"]) == (9007199254740993, 1000, 1, 1)
    assert json.loads(row["params"])["regularizer"] == "l2"
    kinds = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert kinds["finished_at"] == kinds["seen"] == "datetime64[us, UTC]"
    assert (kinds["status"], kinds["params"], kinds["train_score"]) == ("string", "string", "float64")
    (total,) = results.sql("SELECT sum(seed) AS total FROM (SELECT 9007199254740993 AS seed) AS s").total
    assert total == 9007199254740993  # not rounded to a float


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_local_times_of_optunas_are_left_as_they_are(results: storage.Results, engine: Engine) -> None:
    moment = "2026-01-02 03:04:05.000006"
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE trials (datetime_start DATETIME)"))
        connection.execute(text("INSERT INTO trials VALUES (:at)"), {"at": moment})
    assert results.sql("SELECT datetime_start AS a FROM trials").a.tolist() == [moment]
    assert results.sql(f"SELECT '{moment}' AS a").a.tolist() == [pd.Timestamp(moment, tz="UTC")]
    assert results.sql("SELECT '2026-02-31 03:04:05.000006' AS a").a.tolist() == ["2026-02-31 03:04:05.000006"]


def test_wrong_parameters(results: storage.Results) -> None:
    assert refused(results, "SELECT ?", parameters=(1, 2))
    assert refused(results, "SELECT :a", parameters={"b": 1})


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_damaged_file_is_a_failure_and_no_fault_of_the_query(
    results: storage.Results, engine: Engine, url: str
) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:  # the last to close it empties the write-ahead log into it
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'rs_sweeps'").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StorageError, match=r"^the database failed: the SQLite file is damaged or cut short$"):
        results.sql("SELECT * FROM rs_sweeps")


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_connection_lost_is_a_failure_and_no_fault_of_the_query(results: storage.Results, engine: Engine) -> None:
    end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'FETCH FORWARD%'")
    ended, deadline = Event(), time.monotonic() + 20

    def end_it() -> None:
        while not ended.is_set() and time.monotonic() < deadline:
            with engine.connect() as connection:
                connection.execute(end)

    thread = Thread(target=end_it)
    thread.start()
    try:
        with pytest.raises(StorageError, match=r"^the database failed: "):
            results.sql(ENDLESS)
    finally:
        ended.set()
        thread.join()

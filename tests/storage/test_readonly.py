import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import storage
from regsearch.errors import QueryError
from storage.readonly import _translated
from tests.storage.builders import repeat

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
    statement, parameters = _translated("""SELECT x::int, '?', "a:b", :n, 5 % 2 -- :c""", {"n": 1})
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
    "UPDATE rs_sweeps SET name = 'x'",
    "DROP TABLE rs_trials",
    "CREATE TABLE t (x INTEGER)",
    "CREATE TEMP TABLE t (x INTEGER)",
    "BEGIN",
    "COMMIT",
    "",
    "VACUUM",
    "WITH gone AS (DELETE FROM rs_sweeps RETURNING id) SELECT * FROM gone",
    "EXPLAIN ANALYZE DELETE FROM rs_sweeps",
    "SELECT 1; DELETE FROM rs_sweeps",
    "COMMIT; DELETE FROM rs_sweeps",
]


@pytest.mark.parametrize("statement", WRITES)
def test_writing_is_refused(results: storage.Results, sweep: int, engine: Engine, statement: str) -> None:
    refused(results, statement)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM rs_sweeps")) == "moons"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA journal_mode = DELETE",
        "SELECT * FROM pragma_table_info('rs_sweeps')",
        "ATTACH '{out}' AS z",
        "VACUUM INTO '{out}'",
        "SELECT load_extension('{out}')",
        "SELECT readfile('{out}')",
    ],
)
def test_sqlite_reaches_no_file(results: storage.Results, tmp_path: Path, statement: str) -> None:
    refused(results, statement.format(out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "COPY rs_sweeps TO '{out}'",
        "COPY (SELECT 1) TO PROGRAM 'touch {out}'",
        "SELECT pg_read_file('/etc/passwd')",
        'SELECT "pg_read_file"(\'/etc/passwd\')',
        "SELECT U&\"pg\\005fread_file\"('/etc/passwd')",
        "SELECT query_to_xml('{copy}', true, true, '')",
        "SELECT set_config('role', 'none', true), query_to_xml('SELECT pg_read_file(''/etc/passwd'')', true, true, '')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
        "SELECT nextval('rs_sweeps_id_seq')",
    ],
)
def test_postgres_reaches_no_file(results: storage.Results, statement: str) -> None:
    out = Path("/tmp") / f"regsearch-{id(results)}"  # a folder that the server could write to
    copy = f"COPY (SELECT 1) TO PROGRAM ''touch {out}''"
    refused(results, statement.format(out=out, copy=copy))
    assert not out.exists()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgres_refuses_files_even_where_no_word_gives_it_away(
    results: storage.Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.readonly._REACHES_OUT", re.compile("(?!)"))
    problem = refused(results, "SELECT pg_read_file('/etc/passwd')")
    assert problem.startswith("only a SELECT is let through")


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_function_with_its_makers_rights_cannot_write_either(
    results: storage.Results, sweep: int, engine: Engine
) -> None:
    with engine.begin() as connection:
        body = "$$ DELETE FROM rs_sweeps $$ LANGUAGE sql SECURITY DEFINER"
        connection.execute(text(f"CREATE FUNCTION clean() RETURNS void AS {body}"))
    refused(results, "SELECT clean()")
    assert results.sweeps().name.tolist() == ["moons"]


def test_a_query_that_runs_for_ever_is_ended(results: storage.Results) -> None:
    assert refused(results, ENDLESS, timeout_s=0.2) == "took longer than 0.2 s"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELEC 1", 'near "SELEC"|at or near "SELEC"'),
        ("SELECT nothing FROM rs_sweeps", "nothing"),
        ("SELECT * FROM rs_nothing", "rs_nothing"),
        ("SELECT 1; SELECT 2", "holds more than one statement"),
    ],
)
def test_wrong_sql_is_the_databases_message_in_one_line(results: storage.Results, statement: str, said: str) -> None:
    problem = refused(results, statement)
    assert any(part in problem for part in said.split("|"))


def test_wrong_parameters(results: storage.Results) -> None:
    assert refused(results, "SELECT ?", parameters=(1, 2))
    assert refused(results, "SELECT :a", parameters={"b": 1})
    assert refused(results, "SELECT 1 \0")

"""The commands that ask the database, and those that delete and copy sweeps, on SQLite and on Postgres."""

import io
import json
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import storage
from storage.liveness import Process
from tests.acceptance.command import regsearch
from tests.acceptance.test_bad_input import files, run_main
from tests.example import fill
from tests.postgres import PostgresServer, missing
from tests.storage.checksum import checksum

Call = Callable[..., tuple[int, str, str]]

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
COLUMNS = "number stage regularizer lambda lambda_l1 lambda_l2 target n mean std se train_mean state variant".split()


@pytest.fixture
def call(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Runs a command on the example's database, in an empty folder."""
    fill(database_url)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("REGSEARCH_STORAGE", database_url)
    return lambda *args: run_main(*args, capsys=capsys, monkeypatch=monkeypatch)


def test_trials_and_query(call: Call) -> None:
    code, out, err = call("trials", "moons", "--format", "json")
    rows = json.loads(out)
    assert (code, err, list(rows[0]), len(rows)) == (0, "", COLUMNS, 8)
    assert (rows[0]["lambda"], rows[5]["lambda"], rows[1]["mean"]) == (None, 1e-3, 0.8571428571428571)

    where = ("--where", "lambda <= 1e-2 AND target LIKE 'hidden%'", "--sort", "-lambda,-number", "--limit", "2")
    code, out, _ = call("trials", "moons", *where, "--columns", "number, regularizer", "--format", "csv")
    assert (code, out) == (0, "number,regularizer\n4,l2\n1,l1\n")
    assert "variant" not in call("trials", "moons")[1]
    assert call("trials", "moons", "--out", "all.parquet") == (0, "", "")
    assert list(pd.read_parquet("all.parquet").columns) == COLUMNS

    named = "SELECT name FROM rs_sweeps WHERE name = :name AND id < :id"
    assert call("query", named, "--param", "name=moons", "--param", "id=1.5", "--format", "csv")[1] == "name\nmoons\n"
    assert call("query", "SELECT ? AS a, id FROM rs_sweeps ORDER BY id", "x", "--limit", "1")[1] == "a  id\nx   1\n"
    code, out, _ = call("query", "SELECT created_at FROM rs_sweeps WHERE id = 1", "--format", "json")
    assert json.loads(out)[0]["created_at"].endswith("+00:00")

    code, out, _ = call("sweeps", "--format", "json")
    expected = {"name": "digits", "configurations": 5, "complete": 5, "repeats": 15, "workers": 0}
    assert code == 0 and json.loads(out)[1].items() >= expected.items()


BAD: list[tuple[list[str], list[str]]] = [
    (["trials", "mons"], ["name: no sweep 'mons'", "did you mean 'moons'?"]),
    (["trials", "moons", "--where", "men > 1"], ["--where: there is no column 'men' (did you mean 'mean'?); columns"]),
    (["trials", "moons", "--where", "mean >"], ["--where: ", "syntax error"]),
    (["trials", "moons", "--where", "mean > 1); DROP TABLE rs_trials; SELECT (1"], ["--where: "]),
    (["trials", "moons", "--sort", "men"], ["--sort: there is no column 'men' (did you mean 'mean'?); columns are"]),
    (["trials", "moons", "--columns", "mean,lamda"], ["--columns: there is no column 'lamda' (did you mean 'lambda'"]),
    (["trials", "moons", "--limit", "-1"], ["--limit"]),
    (["trials", "moons", "--out", "no/a.csv"], ["--out: no/a.csv cannot be written: No such file"]),
    (["trials", "moons", "--format", "xml"], ["--format"]),
    (["query", "INSERT INTO rs_trials VALUES (1, 99, 1)"], ["query: "]),
    (["query", "DROP TABLE rs_trials"], ["query: "]),
    (["query", "PRAGMA user_version = 7"], ["query: "]),
    (["query", "ATTACH 'out.db' AS z"], ["query: "]),
    (["query", "VACUUM INTO 'out.db'"], ["query: "]),
    (["query", "COPY (SELECT 1) TO PROGRAM 'touch /tmp/out.db'"], ["query: "]),
    (["query", "SELECT pg_read_file('/etc/passwd')"], ["query: "]),
    (["query", "SELECT 1; SELECT 2"], ["query: holds more than one statement; give one SELECT"]),
    (["query", "WITH gone AS (DELETE FROM rs_sweeps RETURNING id) SELECT * FROM gone"], ["query: "]),
    (["query", "SELECT\n  lamda FROM rs_leaderboard"], ["query: ", "lamda", "(line 2, character 3)"]),
    (["query", "SELECT :a"], ["query: "]),
    (["query", "SELECT :a", "--param", "a"], ["--param: 'a' is no new NAME=VALUE"]),
    (["query", "SELECT ?", "1", "--param", "a=1"], ["--param: a query has values for ? or NAME=VALUE"]),
    (["delete", "mons"], ["name: no sweep 'mons'", "did you mean 'moons'?"]),
    (["delete", "moons"], ["--yes: is missing, and nobody is here to be asked; it deletes moons, 8 configurations"]),
    (["rename", "mons", "new"], ["name: no sweep 'mons'", "did you mean 'moons'?"]),
    (["rename", "moons", "digits"], ["name: the database has a sweep 'digits' already"]),
    (["rename", "moons", "two words"], ["name: may hold letters, digits, . _ - (at most 64"]),
    (["copy", "mons", "--from", "{url}", "--to", "sqlite:///to.db"], ["name: no sweep 'mons'"]),
    (["copy", "moons", "--from", "sqlite:///no.db", "--to", "sqlite:///to.db"], ["--from: there is no database at no"]),
    (["copy", "moons", "--from", "{url}", "--to", "to.db"], ["--to: to.db is a file, not a database URL"]),
    (["copy", "moons", "--from", "{url}", "--to", "sqlite:///no/to.db"], ["--to: the directory no does not exist"]),
    (["copy", "moons", "--from", "{url}", "--to", "{url}"], ["name: the database to copy to has a sweep 'moons'"]),
]


def test_bad_input_is_one_line_and_changes_nothing(call: Call, database_url: str) -> None:
    before, here = checksum(database_url), files(Path())
    for args, expected in BAD:
        code, out, err = call(*(arg.replace("{url}", database_url) for arg in args))
        assert (code, out, len(err.splitlines())) == (2, "", 1), (args, out, err)
        assert all(part in err for part in expected), err
        assert files(Path()) == here, args
    assert checksum(database_url) == before
    assert not Path("/tmp/out.db").exists()


def test_a_query_that_runs_for_ever_is_ended(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.Results.sql, "__defaults__", ((), None, 0.2))
    assert call("query", ENDLESS) == (2, "", "regsearch: query: took longer than 0.2 s\n")


def answered(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Let somebody be there who answers the question."""
    stdin = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", stdin)


def test_delete_asks_first(call: Call, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = checksum(database_url)
    with storage.open(database_url) as results:
        id_ = results.sweep("moons").id
    answered(monkeypatch, "n")
    code, out, err = call("delete", "moons")
    assert (code, out) == (1, "") and err.endswith("regsearch: nothing was deleted\n")
    assert checksum(database_url) == before
    engine = storage.connect(database_url, write=True)
    records = storage.Records(engine)
    worker = records.join(id_, Process("host", "", "", 1, ""))
    assert call("delete", "moons", "--yes") == (
        2,
        "",
        "regsearch: name: 'moons' has live workers (1); end them first, or give --force\n",
    )
    assert call("delete", "digits", "--yes") == (0, "digits\n", "")  # nobody works on that one
    records.leave(worker)
    engine.dispose()
    answered(monkeypatch, "y")
    assert call("delete", "moons")[:2] == (0, "moons\n")
    assert call("sweeps", "--format", "csv")[1].count("\n") == 1
    assert call("query", "SELECT count(*) AS n FROM rs_repeats", "--format", "csv")[1] == "n\n0\n"


def test_delete_with_force(call: Call, database_url: str) -> None:
    engine = storage.connect(database_url, write=True)
    storage.Records(engine).join(1, Process("host", "", "", 1, ""))
    engine.dispose()
    assert call("delete", "moons", "--yes", "--force") == (0, "moons\n", "")


def test_rename(call: Call, database_url: str) -> None:
    engine = storage.connect(database_url, write=True)
    records = storage.Records(engine)
    worker = records.join(1, Process("host", "", "", 1, ""))
    live = "regsearch: name: 'moons' has live workers (1); end them first, or give --force\n"
    assert call("rename", "moons", "new") == (2, "", live)
    assert call("rename", "moons", "new", "--force") == (0, "new\n", "")
    records.leave(worker)
    engine.dispose()
    assert call("rename", "new", "newer") == (0, "newer\n", "")
    assert [sweep["name"] for sweep in json.loads(call("sweeps", "--format", "json")[1])] == ["newer", "digits"]


def test_copy(call: Call, database_url: str) -> None:
    copy = ("copy", "moons", "--from", database_url, "--to", "sqlite:///to.db")
    assert call(*copy) == (0, "moons\n", "")
    trials = ("trials", "moons", "--format", "json")
    assert call(*trials, "--storage", "sqlite:///to.db") == call(*trials)
    before = checksum("sqlite:///to.db")
    there = "name: the database to copy to has a sweep 'moons' already; delete it there first"
    assert call(*copy) == (2, "", f"regsearch: {there}\n")
    assert checksum("sqlite:///to.db") == before


def one_line(done: "subprocess.CompletedProcess[str]", code: int, *parts: str) -> None:
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (code, "", 1), done
    assert all(part in done.stderr for part in parts), done.stderr


def test_files_that_are_no_sound_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill("sqlite:///good.db")
    good = Path("good.db").read_bytes()
    made = {"text.db": b"no database\n" * 99, "cut.db": good[: len(good) // 2], "head.db": good[:50], "empty.db": b""}
    for name, content in made.items():
        Path(name).write_bytes(content)
    sqlite3.connect("other.db").execute("CREATE TABLE t (x)").connection.close()
    said = {
        "text.db": "not an SQLite database",
        "cut.db": "damaged or cut short",
        "head.db": "damaged or cut short",
        "empty.db": "there is no database at empty.db yet",
        "other.db": "this database holds no sweeps yet",
    }
    before = files(tmp_path)
    copy = ("copy", "moons", "--to", "sqlite:///to.db", "--from")
    for name, problem in said.items():
        for args in (("sweeps", "--storage"), ("delete", "moons", "--yes", "--storage"), copy):
            code, out, err = run_main(*args, f"sqlite:///{name}", capsys=capsys, monkeypatch=monkeypatch)
            assert (code, out, len(err.splitlines())) == (2, "", 1) and problem in err, (args, name, err)
    assert files(tmp_path) == before


def test_full_and_read_only_disks(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        missing("nobody may mount a small disk here: no unshare, or no right to it")
    fill(f"sqlite:///{tmp_path}/good.db")
    (tmp_path / "small").mkdir()

    def said(size: str, *args: str, then: str = "true") -> "subprocess.CompletedProcess[str]":
        mounted = f'mount -t tmpfs -o size={size} none small && {then} && exec "$@"'  # for this process alone
        return regsearch(*args, cwd=tmp_path, before=("unshare", "-rm", "sh", "-c", mounted, "sh"))

    new = ("--storage", "sqlite:///small/a.db")
    one_line(said("64k", "db", "upgrade", *new), 1, "the database failed: the disk is full")
    copy = ("copy", "moons", "--from", "sqlite:///good.db", "--to", "sqlite:///small/a.db")
    one_line(said("300k", *copy), 1, "the database failed: the disk is full")
    read_only = "cp good.db small/a.db && mount -o remount,ro none small"
    one_line(said("1m", "sweeps", *new, then=read_only), 2, "cannot be opened, as its folder is not writable")


def test_a_postgres_that_cannot_be_used(
    postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(url: str) -> str:
        code, out, err = run_main("sweeps", "--storage", url, capsys=capsys, monkeypatch=monkeypatch)
        assert (code, out, len(err.splitlines())) == (2, "", 1), err
        return err

    url = postgres_server.url()
    assert "this database holds no sweeps yet" in said(url)
    assert "Postgres refused the user name or the password" in said(postgres_server.url(password="wr0ng"))
    assert "has no database of that name" in said(postgres_server.url("nothing"))
    assert "must not hold { or }" in said(postgres_server.url(password="{x}"))
    assert postgres_server.process is not None
    postgres_server.process.send_signal(signal.SIGSTOP)
    try:
        assert "Postgres did not answer in time" in said(f"{url}?connect_timeout=2")
    finally:
        postgres_server.process.send_signal(signal.SIGCONT)
    assert "this database holds no sweeps yet" in said(url)
    postgres_server.stop(signal.SIGQUIT)
    try:
        assert "Postgres does not answer; is it running?" in said(url)
    finally:
        postgres_server.start()

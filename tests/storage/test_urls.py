import pytest
from sqlalchemy import create_engine

from regsearch.errors import StorageURLError
from storage.urls import DEFAULT_URL, parse_url, resolve_url, safe_url


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///results.db", "sqlite:///results.db"),
        ("sqlite+pysqlite:////abs/results.db", "sqlite:////abs/results.db"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u:p%40ss@h:5433/d?sslmode=require", "postgresql+psycopg://u:p%40ss@h:5433/d?sslmode=require"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
        ("postgresql://u@h/d?password=p%40ss&a=b", "postgresql+psycopg://u:p%40ss@h/d?a=b"),
    ],
)
def test_urls_are_made_alike(given: str, meant: str) -> None:
    assert resolve_url(given) == meant
    assert resolve_url(meant) == meant


def test_the_argument_comes_before_the_variable_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGSEARCH_STORAGE", "sqlite:///variable.db")
    assert resolve_url("sqlite:///argument.db") == "sqlite:///argument.db"
    assert resolve_url(None) == "sqlite:///variable.db"
    monkeypatch.setenv("REGSEARCH_STORAGE", "")
    assert resolve_url(None) == DEFAULT_URL
    monkeypatch.delenv("REGSEARCH_STORAGE")
    assert resolve_url(None) == DEFAULT_URL


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("results.db", "results.db is a file, not a database URL; write sqlite:///results.db"),
        ("/tmp/results.sqlite3", "write sqlite:////tmp/results.sqlite3"),
        ("results", "it may be sqlite:///FILE.db or postgresql://"),
        ("", "it may be sqlite:///FILE.db or postgresql://"),
        ("mysql://u:secret@h/d", "mysql:// is not a database regsearch can use; it may be sqlite:///"),
        ("postgresql+psycopg2://u:secret@h/d", "it may be sqlite:///"),
        ("postgresql://u:secret@h:port/d", "it may be sqlite:///"),
        ("postgresql://u:secret{x}@h/d", "must not hold { or }"),
        ("sqlite:///{study}.db", "must not hold { or }"),
        ("postgresql://u:sec@ret@h/d", "must be written %40"),
        ("postgresql://u:secret@h", "names no database"),
        ("postgresql://u@h/d?sslpassword=secret", "cannot be kept out of sight"),
        ("postgresql://u:secret@h/d?password=secret", "has more than one password"),
        ("postgresql://u@h/d?password=secret&password=ret", "has more than one password"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite://results.db", "three slashes"),
        (
            "sqlite:///results.db?mode=ro",
            "an SQLite URL takes no options, got ?mode=ro; a ? in the file's name is written",
        ),
        ("sqlite:///what?.db", "got ?.db"),
        ("sqlite:///file:results.db?uri=true", "instead of a file: address"),
    ],
)
def test_wrong_urls_are_refused_in_one_line_without_the_password(wrong: str, said: str) -> None:
    with pytest.raises(StorageURLError) as caught:
        resolve_url(wrong)
    message = str(caught.value)
    assert message.startswith("--storage: ")
    assert said in message
    assert "\n" not in message
    assert "sec" not in message
    assert "ret" not in message


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@h/d", "postgresql+psycopg://u:***@h/d"),
        ("postgresql://u@h/d?password=secret&sslmode=require", "postgresql+psycopg://u:***@h/d"),
        ("postgresql://u@h/d?pasword=secret&sslmode=require", "postgresql+psycopg://u@h/d"),
        ("sqlite:///results.db", "sqlite:///results.db"),
        ("postgresql://u:sec@ret@h/d", "(unreadable URL)"),
    ],
)
def test_passwords_are_hidden(url: str, shown: str) -> None:
    assert safe_url(url) == shown


def test_no_repr_of_what_holds_a_url_shows_its_password() -> None:
    for url in ("postgresql://u:secret@h/d", "postgresql://u@h/d?password=secret"):
        engine = create_engine(resolve_url(url))
        for thing in (engine, engine.url, engine.pool, parse_url(url)):
            assert "secret" not in f"{thing} {thing!r}"

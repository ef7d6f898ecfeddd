"""Database URLs: which one is meant, whether it can be one of ours, and how to show it without its password."""

import os
from typing import NoReturn

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from regsearch.errors import StorageURLError

DEFAULT_URL = "sqlite:///regsearch.db"
VARIABLE = "REGSEARCH_STORAGE"
FIELD = "--storage"
KINDS = "sqlite:///FILE.db or postgresql://USER@HOST/DATABASE"

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def resolve_url(url: str | None) -> str:
    """Return the database URL that is meant, in the form SQLAlchemy and Optuna both take.

    Args:
        url: what the user gave; None for $REGSEARCH_STORAGE, and where that is empty too, `DEFAULT_URL`.

    Raises:
        StorageURLError: it is no URL, or of a kind that cannot be used.
    """
    given = url if url is not None else os.environ.get(VARIABLE) or DEFAULT_URL
    return parse_url(given).render_as_string(hide_password=False)


def safe_url(url: str) -> str:
    """Return the URL for messages and logs: its password hidden, its options left out, as one may be a secret too."""
    try:
        parsed = parse_url(url)
    except StorageURLError:
        return "(unreadable URL)"
    return parsed.set(query={}).render_as_string(hide_password=True)


def parse_url(url: str) -> URL:
    """Return the URL in its parts.

    Raises:
        StorageURLError: it is no URL, or of a kind that cannot be used. The message never repeats a password.
    """
    if "{" in url or "}" in url:
        refuse("a database URL must not hold { or }; in a password write %7B and %7D")
    scheme, separator, _ = url.partition("://")
    if not separator:
        refuse(_without_scheme(url))
    if scheme not in _DRIVERS:
        refuse(f"{scheme}:// is not a database regsearch can use; it may be {KINDS}")
    try:
        parsed = make_url(url).set(drivername=_DRIVERS[scheme])
    except (ArgumentError, ValueError):
        refuse(f"this is not a database URL; it may be {KINDS}")
    if scheme.startswith("sqlite"):
        _check_sqlite(parsed, options=url.partition("?")[2])
        return parsed
    _check_postgres(parsed)
    return _password_in_its_place(parsed)


def refuse(problem: str) -> NoReturn:
    """Raise what is wrong with the database as an error of --storage."""
    raise StorageURLError(FIELD, problem)


def _password_in_its_place(url: URL) -> URL:
    """Return the URL with ?password= before the @, where SQLAlchemy knows it for a secret and shows it to nobody."""
    password = url.query.get("password")
    if password is None:
        return url
    if not isinstance(password, str) or url.password is not None:
        refuse("the URL has more than one password")
    return url.difference_update_query(["password"]).set(password=password)


def _without_scheme(url: str) -> str:
    if url.endswith((".db", ".sqlite", ".sqlite3")):
        return f"{url} is a file, not a database URL; write sqlite:///{url}"
    return f"this is not a database URL; it may be {KINDS}"


def _check_sqlite(url: URL, options: str) -> None:
    if url.host:
        refuse("an SQLite URL has three slashes before its file, sqlite:///FILE.db, or four before an absolute path")
    if not url.database or url.database == ":memory:":
        refuse("a database in memory cannot be shared by workers; give a file, sqlite:///FILE.db")
    if url.database.startswith("file:"):
        refuse("give the file's path, sqlite:///FILE.db, instead of a file: address")
    if options:  # of which SQLAlchemy drops some and warns of others
        refuse(f"an SQLite URL takes no options, got ?{options}; a ? in the file's name is written %3F")


def _check_postgres(url: URL) -> None:
    if "@" in (url.host or ""):  # what follows the first @ may be the rest of a password: name neither
        refuse("an @ inside a user name or password must be written %40")
    if "sslpassword" in url.query:  # nobody who shows a URL knows it for a secret
        refuse("sslpassword cannot be kept out of sight in a URL; put it into a service file, ?service=NAME")
    if not url.database:
        refuse("the URL names no database; it may be postgresql://USER@HOST/DATABASE")

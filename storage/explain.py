"""What a database driver says, as one line a user can act on."""

import re

from sqlalchemy.exc import DBAPIError

_MEANINGS = (
    (r"file is not a database|file is encrypted", "the file is not an SQLite database"),
    (r"database disk image is malformed|malformed database", "the SQLite file is damaged or cut short"),
    (r"readonly database", "the SQLite file is read-only"),
    (r"database or disk is full|No space left", "the disk is full"),
    (r"disk I/O error", "the SQLite file could not be read or written (disk I/O error); is the disk full?"),
    (r"database is locked", "the database was locked by another program for too long"),
    (r"unable to open database file", "the SQLite file cannot be opened"),
    (r"password authentication failed", "Postgres refused the user name or the password"),
    (r"no password supplied", "Postgres wants a password; put it into the URL or into a file named by PGPASSFILE"),
    (r'database "[^"]*" does not exist', "Postgres runs, but has no database of that name; make it with createdb"),
    (r'role "[^"]*" does not exist', "Postgres has no user of that name"),
    (r"too many (clients|connections)", "Postgres has no connection left to give; stop some workers"),
    (r"timeout expired", "Postgres did not answer in time"),
    (r"could not translate host|resolve host|Name or service not known", "the host's name cannot be resolved"),
    (r"Connection refused|is the server running|No such file or directory", "Postgres does not answer; is it running?"),
)


def explain(error: DBAPIError) -> str:
    """Return the driver's message in the user's words, or its first line where it is not a known one."""
    return explain_message(str(error.orig))


def explain_message(said: str) -> str:
    """Return a driver's message in the user's words, or its first line where it is not a known one."""
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE):
            return meaning
    return one_line(said)


def one_line(message: str) -> str:
    """Return the first line of a driver's message, without its label."""
    first = message.strip().partition("\n")[0]
    return re.sub(r"^(ERROR|FATAL):\s+", "", first)

"""All that a database holds, as one number to compare."""

import hashlib
import sqlite3
from typing import LiteralString

import psycopg
from psycopg import sql

from storage.urls import parse_url

_TABLES = "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
_CONTENTS: dict[str, LiteralString] = {
    "r": "SELECT string_agg(t::text, '|' ORDER BY t::text) FROM {} t",
    "S": "SELECT last_value, is_called FROM {}",
}


def checksum(url: str) -> str:
    """Return the digest of every table, sequence and object's name."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        with sqlite3.connect(str(parsed.database)) as connection:
            lines = list(connection.iterdump())
        connection.close()
    else:
        with psycopg.connect(parsed.set(drivername="postgresql").render_as_string(hide_password=False)) as connected:
            there = connected.execute(_TABLES).fetchall()
            lines = [str(there)]
            for name, kind in there:
                if query := _CONTENTS.get(kind):
                    lines.append(str(connected.execute(sql.SQL(query).format(sql.Identifier(name))).fetchone()))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

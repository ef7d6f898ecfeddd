"""When a worker is taken for dead: one rule for configurations, for the time that was worked, and for who is shown."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement

from storage.tables import Workers

HEARTBEAT_S = 10  # between two heartbeats
SILENT_S = 60  # since the last one: then others take over


def is_alive() -> ColumnElement[bool]:
    """Return whether a row of rs_workers is that of a live worker."""
    since = datetime.now(UTC) - timedelta(seconds=SILENT_S)
    return Workers.ended_at.is_(None) & (Workers.heartbeat_at > since)

"""The schema's version: which one a database has, and bringing it to the one this code knows."""

from typing import Literal

from sqlalchemy import Connection, Engine, text

from regsearch.errors import StorageURLError
from storage.transactions import reading, write_transaction
from storage.urls import FIELD

VERSION_TABLE = "rs_alembic_version"
HEAD = "0006"  # the newest script in migrations/versions; versions are numbers of four digits, so they compare
LOCK = 0x7265677365617263  # "regsearc" in ASCII: whoever upgrades a Postgres database holds this advisory lock

Status = Literal["empty", "outdated", "current", "newer"]


def schema_status(engine: Engine) -> Status:
    """Return how a database stands to this code: `newer` where a newer regsearch made it; writes nothing.

    It is `empty` where there are no rs_ tables, `outdated` where `upgrade` has something to do, else `current`.
    """
    with reading(engine) as connection:
        return _status(connection)


def upgrade(engine: Engine) -> None:
    """Bring a database to the schema this code knows; leaves tables that are not ours alone.

    Safe when many processes do it at the same instant: one does, the others wait and find it done.

    Raises:
        StorageURLError: a newer regsearch made the database; nothing was changed.
        StorageError: the database failed; nothing was changed.
    """
    if _must_upgrade(schema_status(engine)):  # the common case takes no lock and loads no Alembic
        write_transaction(engine, _upgrade)


def require_current(engine: Engine) -> None:
    """Raise a StorageURLError where a database holds no sweeps, or an older or a newer schema."""
    status = schema_status(engine)
    if status == "empty":
        raise StorageURLError(FIELD, "this database holds no sweeps yet; `regsearch run` or `create` makes one")
    if _must_upgrade(status):
        raise StorageURLError(FIELD, "an older regsearch made this database; bring it up with `regsearch db upgrade`")


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # SQLite's transaction holds the write lock since it began
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    if _must_upgrade(_status(connection)):  # whoever had the lock before may have done it
        from alembic import command
        from alembic.config import Config

        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "storage:migrations")
        command.upgrade(config, "head")


def _must_upgrade(status: Status) -> bool:
    if status == "newer":
        problem = f"a newer regsearch made this database (this one knows schemas up to {HEAD}); upgrade regsearch"
        raise StorageURLError(FIELD, problem)
    return status != "current"


def _status(connection: Connection) -> Status:
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return "empty"
    version = connection.scalar(text(f"SELECT max(version_num) FROM {VERSION_TABLE}"))
    if version is None:
        return "empty"
    if version == HEAD:
        return "current"
    return "newer" if version > HEAD else "outdated"

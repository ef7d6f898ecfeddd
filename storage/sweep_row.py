"""A sweep as the database has it, found by its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from regsearch.errors import UnknownSweep, nearest
from storage import tables


@dataclass(frozen=True, kw_only=True)
class SweepRow:
    """A sweep as the database has it.

    Args:
        id: its id.
        name: its name.
        config: the sweep file, whole.
        config_hash: what decides whether two configurations are the same.
        created_at: when it was registered, in UTC.
        versions: of regsearch, keras, tensorflow and what else bit-identity depends on.
    """

    id: int
    name: str
    config: Mapping[str, Any]
    config_hash: str
    created_at: datetime
    versions: Mapping[str, str]


def find_sweep(connection: Connection, name: str) -> SweepRow:
    """Return the sweep of that name.

    Raises:
        UnknownSweep: there is none; the message names the nearest.
    """
    s = tables.Sweeps
    columns = (s.id, s.name, s.config, s.config_hash, s.created_at, s.versions)
    row = connection.execute(select(*columns).where(s.name == name)).one_or_none()
    if row is None:
        names = connection.scalars(select(s.name).order_by(s.id)).all()
        raise UnknownSweep("name", f"no sweep {name!r} in the database{nearest(name, names) or _listed(names)}")
    return SweepRow(**row._mapping)


def _listed(names: Sequence[str]) -> str:
    return f"; there are {', '.join(names[:5])}" + (" …" if len(names) > 5 else "") if names else "; there are none yet"

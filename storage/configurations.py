"""A configuration's row, and which of its repeats are there: the parts of a transaction that several ones share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, exists, select, update

from regsearch.spec import Purpose
from storage import tables
from storage.rows import insert_new


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A configuration's id, and which of its repeats are recorded, ok or diverged, and so are never trained again."""

    configuration_id: int
    recorded: frozenset[int]


def registered(connection: Connection, values: Mapping[str, Any]) -> int:
    """Return the id of a configuration's row, made (and open) if it is not there."""
    new = insert_new(connection, tables.Configurations, {**values, "state": "open"}, returning=tables.Configurations.id)
    if new is not None:
        return new
    there = select(tables.Configurations.id).filter_by(sweep_id=values["sweep_id"], key=values["key"])
    return connection.execute(there).scalar_one()


def visit_first(
    connection: Connection, configuration_id: int, stage: str, *, trial: int | None = None, cell_id: int | None = None
) -> None:
    """Give a configuration the stage of a trial or cell, if nothing visited it before."""
    c, t, s = tables.Configurations, tables.Trials, tables.Cells
    trials = exists().where(t.configuration_id == configuration_id, *([] if trial is None else [t.number != trial]))
    cells = exists().where(s.configuration_id == configuration_id, *([] if cell_id is None else [s.id != cell_id]))
    other_stage = update(c).where(c.id == configuration_id, c.stage != stage, ~trials, ~cells)
    connection.execute(other_stage.values(stage=stage))


def begun(connection: Connection, configuration_id: int, purpose: Purpose) -> Begun:
    """Return which of a configuration's repeats are recorded already."""
    r = tables.Repeats
    query = select(r.repeat).filter_by(configuration_id=configuration_id, purpose=purpose)
    recorded = connection.scalars(query.where(r.status.in_(("ok", "diverged"))))
    return Begun(configuration_id=configuration_id, recorded=frozenset(recorded))

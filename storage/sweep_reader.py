"""One sweep's rows, as they all were at one moment: every statement in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Row, func, select

from regsearch.errors import UnknownSweep, nearest
from storage import tables
from storage.details import Looks, RepeatDetails
from storage.frames import curve_frame, frame, row_score_frame
from storage.packing import unpack_surface
from storage.params import from_params
from storage.views import leaderboard


@dataclass(frozen=True, kw_only=True)
class SweepRow:
    """A sweep as the database has it."""

    id: int
    name: str
    config: Mapping[str, Any]  # the sweep file, whole
    config_hash: str  # what decides whether two configurations are the same
    created_at: datetime  # when it was registered, in UTC
    versions: Mapping[str, str]  # of regsearch, keras, tensorflow and what else bit-identity depends on
    checks: Mapping[str, Any] | None = None  # what was found before its first training; None where nothing was checked


class SweepReader:
    """Reads one sweep, or raises UnknownSweep; each method is one statement.

    The connection is in a transaction that sees the database as it was when it began.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self.connection = connection
        self.sweep = find_sweep(connection, name)

    def configurations(self) -> list[Mapping[str, Any]]:
        """Return the sweep's configurations, the highest mean first.

        Keys: the columns of rs_leaderboard, `configuration`, and `reason`, that of its latest failure.
        """
        view, c, f = leaderboard.c, tables.Configurations, tables.Failures
        latest = select(f.reason).where(f.configuration_id == c.id).order_by(f.id.desc()).limit(1).scalar_subquery()
        query = select(leaderboard, c.params, latest.label("reason")).join(c, c.id == view.configuration_id)
        query = query.where(c.sweep_id == self.sweep.id).order_by(view.mean.desc().nulls_last(), view.configuration_id)
        rows = self.connection.execute(query).mappings()
        return [{**row, "configuration": from_params(row["params"])} for row in rows]

    def comparisons(self) -> tuple[pd.DataFrame, Looks]:
        """Return the comparisons that were recorded, and how often their test rows were looked at.

        The first has the columns of rs_comparisons, oldest first; the second also counts other sweeps with the same
        test rows.
        """
        s, c = tables.Sweeps, tables.Comparisons
        digest = (self.sweep.checks or {}).get("test_digest")
        same = s.checks["test_digest"].as_string() == digest if digest else s.id == self.sweep.id
        query = select(c.__table__).join(s, s.id == c.sweep_id).where(same).order_by(c.id)
        found = frame(query, self.connection.execute(query).all())
        looked = found.loc[found["part"] == "test", "sweep_id"]
        own = found[found["sweep_id"] == self.sweep.id].reset_index(drop=True)
        return own, Looks(comparisons=len(looked), sweeps=looked.nunique())

    def end_times(self) -> pd.DataFrame:
        """Return when each configuration that is over had its last repeat, oldest first; columns stage, ended_at."""
        r, c = tables.Repeats, tables.Configurations
        query = select(c.stage, func.max(r.finished_at).label("ended_at")).join(c, c.id == r.configuration_id)
        query = query.where(c.sweep_id == self.sweep.id, c.state.in_(("complete", "diverged")), r.purpose == "search")
        query = query.group_by(c.id, c.stage).order_by("ended_at", c.id)
        return frame(query, self.connection.execute(query).all())

    def weight_norms(self) -> pd.DataFrame:
        """Return √Σw² of each weight tensor before and after each training of the search, layer by layer.

        Columns: configuration_id, repeat, layer, weight, l2_before, l2_after, unit, kinds.
        """
        w, r, c = tables.WeightNorms, tables.Repeats, tables.Configurations
        query = select(r.configuration_id, r.repeat, w.layer, w.weight, w.l2_before, w.l2_after, w.unit, w.kinds)
        query = query.join_from(w, r, r.id == w.repeat_id).join(c, c.id == r.configuration_id)
        query = query.where(c.sweep_id == self.sweep.id, r.purpose == "search")
        query = query.order_by(r.configuration_id, r.repeat, w.unit, w.layer, w.weight)
        return frame(query, self.connection.execute(query).all())

    def details(self, configuration_ids: Collection[int]) -> dict[int, RepeatDetails]:
        """Return what the repeats of some configurations recorded, by configuration."""
        r = tables.Repeats
        scores, rows = (r.validation_score, r.test_score), (r.validation_rows, r.test_rows)
        columns = (r.configuration_id, r.purpose, r.repeat, r.train_score, *scores, r.curve, *rows)
        query = select(*columns).where(r.configuration_id.in_(configuration_ids)).order_by(r.repeat)
        found = self.connection.execute(query).all()
        return {one: _details([row for row in found if row.configuration_id == one]) for one in configuration_ids}

    def phases(self, configuration_ids: Collection[int]) -> pd.DataFrame:
        """Return how the search's trainings of some configurations stood at the end of each phase of their schedule.

        Columns: configuration_id, repeat, level, epochs, strength, validation_score, and surface, where it is kept.
        """
        r, v = tables.Repeats, tables.Phases
        query = select(r.configuration_id, r.repeat, v.level, v.epochs, v.strength, v.validation_score, v.surface)
        query = query.join(r, r.id == v.repeat_id).order_by(r.configuration_id, r.repeat, v.level)
        query = query.where(r.configuration_id.in_(configuration_ids), r.purpose == "search")
        table = frame(query, self.connection.execute(query).all())
        return table.assign(surface=table["surface"].map(unpack_surface, na_action="ignore"))


def find_sweep(connection: Connection, name: str) -> SweepRow:
    """Return the sweep of that name; an UnknownSweep names the nearest where there is none."""
    s = tables.Sweeps
    columns = (s.id, s.name, s.config, s.config_hash, s.created_at, s.versions, s.checks)
    row = connection.execute(select(*columns).where(s.name == name)).one_or_none()
    if row is None:
        names = connection.scalars(select(s.name).order_by(s.id)).all()
        raise UnknownSweep("name", f"no sweep {name!r} in the database{nearest(name, names) or _listed(names)}")
    return SweepRow(**row._mapping)


def _details(rows: Sequence[Row[*tuple[Any, ...]]]) -> RepeatDetails:
    searched = [row for row in rows if row.purpose == "search"]
    confirmed = [row for row in rows if row.purpose == "confirm"]
    tested = [row.test_score for row in confirmed if row.test_score is not None]
    trained = [(row.repeat, row.train_score) for row in searched if row.train_score is not None]
    validated = [(row.repeat, row.validation_score) for row in searched if row.validation_score is not None]
    return RepeatDetails(
        curves=curve_frame([(r.configuration_id, r.repeat, r.curve) for r in searched if r.curve is not None]),
        validation_rows=row_score_frame([(r.repeat, r.validation_rows) for r in searched if r.validation_rows]),
        test_rows=row_score_frame([(r.repeat, r.test_rows) for r in confirmed if r.test_rows]),
        train_scores=pd.DataFrame(trained, columns=["repeat", "train_score"]),
        validation_scores=pd.DataFrame(validated, columns=["repeat", "validation_score"]),
        test_scores=np.asarray(tested, np.float64),
        confirmed_scores=np.asarray([r.validation_score for r in confirmed if r.test_score is not None], np.float64),
    )


def _listed(names: Sequence[str]) -> str:
    return f"; there are {', '.join(names[:5])}" + (" …" if len(names) > 5 else "") if names else "; there are none yet"

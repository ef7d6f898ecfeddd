"""The read path: what the database knows, as pandas DataFrames, filtered in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self

import pandas as pd
from sqlalchemy import Engine, Select, func, select

from regsearch.errors import InputError, UnknownSweep, nearest
from regsearch.results import Surface
from regsearch.spec import Configuration, Purpose
from storage import tables
from storage.database import connect, is_there
from storage.frames import curve_frame, frame, row_score_frame
from storage.packing import unpack_surface
from storage.params import from_params
from storage.readonly import TIMEOUT_S, Parameters, run
from storage.schema import check, require_current
from storage.transactions import reading
from storage.urls import resolve_url
from storage.views import leaderboard, results, results_by_level


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


def open(url: str | None = None) -> "Results":
    """Return the results in a database; writes nothing, and makes no database where there is none.

    Args:
        url: the database; None for $REGSEARCH_STORAGE, else sqlite:///regsearch.db.

    Raises:
        StorageURLError: it cannot be opened, or an older or newer regsearch made it.
    """
    engine = connect(resolve_url(url), write=False)
    try:
        require_current(engine)
    except BaseException:
        engine.dispose()
        raise
    return Results(engine)


def open_existing(url: str | None = None) -> "Results | None":
    """Return what `open` does, or None where nothing is there yet but could be written.

    Raises:
        StorageURLError: it cannot be opened or written, or an older or newer regsearch made it.
    """
    url = resolve_url(url)
    if not is_there(url):
        return None
    engine = connect(url, write=False)
    if check(engine) == "empty":
        engine.dispose()
        return None
    engine.dispose()
    return open(url)


class Results:
    """What the sweeps in one database found out. Close it, or use it in a `with` statement.

    Methods that take a sweep take its name, and raise `UnknownSweep` where there is none of that name. All raise
    `StorageError` when the database fails.

    Args:
        engine: from `storage.connect(url, write=False)`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def sweeps(self) -> pd.DataFrame:
        """Return one row a sweep: id, name, config_hash, created_at and versions, oldest first."""
        s = tables.Sweeps
        versions = (s.regsearch_version, s.keras_version, s.tensorflow_version)
        return self._frame(select(s.id, s.name, s.config_hash, s.created_at, *versions).order_by(s.id))

    def sweep(self, name: str) -> SweepRow:
        """Return the sweep of that name.

        Raises:
            UnknownSweep: there is none; the message names the nearest.
        """
        s = tables.Sweeps
        columns = (s.id, s.name, s.config, s.config_hash, s.created_at, s.versions)
        with reading(self.engine) as connection:
            row = connection.execute(select(*columns).where(s.name == name)).one_or_none()
            names = [] if row else connection.scalars(select(s.name).order_by(s.id)).all()
        if row is None:
            raise UnknownSweep("name", f"no sweep {name!r} in the database{nearest(name, names) or _listed(names)}")
        return SweepRow(**row._mapping)

    def leaderboard(self, sweep: str) -> pd.DataFrame:
        """Return the view rs_leaderboard for one sweep: one row a configuration, highest mean first."""
        view = leaderboard.c
        query = select(leaderboard).where(view.sweep == self.sweep(sweep).name)
        return self._frame(query.order_by(view.mean.desc().nulls_last(), view.configuration_id))

    def trials(self, sweep: str) -> pd.DataFrame:
        """Return one row a configuration, ordered by the number of the first of Optuna's trials that evaluated it.

        Columns: number, stage, regularizer, lambda, lambda_l1, lambda_l2, target, n, mean, std, se, train_mean,
        state, variant.
        n, mean and the like count the repeats that are ok; state tells where others are not.
        """
        t = tables.Trials
        first = select(t.configuration_id, func.min(t.number).label("number")).where(t.sweep_id == self.sweep(sweep).id)
        first_trial = first.group_by(t.configuration_id).subquery()
        names = ("stage", "regularizer", "lambda", "lambda_l1", "lambda_l2", "target")
        summary = ("n", "mean", "std", "se", "train_mean", "state", "variant")
        view = leaderboard.c
        query = (
            select(first_trial.c.number, *(view[name] for name in names + summary))
            .outerjoin_from(leaderboard, first_trial, first_trial.c.configuration_id == view.configuration_id)
            .where(view.sweep == sweep)
            .order_by(first_trial.c.number.nulls_last(), view.configuration_id)
        )
        return self._frame(query)

    def repeats(
        self, sweep: str, purpose: Purpose | None = None, configuration_id: int | None = None
    ) -> pd.DataFrame:
        """Return the view rs_results for one sweep: one row a training with its configuration.

        Args:
            sweep: the sweep's name.
            purpose: `search` or `confirm`; None for both.
            configuration_id: of which configuration; None for all.
        """
        view = results.c
        query = select(results).where(view.sweep == self.sweep(sweep).name)
        if configuration_id is not None:
            query = query.where(view.configuration_id == configuration_id)
        if purpose is not None:
            query = query.where(view.purpose == purpose)
        return self._frame(query.order_by(view.configuration_id, view.purpose, view.repeat))

    def scores(self, configuration_id: int, purpose: Purpose) -> dict[int, float | None]:
        """Return the validation score of each of a configuration's repeats; None for one that is not ok."""
        r = tables.Repeats
        query = select(r.repeat, r.validation_score).where(r.configuration_id == configuration_id, r.purpose == purpose)
        return {row.repeat: row.validation_score for row in self._rows(query.order_by(r.repeat))}

    def curves(
        self, sweep: str, purpose: Purpose = "search", configuration_ids: Sequence[int] | None = None
    ) -> pd.DataFrame:
        """Return learning curves, one row a point.

        Columns: configuration_id, repeat, epoch, train_loss, train_score, validation_loss, validation_score.

        Args:
            sweep: the sweep's name.
            purpose: `search` or `confirm`.
            configuration_ids: of which configurations; None for all.
        """
        r = tables.Repeats
        query = self._of(sweep, purpose, r.configuration_id, r.repeat, r.curve).where(r.curve.is_not(None))
        if configuration_ids is not None:
            query = query.where(r.configuration_id.in_([int(one) for one in configuration_ids]))
        return curve_frame(self._rows(query))

    def weight_norms(self, sweep: str, purpose: Purpose = "search") -> pd.DataFrame:
        """Return Σ|w| and √Σw² of each weight tensor before and after each training, layer by layer.

        `unit` numbers the layers from the input to the output, `kinds` names their classes; both may be missing in
        what older versions wrote.
        """
        w = tables.WeightNorms
        norms = (w.layer, w.weight, w.l1_before, w.l2_before, w.l1_after, w.l2_after, w.unit, w.kinds)
        query = self._of(sweep, purpose, tables.Repeats.configuration_id, tables.Repeats.repeat, *norms)
        return self._frame(query.join(w, w.repeat_id == tables.Repeats.id).order_by(w.unit, w.layer, w.weight))

    def levels(self, sweep: str, purpose: Purpose = "search") -> pd.DataFrame:
        """Return the view rs_results_by_level for one sweep: one row a level of each training on a schedule."""
        view = results_by_level.c
        query = select(results_by_level).where(view.sweep == self.sweep(sweep).name, view.purpose == purpose)
        return self._frame(query.order_by(view.configuration_id, view.repeat, view.level))

    def surfaces(self, configuration_id: int) -> dict[int, Surface]:
        """Return what the first repeat's model predicted at the end of each level, by level, where it is kept."""
        r, v = tables.Repeats, tables.Levels
        query = select(v.level, v.surface).join(r, r.id == v.repeat_id).where(v.surface.is_not(None))
        query = query.where(r.configuration_id == configuration_id, r.purpose == "search", r.repeat == 0)
        return {row.level: unpack_surface(row.surface) for row in self._rows(query.order_by(v.level))}

    def row_scores(
        self, configuration_id: int, *, purpose: Purpose, part: Literal["validation", "test"]
    ) -> pd.DataFrame:
        """Return what each row of the data contributed to each repeat's score; columns repeat, row, score."""
        r = tables.Repeats
        packed = {"validation": r.validation_rows, "test": r.test_rows}[part]
        query = select(r.repeat, packed).where(r.configuration_id == configuration_id, r.purpose == purpose)
        return row_score_frame(self._rows(query.where(packed.is_not(None)).order_by(r.repeat)))

    def configuration(self, configuration_id: int) -> Configuration:
        """Return a configuration by its id.

        Raises:
            InputError: there is none.
        """
        c = tables.Configurations
        with reading(self.engine) as connection:
            params = connection.scalar(select(c.params).where(c.id == configuration_id))
        if params is None:
            raise InputError("configuration_id", f"no configuration {configuration_id} in the database")
        return from_params(params)

    def configurations(self, sweep: str) -> dict[int, Configuration]:
        """Return every configuration of a sweep by its id."""
        c = tables.Configurations
        query = select(c.id, c.params).where(c.sweep_id == self.sweep(sweep).id).order_by(c.id)
        return {row.id: from_params(row.params) for row in self._rows(query)}

    def comparisons(self, sweep: str) -> pd.DataFrame:
        """Return every comparison that was shown to somebody, oldest first."""
        c = tables.Comparisons
        return self._frame(select(c.__table__).where(c.sweep_id == self.sweep(sweep).id).order_by(c.id))

    def failures(self, sweep: str) -> pd.DataFrame:
        """Return every attempt at a repeat that ended without a result, and its reason, oldest first."""
        f, c = tables.Failures, tables.Configurations
        there = select(c.id).where(c.sweep_id == self.sweep(sweep).id)
        return self._frame(select(f.__table__).where(f.configuration_id.in_(there)).order_by(f.id))

    def workers(self, sweep: str) -> pd.DataFrame:
        """Return who worked on a sweep, when each was last heard of and what it was doing."""
        w = tables.Workers
        return self._frame(select(w.__table__).where(w.sweep_id == self.sweep(sweep).id).order_by(w.id))

    def sql(
        self, statement: str, parameters: Parameters = (), limit: int | None = None, timeout_s: float = TIMEOUT_S
    ) -> pd.DataFrame:
        """Return what a SELECT gives; nothing but a SELECT is let through.

        Args:
            statement: one statement, with `?` or `:name` where a parameter goes, on both databases.
            parameters: a sequence for `?`, a mapping for `:name`.
            limit: rows to return at most; None for all.
            timeout_s: how long it may take.

        Raises:
            QueryError: it is wrong, takes too long, or would change something or reach outside the database.
        """
        return run(self.engine, statement, parameters, limit=limit, timeout_s=timeout_s)

    def _of(self, sweep: str, purpose: Purpose, *columns: Any) -> Select[*tuple[Any, ...]]:
        r, c = tables.Repeats, tables.Configurations
        query = select(*columns).select_from(r).join(c, c.id == r.configuration_id)
        query = query.where(c.sweep_id == self.sweep(sweep).id, r.purpose == purpose)
        return query.order_by(r.configuration_id, r.repeat)

    def _rows(self, query: Select[*tuple[Any, ...]]) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(query))

    def _frame(self, query: Select[*tuple[Any, ...]]) -> pd.DataFrame:
        return frame(query, self._rows(query))


def _listed(names: Sequence[str]) -> str:
    return f"; there are {', '.join(names[:5])}" + (" …" if len(names) > 5 else "") if names else "; there are none yet"

"""The read path: what the database knows, as pandas DataFrames, filtered in the database."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Unpack

import pandas as pd
from sqlalchemy import Engine, FromClause, Label, Select, SQLColumnExpression, func, select

from regsearch.results import ScoredSubset, Surface
from regsearch.spec import Configuration, Purpose
from storage import tables
from storage.database import connect, is_there
from storage.frames import curve_frame, frame, row_score_frame
from storage.liveness import is_alive
from storage.packing import unpack_surface
from storage.params import from_params
from storage.readonly import TIMEOUT_S, Parameters, run_select
from storage.schema import require_current, schema_status
from storage.sweep_reader import SweepReader, SweepRow, find_sweep
from storage.table_query import TableQuery, fetch_table
from storage.transactions import reading
from storage.urls import resolve_url
from storage.views import leaderboard, results, results_by_level

TRIAL_COLUMNS = (
    *("number", "stage", "regularizer", "lambda", "lambda_l1", "lambda_l2", "target"),
    *("n", "mean", "std", "se", "train_mean", "state", "variant"),
)


def open(url: str | None = None) -> "Results":
    """Return the results in a database; writes nothing, and makes no database where there is none.

    Args:
        url: the database; None for $REGSEARCH_STORAGE, else sqlite:///regsearch.db.

    Raises:
        StorageURLError: it cannot be opened, or an older or newer regsearch made it.

    Example:
        >>> with regsearch.open_results() as results:
        ...     print(results.sweeps()["name"].tolist())
        ['small']
    """
    engine = connect(resolve_url(url), write=False)
    try:
        require_current(engine)
    except BaseException:
        engine.dispose()
        raise
    return Results(engine)


def open_existing(url: str | None = None) -> "Results | None":
    """Return what `open` does, or None where nothing is there yet but could be written; it refuses what `open` does."""
    url = resolve_url(url)
    if not is_there(url):
        return None
    engine = connect(url, write=False)
    status = schema_status(engine)
    engine.dispose()
    return None if status == "empty" else open(url)


class Results(AbstractContextManager["Results"]):
    """What the sweeps in one database found out. Close it, or use it in a `with` statement.

    Methods that take a sweep take its name, and raise `UnknownSweep` where there is none of that name. `options` are
    `where`, `sort`, `limit` and `columns`, see `storage.table_query.TableQuery`. `purpose` is `search` or `confirm`.
    All raise `StorageError` when the database fails.

    Args:
        engine: from `storage.connect(url, write=False)`.

    Example:
        >>> with regsearch.open_results() as results:
        ...     best = results.leaderboard("small", where="regularizer = 'l2'", limit=1)
        ...     trainings = results.sql("SELECT count(*) AS n FROM rs_results WHERE purpose = 'search'")
        >>> int(best["n"][0]), int(trainings["n"][0])
        (2, 6)
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def sweeps(self, **options: Unpack[TableQuery]) -> pd.DataFrame:
        """Return one row per sweep, oldest first, with how far each is.

        Columns: id, name, config_hash, created_at, versions, configurations (tried so far), complete, repeats (of the
        search, that are ok), workers (alive), heartbeat_at (when one was last heard of).
        """
        s = tables.Sweeps
        versions = (s.regsearch_version, s.keras_version, s.tensorflow_version)
        rows = select(s.id, s.name, s.config_hash, s.created_at, *versions, *_how_far(s.id)).subquery()
        return self._table(rows, order=[rows.c.id], **options)

    def sweep(self, name: str) -> SweepRow:
        """Return the sweep of that name."""
        with reading(self.engine) as connection:
            return find_sweep(connection, name)

    @contextmanager
    def at_one_moment(self, sweep: str) -> Iterator[SweepReader]:
        """Give a reader all of whose statements see one sweep as it was at the first."""
        with reading(self.engine, one_moment=True) as connection:
            yield SweepReader(connection, sweep)

    def leaderboard(self, sweep: str, **options: Unpack[TableQuery]) -> pd.DataFrame:
        """Return the view rs_leaderboard for one sweep: one row per configuration, highest mean first."""
        view = leaderboard.c
        order = (view.mean.desc().nulls_last(), view.configuration_id)
        return self._table(leaderboard, view.sweep == self.sweep(sweep).name, order=order, **options)

    def trials(self, sweep: str, **options: Unpack[TableQuery]) -> pd.DataFrame:
        """Return one row per configuration, ordered by the number of the first of Optuna's trials that evaluated it.

        Columns: number, stage, regularizer, lambda, lambda_l1, lambda_l2, target, n, mean, std, se, train_mean,
        state, variant; on request also configuration_id.
        n, mean and the like count the repeats that are ok; state tells where others are not.
        """
        t = tables.Trials
        first = select(t.configuration_id, func.min(t.number).label("number")).where(t.sweep_id == self.sweep(sweep).id)
        first_trial = first.group_by(t.configuration_id).subquery()
        view = leaderboard.c
        rows = (
            select(first_trial.c.number, *(view[name] for name in TRIAL_COLUMNS[1:]), view.configuration_id)
            .outerjoin_from(leaderboard, first_trial, first_trial.c.configuration_id == view.configuration_id)
            .where(view.sweep == sweep)
            .subquery()
        )
        order = (rows.c.number.nulls_last(), rows.c.configuration_id)
        return self._table(rows, order=order, **_with_default(options, TRIAL_COLUMNS))

    def repeats(self, sweep: str, purpose: Purpose | None = None, **options: Unpack[TableQuery]) -> pd.DataFrame:
        """Return the view rs_results for one sweep: one row per training, of both purposes for None."""
        view = results.c
        always = [view.sweep == self.sweep(sweep).name, *([] if purpose is None else [view.purpose == purpose])]
        order = (view.configuration_id, view.purpose, view.repeat)
        return self._table(results, *always, order=order, **options)

    def curves(self, sweep: str, purpose: Purpose = "search", where: str | None = None) -> pd.DataFrame:
        """Return learning curves, one row per point.

        Columns: configuration_id, repeat, epoch, train_loss, train_score, validation_loss, validation_score. `where`
        chooses repeats, by the columns of rs_results.
        """
        r, view = tables.Repeats, results.c
        source = select(results, r.curve).join(r, r.id == view.repeat_id).where(r.curve.is_not(None)).subquery()
        always = (source.c.sweep == self.sweep(sweep).name, source.c.purpose == purpose)
        order = (source.c.configuration_id, source.c.repeat)
        columns = ("configuration_id", "repeat", "curve")
        _, rows = fetch_table(self.engine, source, *always, order=order, where=where, columns=columns)
        return curve_frame(rows)

    def weight_norms(self, sweep: str, purpose: Purpose = "search", **options: Unpack[TableQuery]) -> pd.DataFrame:
        """Return Σ|w| and √Σw² of each weight tensor before and after each training, layer by layer.

        `unit` numbers the layers from the input to the output, `kinds` names their classes; both may be missing in
        what older versions wrote. The columns of rs_results are there on request.
        """
        w = tables.WeightNorms
        norms = (w.layer, w.weight, w.l1_before, w.l2_before, w.l1_after, w.l2_after, w.unit, w.kinds)
        rows = select(results, *norms).join(w, w.repeat_id == results.c.repeat_id).subquery()
        always = (rows.c.sweep == self.sweep(sweep).name, rows.c.purpose == purpose)
        order = (rows.c.configuration_id, rows.c.repeat, rows.c.unit, rows.c.layer, rows.c.weight)
        names = ("configuration_id", "repeat", *(column.key for column in norms))
        return self._table(rows, *always, order=order, **_with_default(options, names))

    def phases(self, sweep: str, purpose: Purpose = "search") -> pd.DataFrame:
        """Return the view rs_results_by_level for one sweep: one row per phase of each training on a schedule."""
        view = results_by_level.c
        query = select(results_by_level).where(view.sweep == self.sweep(sweep).name, view.purpose == purpose)
        return self._frame(query.order_by(view.configuration_id, view.repeat, view.level))

    def surfaces(self, configuration_id: int) -> dict[int, Surface]:
        """Return what the first repeat's model predicted at the end of each phase, by phase, where it is kept."""
        r, v = tables.Repeats, tables.Phases
        query = select(v.level, v.surface).join(r, r.id == v.repeat_id).where(v.surface.is_not(None))
        query = query.where(r.configuration_id == configuration_id, r.purpose == "search", r.repeat == 0)
        return {row.level: unpack_surface(row.surface) for row in self._rows(query.order_by(v.level))}

    def row_scores(self, configuration_id: int, *, purpose: Purpose, subset: ScoredSubset) -> pd.DataFrame:
        """Return what each row of the data contributed to each repeat's score; columns repeat, row, score."""
        r = tables.Repeats
        packed = {"validation": r.validation_rows, "test": r.test_rows}[subset]
        query = select(r.repeat, packed).where(r.configuration_id == configuration_id, r.purpose == purpose)
        return row_score_frame(self._rows(query.where(packed.is_not(None)).order_by(r.repeat)))

    def configurations(self, sweep: str) -> dict[int, Configuration]:
        """Return every configuration of a sweep by its id."""
        c = tables.Configurations
        query = select(c.id, c.params).where(c.sweep_id == self.sweep(sweep).id).order_by(c.id)
        return {row.id: from_params(row.params) for row in self._rows(query)}

    def comparisons(self, sweep: str) -> pd.DataFrame:
        """Return every comparison that was recorded, oldest first."""
        c = tables.Comparisons
        return self._frame(select(c.__table__).where(c.sweep_id == self.sweep(sweep).id).order_by(c.id))

    def failures(self, sweep: str) -> pd.DataFrame:
        """Return every attempt at a repeat that ended without a result, and its reason, oldest first."""
        f, c = tables.Failures, tables.Configurations
        there = select(c.id).where(c.sweep_id == self.sweep(sweep).id)
        return self._frame(select(f.__table__).where(f.configuration_id.in_(there)).order_by(f.id))

    def workers(self, sweep: str, *, alive: bool = False) -> pd.DataFrame:
        """Return who worked on a sweep, or still does, when each was last heard of and what it was doing."""
        w = tables.Workers
        query = select(w.__table__).where(w.sweep_id == self.sweep(sweep).id).order_by(w.id)
        return self._frame(query.where(is_alive()) if alive else query)

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
        return run_select(self.engine, statement, parameters, limit=limit, timeout_s=timeout_s)

    def _table(self, source: FromClause, *always: Any, order: Any, **options: Unpack[TableQuery]) -> pd.DataFrame:
        return frame(*fetch_table(self.engine, source, *always, order=order, **options))

    def _rows(self, query: Select[*tuple[Any, ...]]) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(query))

    def _frame(self, query: Select[*tuple[Any, ...]]) -> pd.DataFrame:
        return frame(query, self._rows(query))


def _how_far(sweep_id: SQLColumnExpression[int]) -> list[Label[Any]]:
    """Return what is counted for each sweep, as subqueries of its row."""
    c, r, w = tables.Configurations, tables.Repeats, tables.Workers
    of_sweep = c.sweep_id == sweep_id
    tried = select(func.count()).select_from(c).where(of_sweep)
    repeats = select(func.count()).select_from(r).join(c, c.id == r.configuration_id).where(of_sweep)
    workers = select(func.count()).select_from(w).where(w.sweep_id == sweep_id)
    counts = {
        "configurations": tried,
        "complete": tried.where(c.state == "complete"),
        "repeats": repeats.where(r.purpose == "search", r.status == "ok"),
        "workers": workers.where(is_alive()),
        "heartbeat_at": select(func.max(w.heartbeat_at)).where(w.sweep_id == sweep_id),
    }
    return [query.scalar_subquery().label(name) for name, query in counts.items()]


def _with_default(options: TableQuery, columns: Sequence[str]) -> TableQuery:
    return options if options.get("columns") is not None else {**options, "columns": columns}

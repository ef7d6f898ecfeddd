"""The cells of a sweep whose strategy knows them beforehand: who holds which, and what came of each.

A cell is claimed by one statement. Whoever claims it holds it for as long as its worker lives, which the worker's own
heartbeat tells; then it is free again, and whoever ends it after that is told that it holds it no longer. So a cell is
ended once, whatever happens to its workers. A cell that has ended is held on until Optuna was told of it.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Select, Update, and_, case, exists, func, select, true, update

from regsearch.spec import Configuration
from storage import tables
from storage.configurations import Begun, begun, registered, visit_first
from storage.liveness import Process, is_alive
from storage.rows import configuration_values, insert_new
from storage.transactions import PAUSES_S, reading, write_transaction

CellState = Literal["open", "raced", "complete", "diverged", "eliminated", "failed"]
UNENDED = ("open", "raced")

Configure = Callable[[Mapping[str, Any]], tuple[Configuration, str]]  # parameters -> what they mean, and its key
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell as it stands."""

    id: int
    stage: str
    params: Mapping[str, Any]  # as Optuna knows them
    repeats: int  # how many it is to have
    state: CellState
    configuration_id: int | None  # None until it is first worked on
    value: float | None  # its mean validation score
    standard_error: float | None
    claimed_at: datetime | None  # by the last one who did


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A cell that a worker holds; `begun` says which of its repeats are recorded already."""

    cell: Cell
    begun: Begun


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many cells of a sweep there are."""

    total: int
    ended: int
    failed: int
    untold: int  # have ended, and Optuna does not know
    open: int  # that the budget allows
    raced: int


@dataclass(frozen=True, kw_only=True)
class RepeatScore:
    """What a repeat scored."""

    repeat: int
    validation: float
    train: float | None


class Cells:
    """Hands out a sweep's cells. Every method is one short transaction, tried again where the database was gone.

    Args:
        engine: from `storage.connect(url, write=True)`.
        sweep_id: of the sweep.
        most: cells that may end, without those that failed; None for all.
        pauses_s: how long to wait before each further attempt at a transaction.
    """

    def __init__(
        self, engine: Engine, sweep_id: int, *, most: int | None = None, pauses_s: Sequence[float] = PAUSES_S
    ) -> None:
        self._engine = engine
        self._sweep_id = sweep_id
        self._most = most
        self._pauses_s = pauses_s

    def add(self, cells: Sequence[tuple[str, Mapping[str, Any]]], *, after: int, repeats: int) -> None:
        """Add cells, each by its stage and parameters, behind the first so many; those that are there stay as they are.

        Any number of workers may add the same ones at once.
        """
        rows = [
            {
                "sweep_id": self._sweep_id,
                "position": after + place,
                "key": json.dumps(dict(params), sort_keys=True),
                "stage": stage,
                "params": dict(params),
                "repeats": repeats,
                "state": "open",
                "failures": 0,
            }
            for place, (stage, params) in enumerate(cells)
        ]
        self._write(lambda connection: [insert_new(connection, tables.Cells, row) for row in rows])

    def all(self) -> list[Cell]:
        """Return every cell, in the order in which they are handed out."""
        c = tables.Cells
        with reading(self._engine) as connection:
            found = connection.execute(_cells().where(c.sweep_id == self._sweep_id).order_by(c.position))
            return [_cell(row) for row in found]

    def counts(self) -> Counts:
        """Return how far the sweep is."""
        c = tables.Cells
        ended, afforded = c.state.not_in(UNENDED), and_(true(), *self._budget())
        which = {
            "total": true(),
            "ended": ended,
            "failed": c.state == "failed",
            "untold": ended & c.number.is_(None),
            "open": (c.state == "open") & afforded,
            "raced": c.state == "raced",
        }
        counted = [func.coalesce(func.sum(case((one, 1), else_=0)), 0).label(name) for name, one in which.items()]
        with reading(self._engine) as connection:
            row = connection.execute(select(*counted).where(c.sweep_id == self._sweep_id)).one()
        return Counts(**{name: int(count) for name, count in row._mapping.items()})

    def scores_of(self, configuration_ids: Collection[int], repeats: int) -> dict[int, list[float]]:
        """Return the validation scores of the first so many repeats of configurations, in order."""
        r = tables.Repeats
        query = select(r.configuration_id, r.validation_score).where(r.configuration_id.in_(configuration_ids))
        query = query.where(r.purpose == "search", r.status == "ok", r.repeat < repeats)
        found: dict[int, list[float]] = {id_: [] for id_ in configuration_ids}
        with reading(self._engine) as connection:
            for id_, score in connection.execute(query.order_by(r.configuration_id, r.repeat)):
                found[id_].append(float(score or 0.0))
        return found

    def scores(self, configuration_id: int) -> list[RepeatScore]:
        """Return the scores of a configuration's repeats that are ok, in order."""
        r = tables.Repeats
        query = select(r.repeat, r.validation_score, r.train_score)
        query = query.where(r.configuration_id == configuration_id, r.purpose == "search", r.status == "ok")
        with reading(self._engine) as connection:
            found = connection.execute(query.order_by(r.repeat))
            return [RepeatScore(repeat=a, validation=v, train=t) for a, v, t in found if v is not None]

    def claim(self, worker_id: int, configure: Configure, *, told: tuple[int, int] | None = None) -> Claim | None:
        """Claim the next free cell for a worker; None where there is none.

        Args:
            worker_id: who claims.
            configure: says what a cell's parameters mean.
            told: a cell that this worker has ended, and the number of its trial: with that it is no longer held.
        """
        c = tables.Cells
        first = self._first_free(worker_id, c.state == "open", c.id).scalar_subquery()
        taken = {"worker_id": worker_id, "claimed_at": datetime.now(UTC)}
        taking = update(c).where(c.id == first).values(**taken).returning(*_COLUMNS)

        def work(connection: Connection) -> Claim | None:
            if told is not None:
                _set_number(connection, *told)
            row = connection.execute(taking).one_or_none()
            if row is None:
                return None
            cell = _cell(row)
            if cell.configuration_id is None:
                cell = self._configured(connection, cell, configure)
            return _claim(connection, cell)

        return self._write(work)

    def claim_untold(self, worker_id: int) -> tuple[Cell, bool] | None:
        """Claim a cell that has ended and that Optuna does not know; None where there is none.

        Returns:
            The cell, and whether a worker held it that died: then Optuna may know it after all.
        """
        c = tables.Cells

        def work(connection: Connection) -> tuple[Cell, bool] | None:
            untold = c.state.not_in(UNENDED) & c.number.is_(None)
            first = self._first_free(worker_id, untold, c.id, c.worker_id)
            found = connection.execute(first).one_or_none()
            if found is None:
                return None
            taken = update(c).where(c.id == found.id).values(worker_id=worker_id).returning(*_COLUMNS)
            return _cell(connection.execute(taken).one()), found.worker_id is not None

        return self._write(work)

    def end(
        self,
        cell_id: int,
        worker_id: int,
        state: CellState,
        *,
        value: float | None,
        standard_error: float | None = None,
    ) -> bool:
        """Record what came of a cell; return False, with nothing written, where the worker holds it no longer."""
        held = update(tables.Cells).where(tables.Cells.id == cell_id, tables.Cells.worker_id == worker_id)
        holder = None if state in UNENDED else worker_id
        ended = held.values(state=state, value=value, standard_error=standard_error, worker_id=holder)
        return self._write(lambda connection: connection.execute(ended).rowcount == 1)

    def close_rung(self, becomes: Mapping[int, CellState], *, rung: int, following: int) -> None:
        """Repeat some cells further and end the others, of those that wait at the end of a rung of so many repeats.

        Any number of workers may close it, as they all find the same.

        Args:
            becomes: of each cell: open, to be repeated further; complete as it is; or eliminated.
            rung: how many repeats they have.
            following: how many those are to have that are repeated further.
        """
        c, of = tables.Cells, tables.Configurations
        waiting = update(c).where(c.state == "raced", c.repeats == rung)

        def work(connection: Connection) -> None:
            for state, repeats in (("open", following), ("complete", rung), ("eliminated", rung)):
                ids = [id_ for id_, becoming in becomes.items() if becoming == state]
                moved = waiting.where(c.id.in_(ids)).values(state=state, repeats=repeats)
                those = connection.scalars(moved.returning(c.configuration_id)).all()
                connection.execute(update(of).where(of.id.in_(those)).values(state=state))

        self._write(work)

    def fail(self, cell_id: int, worker_id: int, *, most: int) -> bool | None:
        """Count a failure of a cell and free it; at `most` of them it is abandoned.

        Returns:
            Whether it is abandoned; None, with nothing written, where the worker holds it no longer.
        """
        c = tables.Cells
        held = update(c).where(c.id == cell_id, c.worker_id == worker_id)
        is_last = c.failures + 1 >= most
        failed = held.values(
            failures=c.failures + 1,
            state=case((is_last, "failed"), else_=c.state),
            worker_id=case((is_last, c.worker_id), else_=None),
        ).returning(c.state)

        def work(connection: Connection) -> bool | None:
            state = connection.execute(failed).scalar_one_or_none()
            return None if state is None else state == "failed"

        return self._write(work)

    def release(self, cell_id: int, worker_id: int) -> None:
        """Free a cell that a worker holds; one that has ended stays held, as Optuna may have been told of it."""
        c = tables.Cells
        held = update(c).where(c.id == cell_id, c.worker_id == worker_id, c.state == "open")
        freed = held.values(worker_id=None)
        self._write(lambda connection: connection.execute(freed))

    def set_number(self, cell_id: int, number: int) -> None:
        """Record the number of an ended cell's trial: with that it is no longer held."""
        self._write(lambda connection: _set_number(connection, cell_id, number))

    def held(self, worker_id: int) -> list[Claim]:
        """Return what a worker holds and has not ended."""
        c = tables.Cells
        with reading(self._engine) as connection:
            found = connection.execute(_cells().where(c.worker_id == worker_id, c.state == "open"))
            return [_claim(connection, _cell(row)) for row in found.all()]

    def held_since(self, process: Process) -> datetime | None:
        """Return since when a process has held what it holds longest, and has not ended; None where it holds none."""
        c, w = tables.Cells, tables.Workers
        held = select(func.min(c.claimed_at)).join(w, w.id == c.worker_id)
        with reading(self._engine) as connection:
            return connection.scalar(
                held.where(c.sweep_id == self._sweep_id, c.state == "open", w.process == str(process))
            )

    def _first_free(self, worker_id: int, which: ColumnElement[bool], *columns: Any) -> Select[Any]:
        """Return the statement that locks the first of these cells that nobody holds."""
        c = tables.Cells
        free = select(*columns).where(c.sweep_id == self._sweep_id, which, _free(worker_id), *self._budget())
        return free.order_by(c.position).limit(1).with_for_update(skip_locked=True)

    def _budget(self) -> list[ColumnElement[bool]]:
        """Return the condition that a cell is among those that may end; one that failed gives its place back."""
        c = tables.Cells
        if self._most is None:
            return []
        failed = select(func.count()).where(c.sweep_id == self._sweep_id, c.state == "failed").correlate(None)
        return [c.position < self._most + failed.scalar_subquery()]

    def _configured(self, connection: Connection, cell: Cell, configure: Configure) -> Cell:
        configuration, key = configure(cell.params)
        values = configuration_values(configuration)
        id_ = registered(connection, {**values, "sweep_id": self._sweep_id, "key": key, "stage": cell.stage})
        connection.execute(update(tables.Cells).where(tables.Cells.id == cell.id).values(configuration_id=id_))
        visit_first(connection, id_, cell.stage, cell_id=cell.id)
        return Cell(**{**vars(cell), "configuration_id": id_})

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        return write_transaction(self._engine, work, self._pauses_s)


_C = tables.Cells
_COLUMNS = (
    _C.id,
    _C.stage,
    _C.params,
    _C.repeats,
    _C.state,
    _C.configuration_id,
    _C.value,
    _C.standard_error,
    _C.claimed_at,
)


def _cells() -> Select[Any]:
    return select(*_COLUMNS)


def _cell(row: Any) -> Cell:
    return Cell(**row._mapping)


def _claim(connection: Connection, cell: Cell) -> Claim:
    assert cell.configuration_id is not None  # it has one since it was first claimed
    return Claim(cell=cell, begun=begun(connection, cell.configuration_id, "search"))


def _free(worker_id: int) -> ColumnElement[bool]:
    """Return the condition that nobody holds a cell, or nobody who lives, or this worker.

    It asks only when it has nothing in hand: what it holds all the same it claimed when the database's answer was lost.
    """
    c, w = tables.Cells, tables.Workers
    return c.worker_id.is_(None) | (c.worker_id == worker_id) | ~exists().where(w.id == c.worker_id, is_alive())


def _set_number(connection: Connection, cell_id: int, number: int) -> None:
    c = tables.Cells
    told: Update = update(c).where(c.id == cell_id).values(number=number, worker_id=None)
    row = connection.execute(told.returning(c.sweep_id, c.configuration_id)).one()
    trial = {"sweep_id": row.sweep_id, "number": number, "configuration_id": row.configuration_id}
    insert_new(connection, tables.Trials, trial)

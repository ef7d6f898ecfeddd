"""The write path: every method is one short transaction, tried again where the database was busy or gone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, Update, select, update

from regsearch.errors import StorageError
from regsearch.results import Comparison, Repeat
from regsearch.spec import Configuration, Purpose
from regsearch.spec.plain import to_plain
from storage import tables
from storage.configurations import Begun, begun, registered, visit_first
from storage.conflicts import conflict
from storage.liveness import Process
from storage.rows import configuration_values, insert_new, insert_repeats, repeat_values
from storage.transactions import PAUSES_S, reading, write_transaction

State = Literal["open", "complete", "diverged", "eliminated", "failed"]
Result = TypeVar("Result")


class Records:
    """Writes what a sweep finds out. Safe to share between threads; build one in each process.

    Every method raises `StorageError` when the database fails or stays busy, and then it has written nothing.

    Args:
        engine: from `storage.connect(url, write=True)`, on a database that `storage.upgrade` brought up.
        pauses_s: how long to wait before each further attempt at a transaction.
    """

    def __init__(self, engine: Engine, *, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self.engine = engine
        self.pauses_s = pauses_s

    def register_sweep(
        self, *, name: str, config: Mapping[str, Any], config_hash: str, versions: Mapping[str, str]
    ) -> int:
        """Return the id of the sweep, new or already there with the same hash.

        `config` is the sweep file, whole; versions are those of regsearch, keras, tensorflow and whatever else
        bit-identity depends on.

        Raises:
            SweepConflict: a sweep of that name is there with another hash; nothing was written.
        """
        columns = {f"{package}_version": versions.get(package) for package in ("regsearch", "keras", "tensorflow")}
        values = {"name": name, "config": dict(config), "config_hash": config_hash, "versions": dict(versions)}

        def work(connection: Connection) -> int:
            insert_new(connection, tables.Sweeps, {**values, **columns, "created_at": _now()})
            sweeps = select(tables.Sweeps.id, tables.Sweeps.config_hash, tables.Sweeps.config)
            there = connection.execute(sweeps.where(tables.Sweeps.name == name)).one()
            if there.config_hash != config_hash:
                raise conflict(name, there.config, config)
            sweep_id: int = there.id
            return sweep_id

        return self._write(work)

    def set_config(self, sweep_id: int, config: Mapping[str, Any]) -> None:
        """Replace what is stored of a sweep's file by one with the same hash."""
        self._update(tables.Sweeps, sweep_id, config=dict(config))

    def add_checks(self, sweep_id: int, checks: Mapping[str, Any]) -> None:
        """Record what was found before a sweep's first training; what was recorded first stays."""
        unchecked = update(tables.Sweeps).where(tables.Sweeps.id == sweep_id, tables.Sweeps.checks.is_(None))
        self._write(lambda connection: connection.execute(unchecked.values(checks=dict(checks))))

    def set_check(self, sweep_id: int, name: str, value: Any) -> None:
        """Record one thing that was found of a sweep later on; it replaces what was recorded by that name."""
        one = tables.Sweeps.id == sweep_id

        def work(connection: Connection) -> None:
            there = connection.execute(select(tables.Sweeps.checks).where(one).with_for_update()).scalar_one()
            connection.execute(update(tables.Sweeps).where(one).values(checks={**(there or {}), name: value}))

        self._write(work)

    def register_configuration(self, sweep_id: int, configuration: Configuration, *, key: str, stage: str) -> int:
        """Return the id of the sweep's configuration with this key, new (and open) or already there.

        `stage` is the one that visits it first: a configuration already there keeps its own.
        """
        values = configuration_values(configuration) | {"sweep_id": sweep_id, "key": key, "stage": stage}
        return self._write(lambda connection: registered(connection, values))

    def begin_trial(self, sweep_id: int, number: int, configuration: Configuration, *, key: str, stage: str) -> Begun:
        """Record which configuration a trial of Optuna's evaluates, and register that; a second time changes nothing.

        A configuration that was registered before any trial visited it takes its first trial's stage.

        Raises:
            StorageError: the trial is recorded with another configuration; nothing was written.
        """
        values = configuration_values(configuration) | {"sweep_id": sweep_id, "key": key, "stage": stage}
        there = select(tables.Trials.configuration_id).filter_by(sweep_id=sweep_id, number=number)

        def work(connection: Connection) -> Begun:
            configuration_id = registered(connection, values)
            trial = {"sweep_id": sweep_id, "number": number, "configuration_id": configuration_id}
            new = insert_new(connection, tables.Trials, trial, returning=tables.Trials.number)
            if new is None and connection.execute(there).scalar_one() != configuration_id:
                raise StorageError(f"trial {number} is already recorded with another configuration")
            if new is not None:
                visit_first(connection, configuration_id, stage, trial=number)
            return begun(connection, configuration_id, "search")

        return self._write(work)

    def begun(self, configuration_id: int, purpose: Purpose) -> Begun:
        """Return which of a configuration's repeats are recorded already."""
        return self._write(lambda connection: begun(connection, configuration_id, purpose))

    def add_repeats(self, configuration_id: int, purpose: Purpose, repeats: Sequence[Repeat], worker: str) -> int:
        """Record trainings with their norms, phases, curves and row scores, all or nothing; return how many are new.

        One that was there, ok or diverged, stays as it was; a failed one is replaced.
        """
        common = {"configuration_id": configuration_id, "purpose": purpose, "worker": worker, "finished_at": _now()}
        rows = [repeat_values(repeat) | common for repeat in repeats]

        return self._write(lambda connection: insert_repeats(connection, repeats, rows))

    def add_repeat(self, configuration_id: int, purpose: Purpose, repeat: Repeat, worker: str) -> bool:
        """Record one training and return whether it is new; see `add_repeats`."""
        return self.add_repeats(configuration_id, purpose, [repeat], worker) == 1

    def settle(self, configuration_id: int, purpose: Purpose, *, repeats: int = 0) -> dict[int, float | None]:
        """Return the validation score of each repeat, None for one that is not ok; after a search record its state.

        The state is `diverged` where one is not ok, `open` where there are not so many `repeats` yet, else `complete`.
        """
        r = tables.Repeats
        query = select(r.repeat, r.validation_score).filter_by(configuration_id=configuration_id, purpose=purpose)

        def work(connection: Connection) -> dict[int, float | None]:
            scores = {row.repeat: row.validation_score for row in connection.execute(query.order_by(r.repeat))}
            if purpose == "search":
                left = "complete" if len(scores) >= repeats else "open"
                state = "diverged" if None in scores.values() else left
                connection.execute(_updated(tables.Configurations, configuration_id, state=state))
            return scores

        return self._write(work)

    def add_failure(self, configuration_id: int, purpose: Purpose, repeat: int, *, reason: str, worker: str) -> None:
        """Record an attempt at a repeat that ended without a result, and why, in one line."""
        values = {"configuration_id": configuration_id, "purpose": purpose, "repeat": repeat}
        self._insert(tables.Failures, values | {"reason": reason, "worker": worker, "at": _now()})

    def set_state(self, configuration_id: int, state: State) -> None:
        """Record how far a configuration's evaluation is."""
        self._update(tables.Configurations, configuration_id, state=state)

    def add_comparison(self, sweep_id: int, configuration_id: int, baseline_id: int, comparison: Comparison) -> bool:
        """Record a comparison that is shown to somebody, and return whether it is new.

        Where the same pair was compared on that subset with as many repeats before, the first one is kept.
        """
        values = {"sweep_id": sweep_id, "configuration_id": configuration_id, "baseline_id": baseline_id}
        return self._insert(tables.Comparisons, values | to_plain(comparison) | {"made_at": _now()}) is not None

    def join(self, sweep_id: int, process: Process) -> int:
        """Register a process as a worker and return its id."""
        now = _now()
        values = {"sweep_id": sweep_id, "name": process.name, "host": process.host, "pid": process.pid}
        worker_id = self._insert(
            tables.Workers, values | {"process": str(process), "started_at": now, "heartbeat_at": now}
        )
        assert worker_id is not None  # nothing about a worker is unique
        return worker_id

    def beat(self, worker_id: int, doing: str | None = None) -> None:
        """Record that a worker is alive, and what it is doing, in a few words."""
        self._update(tables.Workers, worker_id, heartbeat_at=_now(), doing=doing)

    def leave(self, worker_id: int) -> None:
        """Record that a worker has ended."""
        now = _now()
        self._update(tables.Workers, worker_id, heartbeat_at=now, ended_at=now, doing=None)

    def dead(self, sweep_id: int) -> list[tuple[int, Process]]:
        """Return those of a sweep's workers, by id, whose process is sure to have ended, and that did not say so."""
        w = tables.Workers
        living = select(w.id, w.process).where(w.sweep_id == sweep_id, w.ended_at.is_(None), w.process.is_not(None))
        with reading(self.engine) as connection:
            found = [(row.id, Process.parse(row.process)) for row in connection.execute(living)]
        return [(id_, process) for id_, process in found if process is not None and process.has_ended()]

    def end_dead(self, sweep_id: int) -> None:
        """Record the end of those workers: they were last heard of then."""
        w = tables.Workers
        if gone := [id_ for id_, _ in self.dead(sweep_id)]:
            ended = update(w).where(w.id.in_(gone)).values(ended_at=w.heartbeat_at, doing=None)
            self._write(lambda connection: connection.execute(ended))

    def _insert(self, table: Any, values: Mapping[str, Any]) -> int | None:
        return self._write(lambda connection: insert_new(connection, table, values, returning=table.id))

    def _update(self, table: Any, row_id: int, **values: Any) -> None:
        self._write(lambda connection: connection.execute(_updated(table, row_id, **values)))

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        return write_transaction(self.engine, work, self.pauses_s)


def _updated(table: Any, row_id: int, **values: Any) -> Update:
    return update(table).where(table.id == row_id).values(**values)


def _now() -> datetime:
    return datetime.now(UTC)

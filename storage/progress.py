"""How far one sweep is, and who works on it: one statement, cheap enough to be asked again every second."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import CTE, Engine, Row, Select, and_, case, func, select, true

from regsearch.spec import Configuration
from storage.liveness import is_alive
from storage.params import from_params
from storage.tables import Configurations, Repeats, Sweeps, Workers
from storage.transactions import reading

NEAR = 1e-9  # relative to the best mean: wider than any tie, which the reader decides
MOST_NEAR = 100  # of those that are near, the ones with the largest coefficients, to which ties go
BETWEEN, AFTER = "\t", "\n"  # a worker's name and what it does; one worker


@dataclass(frozen=True, kw_only=True)
class Leader:
    """A complete configuration whose mean score is the best so far, or near it.

    Args:
        id: its id.
        configuration: what it is.
        stage: the stage that visited it first.
        scores: of each repeat.
    """

    id: int
    configuration: Configuration
    stage: str
    scores: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class LiveWorker:
    """A worker that was heard of just now: host:pid, and what it was doing then."""

    name: str
    doing: str | None


@dataclass(frozen=True, kw_only=True)
class SweepProgress:
    """A sweep's search at one moment.

    Args:
        finished: configurations that are complete or diverged.
        repeats: recorded of all configurations.
        open_repeats: recorded of those that are not finished.
        leaders: the best, and what may tie with it.
        workers: those alive, by name.
    """

    finished: int
    repeats: int
    open_repeats: int
    leaders: tuple[Leader, ...]
    workers: tuple[LiveWorker, ...]


def read_progress(engine: Engine, sweep_id: int, *, greater_is_better: bool, control: str) -> SweepProgress:
    """Return how far a sweep is.

    Args:
        engine: from `storage.connect`.
        sweep_id: its id.
        greater_is_better: whether more of its metric is better.
        control: the stage whose configurations take no part in choosing.

    Raises:
        StorageError: the database failed.
    """
    with reading(engine) as connection:
        rows = connection.execute(_statement(sweep_id, greater_is_better, control)).all()
    told = [worker.split(BETWEEN) for worker in (rows[0].workers or "").split(AFTER) if worker]
    by_leader = groupby((row for row in rows if row.id is not None), key=lambda row: row.id)
    return SweepProgress(
        finished=rows[0].finished,
        repeats=rows[0].repeats,
        open_repeats=rows[0].open_repeats,
        leaders=tuple(_leader(list(found)) for _, found in by_leader),
        workers=tuple(LiveWorker(name=name, doing=doing or None) for name, doing in sorted(told)),
    )


def _statement(sweep_id: int, greater_is_better: bool, control: str) -> Select[*tuple[Any, ...]]:
    """Return one row per repeat of each leader, each with the counts; one row where nobody leads yet."""
    scored, r = _scored(sweep_id), Repeats
    leaders = _leaders(scored, greater_is_better, control)
    is_open = scored.c.state == "open"
    counts = {
        "finished": case((is_open, 0), else_=1),
        "repeats": scored.c.n,
        "open_repeats": case((is_open, scored.c.n), else_=0),
    }
    sums = [select(func.coalesce(func.sum(one), 0)).scalar_subquery().label(name) for name, one in counts.items()]
    told = func.aggregate_strings(Workers.name + BETWEEN + func.coalesce(Workers.doing, ""), AFTER)
    workers = select(told).where(Workers.sweep_id == sweep_id, is_alive()).scalar_subquery().label("workers")
    of_leader = and_(r.configuration_id == leaders.c.id, r.purpose == "search", r.status == "ok")
    return (
        select(*sums, workers, leaders, r.validation_score)
        .select_from(Sweeps)
        .outerjoin(leaders, true())
        .outerjoin(r, of_leader)
        .where(Sweeps.id == sweep_id)
        .order_by(leaders.c.id, r.repeat)
    )


def _scored(sweep_id: int) -> CTE:
    """Return one row per configuration that has repeats; all that is read of these lies in one index."""
    c, r = Configurations, Repeats
    counted = func.count().label("n"), func.avg(r.validation_score).label("mean")  # but for rounding
    query = select(c.id, c.state, *counted).join(r, r.configuration_id == c.id)
    query = query.where(c.sweep_id == sweep_id, r.purpose == "search", r.status.in_(("ok", "diverged")))
    return query.group_by(c.id, c.state).cte("scored")


def _leaders(scored: CTE, greater_is_better: bool, control: str) -> CTE:
    c = Configurations
    complete = select(scored.c.id, scored.c.mean).join(c, c.id == scored.c.id)
    found = complete.where(c.state == "complete", c.stage != control).cte("complete")
    best = select(func.max(found.c.mean) if greater_is_better else func.min(found.c.mean)).scalar_subquery()
    largest = c.weight_decay + case((c.lambda_l1 > c.lambda_l2, c.lambda_l1), else_=c.lambda_l2)
    query = select(c.id, c.stage, c.params).join(found, found.c.id == c.id)
    query = query.where(func.abs(found.c.mean - best) <= NEAR * func.abs(best))
    return query.order_by(largest.desc(), c.id).limit(MOST_NEAR).cte("leaders")


def _leader(rows: Sequence[Row[*tuple[Any, ...]]]) -> Leader:
    return Leader(
        id=rows[0].id,
        configuration=from_params(rows[0].params),
        stage=rows[0].stage,
        scores=tuple(row.validation_score for row in rows),
    )

"""How far one sweep is, and who works on it: one statement, cheap enough to be asked again every second."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import CTE, Engine, Select, and_, case, func, select, true

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
    """A complete configuration whose mean score is the best so far, or near it."""

    id: int
    configuration: Configuration
    stage: str  # that visited it first
    scores: tuple[float, ...]  # of each repeat


@dataclass(frozen=True, kw_only=True)
class SweepProgress:
    """A sweep's search at one moment."""

    finished: int  # configurations that are complete or diverged
    repeats: int  # recorded of all configurations
    open_repeats: int  # recorded of those that are not finished
    leaders: tuple[Leader, ...]  # the best, and what may tie with it
    workers: Mapping[str, str | None]  # those alive, host:pid, and what each does


def read_progress(engine: Engine, sweep_id: int, *, greater_is_better: bool, control: str) -> SweepProgress:
    """Return how far a sweep is; configurations of the stage `control` take no part in choosing."""
    with reading(engine) as connection:
        rows = connection.execute(_statement(sweep_id, greater_is_better, control)).all()
    told = [worker.split(BETWEEN) for worker in (rows[0].workers or "").split(AFTER) if worker]
    by_leader = groupby((row for row in rows if row.id is not None), key=lambda row: (row.id, row.stage, row.params))
    return SweepProgress(
        finished=int(rows[0].finished),  # Postgres may sum to Decimal
        repeats=int(rows[0].repeats),
        open_repeats=int(rows[0].open_repeats),
        leaders=tuple(
            Leader(
                id=id_,
                configuration=from_params(params),
                stage=stage,
                scores=tuple(row.validation_score for row in found),
            )
            for (id_, stage, params), found in by_leader
        ),
        workers={name: doing or None for name, doing in sorted(told)},
    )


def _statement(sweep_id: int, greater_is_better: bool, control: str) -> Select[*tuple[Any, ...]]:
    """Return one row per repeat of each leader, each with the counts; one row where nobody leads yet."""
    c, r = Configurations, Repeats
    counted = func.count().label("n"), func.avg(r.validation_score).label("mean")  # but for rounding
    query = select(c.id, c.state, *counted).join(r, r.configuration_id == c.id).group_by(c.id, c.state)
    of_search = (c.sweep_id == sweep_id, r.purpose == "search", r.status.in_(("ok", "diverged")))
    scored = query.where(*of_search).cte("scored")  # all that is read of repeats here lies in one index
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
    rows = select(*sums, workers, leaders, r.validation_score).select_from(Sweeps).where(Sweeps.id == sweep_id)
    return rows.outerjoin(leaders, true()).outerjoin(r, of_leader).order_by(leaders.c.id, r.repeat)


def _leaders(scored: CTE, greater_is_better: bool, control: str) -> CTE:
    c = Configurations
    complete = select(scored.c.id, scored.c.mean).join(c, c.id == scored.c.id)
    found = complete.where(c.state == "complete", c.stage != control).cte("complete")
    best = select(func.max(found.c.mean) if greater_is_better else func.min(found.c.mean)).scalar_subquery()
    largest = c.weight_decay + case((c.lambda_l1 > c.lambda_l2, c.lambda_l1), else_=c.lambda_l2)
    query = select(c.id, c.stage, c.params).join(found, found.c.id == c.id)
    query = query.where(func.abs(found.c.mean - best) <= NEAR * func.abs(best))
    return query.order_by(largest.desc(), c.id).limit(MOST_NEAR).cte("leaders")

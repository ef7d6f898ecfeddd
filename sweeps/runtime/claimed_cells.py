"""Cells that our own table hands out; Optuna gets each as a trial when it has ended, in one call of its storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from optuna.trial import FixedTrial

from regsearch.comparison import difference_error
from regsearch.scoring import Summary
from regsearch.spec import Configuration
from regsearch.statistics.enough_repeats import is_enough
from storage.cells import Cell, Cells, CellState, Claim
from storage.liveness import Process
from sweeps.analysis.row_dependence import dependence_of
from sweeps.analysis.uncertainty import uncertainty
from sweeps.config.published import STAGE as LITERATURE
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.told_trials import EndedCell, find_trial, tell_trial
from sweeps.runtime.trial_source import Job, TakenOver, TrialSource
from sweeps.samplers.coarse_to_fine import Poll
from sweeps.samplers.coarse_to_fine.cell_space import Key
from sweeps.samplers.coarse_to_fine.plan import Score, Stage
from sweeps.search.cell_stages import open_stages
from sweeps.search.rung import judge, next_rung
from sweeps.search.space import published_params, suggest
from sweeps.search.strategies import Extent
from sweeps.search.strategies.cell_strategy import CellStrategy

MAX_FAILURES = 3  # of one cell, before it is abandoned
ENDED = ("complete", "diverged", "eliminated", "failed")
REASONS = {"diverged": "a repeat diverged", "eliminated": "it fell behind the leader of a race"}


@dataclass(frozen=True, kw_only=True)
class Held:
    """A cell, and the worker that holds it."""

    cell: Cell
    worker_id: int


class ClaimedCells(TrialSource):
    """The cells of a sweep, for one of its workers.

    Args:
        sweep: an open one, whose strategy knows its cells beforehand.
        worker_id: in rs_workers; None for who only looks.
    """

    def __init__(self, sweep: Sweep, worker_id: int | None = None) -> None:
        assert isinstance(sweep.strategy, CellStrategy)
        self._sweep = sweep
        self._strategy = sweep.strategy
        self._plan = sweep.strategy.plan
        self._cells = Cells(sweep.records.engine, sweep.id, most=sweep.strategy.most)
        self._worker = worker_id or 0
        self._race = sweep.config.evaluation.race
        self._told: tuple[int, int] | None = None  # a cell that we ended, and its trial
        self._undecided = (-1, 0)  # cells of stages to come, at most, when there were so many cells

    def next(self) -> Job | Poll:
        """Claim a cell; where none is free, open the next stage; see TrialSource."""
        while True:
            told, self._told = self._told, None
            claim = self._cells.claim(self._worker, self._configure, told=told)
            if claim is not None:
                return self._job(claim, self._worker)
            if (untold := self._cells.claim_untold(self._worker)) is not None:
                cell, was_held = untold
                self._tell(cell, cell.state, cell.value, may_be_told=was_held)
                continue
            counts = self._cells.counts()
            if counts.open or counts.untold:
                return Poll.WAIT
            if counts.raced:
                self._close_rung()
                continue
            if not self._open_stages():
                return Poll.DONE

    def end(self, job: Job, found: Summary | None) -> None:
        """Record what came of the cell, then tell Optuna; see TrialSource."""
        held: Held = job.held
        is_whole = self._race is None or job.repeats >= self._race.rungs[-1]
        state: CellState = "diverged" if found is None else "complete" if is_whole else "raced"
        value = None if found is None else found.mean
        error = None if found is None else self._standard_error(job, found)
        if not self._cells.end(held.cell.id, held.worker_id, state, value=value, standard_error=error):
            raise TakenOver
        if state != "raced":
            self._tell(held.cell, state, value, may_be_told=len(job.begun.recorded) >= job.repeats)

    def fail(self, job: Job, reason: str) -> None:
        """Count a failure of the cell; see TrialSource."""
        abandoned = self._cells.fail(job.held.cell.id, job.held.worker_id, most=MAX_FAILURES)
        if abandoned is None:
            raise TakenOver
        if abandoned:
            self._sweep.records.set_state(job.begun.configuration_id, "failed")
            self._tell(job.held.cell, "failed", None, reason=reason)

    def release(self, job: Job) -> None:
        """Free the cell; see TrialSource."""
        self._cells.release(job.held.cell.id, job.held.worker_id)

    def beat(self, job: Job) -> None:
        """Do nothing: the worker's own heartbeat keeps what it holds."""

    def free_dead(self) -> None:
        """End the workers of this machine that are gone: what a worker holds is free once it has ended."""
        self._sweep.records.end_dead(self._sweep.id)

    def left_by(self, pid: int) -> list[Job]:
        """Return what a process held; see TrialSource."""
        gone = self._sweep.records.dead(self._sweep.id)
        held = [(claim, id_) for id_, process in gone if process.pid == pid for claim in self._cells.held(id_)]
        return [self._job(claim, id_) for claim, id_ in held]

    def running_since(self, pid: int) -> datetime | None:
        """Return since when a process has held a cell; see TrialSource."""
        return self._cells.held_since(Process.of(pid))

    def extent(self) -> Extent:
        """Count cells; those of a stage that is not decided yet count as the most it can have."""
        ended, most = self._extent()
        budget = self._strategy.most
        return Extent(done=ended, total=most if budget is None else max(ended, min(most, budget)))

    def left(self) -> int:
        """Count the cells that have not ended: of a grid all, of draws those that the budget still allows."""
        ended, most = self._extent()
        return self._strategy.left_of(ended, most)

    def is_done(self) -> bool:
        """Return whether every cell that the budget allows has ended, and no stage follows."""
        counts = self._cells.counts()
        if counts.open or counts.raced:
            return False
        most = self._strategy.most
        return (most is not None and counts.ended - counts.failed >= most) or self._stages()[1]

    def abandoned(self) -> Sequence[Mapping[str, Any]]:
        """Return what failed too often; see TrialSource."""
        return [cell.params for cell in self._cells.all() if cell.state == "failed"]

    def close(self) -> None:
        """Record the number of the last trial."""
        if self._told is not None:
            self._cells.set_number(*self._told)
            self._told = None

    def _job(self, claim: Claim, worker_id: int) -> Job:
        cell = claim.cell
        configuration, _ = self._configure(cell.params)
        held = Held(cell=cell, worker_id=worker_id)
        return Job(configuration=configuration, stage=cell.stage, begun=claim.begun, repeats=cell.repeats, held=held)

    def _configure(self, params: Mapping[str, Any]) -> tuple[Configuration, str]:
        configuration = suggest(FixedTrial(dict(params)), self._sweep.config)
        return configuration, self._sweep.key(configuration)

    def _standard_error(self, job: Job, found: Summary) -> float | None:
        if self._sweep.config.search.promote != "one-se":
            return None
        rows = self._sweep.results.row_scores(job.begun.configuration_id, purpose="search", subset="validation")
        return uncertainty(rows, found.se).se

    def _tell(
        self, cell: Cell, state: CellState, value: float | None, *, reason: str = "", may_be_told: bool = False
    ) -> None:
        """Give Optuna the trial of a cell that has ended, unless it has it."""
        study = self._sweep.study
        number = find_trial(study, cell.params) if may_be_told else None
        if number is None:
            told = EndedCell(
                params=cell.params,
                distributions=self._plan.space.distributions,
                state=state,
                stage=cell.stage,
                value=value,
                repeats=() if cell.configuration_id is None else self._cells.scores(cell.configuration_id),
                reason=reason or REASONS.get(state, ""),
                begun_at=_local(cell.claimed_at),
            )
            number = tell_trial(study, told)
        self._told = (cell.id, number)

    def _open_stages(self) -> bool:
        """Add the cells of the stages that are decided by now; return whether there are new ones."""
        rows = self._cells.all()
        stages, _ = open_stages(self._plan, self._closed(rows), maximize=self._sweep.config.greater_is_better)
        space = self._plan.space
        known = {space.key(row.params) for row in rows}
        wanted = {} if rows else self._published(stages[0])
        wanted |= {
            key: self._strategy.stage_name(stage)
            for stage in stages
            for key in self._plan.in_order(stage.cells)
            if key not in wanted
        }
        new = [(stage, space.params(key)) for key, stage in wanted.items() if key not in known]
        if new:
            repeats = self._race.rungs[0] if self._race else self._sweep.config.evaluation.repeats
            self._cells.add(new, after=len(rows), repeats=repeats)
        return bool(new)

    def _close_rung(self) -> None:
        """Repeat those cells further that the race leaves, as far as further repeats would tell more."""
        assert self._race is not None
        rows, better = self._cells.all(), self._sweep.config.greater_is_better
        waiting = [row for row in rows if row.state == "raced"]
        if not waiting:  # another worker was quicker
            return
        rung = min(row.repeats for row in waiting)
        best = self._best(rows)
        running = {self._plan.space.key(row.params) or (): row for row in [*waiting, *best]}
        by_id = self._cells.scores_of([row.configuration_id or 0 for row in running.values()], rung)
        judged = judge(
            self._race,
            self._plan,
            {key: by_id[row.configuration_id or 0] for key, row in running.items()},
            exempt=[key for key, row in running.items() if self._configure(row.params)[0].regularizer == "none"],
            maximize=better,
        )
        enough = self._enough(running[judged.leader], [running[key] for key in judged.survivors])
        becomes: dict[int, CellState] = {row.id: "eliminated" for row in waiting}
        becomes |= {running[key].id: "complete" if running[key].id in enough else "open" for key in judged.survivors}
        self._cells.close_rung(becomes, rung=rung, following=next_rung(self._race, rung))

    def _best(self, rows: Sequence[Cell]) -> list[Cell]:
        """Return the best cell that is complete; none where there is none yet."""
        sign, space = (-1 if self._sweep.config.greater_is_better else 1), self._plan.space
        whole = [
            (sign * row.value, self._plan.preference(space.key(row.params) or ()), row.id, row)
            for row in rows
            if row.state == "complete" and row.value is not None
        ]
        return [row for *_, row in sorted(whole)[:1]]

    def _enough(self, leader: Cell, survivors: Sequence[Cell]) -> set[int]:
        """Return which cells have enough repeats: where rows, not seeds, limit what a fixed split can tell.

        The leader has where all others have.
        """
        config, others = self._sweep.config, [cell for cell in survivors if cell.id != leader.id]
        dependence = None if config.varied_rows else dependence_of(config)
        if dependence is None:
            return set()
        of_leader = self._rows(leader)
        errors = {
            cell.id: difference_error(self._rows(cell), of_leader, metric=config.metric, dependence=dependence)
            for cell in others
        }
        enough = {id_ for id_, error in errors.items() if error is not None and is_enough(error)}
        return enough | ({leader.id} if others and len(enough) == len(others) else set())

    def _rows(self, cell: Cell) -> pd.DataFrame:
        assert cell.configuration_id is not None
        return self._sweep.results.row_scores(cell.configuration_id, purpose="search", subset="validation")

    def _published(self, first: Stage) -> dict[Key, str]:
        """Return the published settings that the space holds, which come first, and the stage of each."""
        config, space = self._sweep.config, self._plan.space
        found = (published_params(config, setting) for setting in config.search.published(config.model.builder))
        keys = [key for params in found if params is not None and (key := space.key(params)) is not None]
        return {key: self._strategy.stage_name(first) if key in first.cells else LITERATURE for key in keys}

    def _extent(self) -> tuple[int, int]:
        """Return how many cells have ended, and how many there can be at most."""
        counts = self._cells.counts()
        if not counts.total and self._open_stages():
            counts = self._cells.counts()
        if counts.total != self._undecided[0]:
            stages, over = self._stages()
            later = [] if over else self._plan.undecided(stages)
            self._undecided = (counts.total, sum(count for _, count in later))
        return counts.ended, counts.total + self._undecided[1]

    def _stages(self) -> tuple[list[Stage], bool]:
        """Return the stages as far as they are decided, and whether the last one is closed and none follows."""
        closed = self._closed(self._cells.all())
        return open_stages(self._plan, closed, maximize=self._sweep.config.greater_is_better)

    def _closed(self, rows: Sequence[Cell]) -> dict[Key, Score | None]:
        ended = ((self._plan.space.key(row.params), row) for row in rows if row.state in ENDED)
        return {key: _score(row) for key, row in ended if key is not None}


def _local(at: datetime | None) -> datetime:
    """Return a time as Optuna has it: of the local clock, without its zone."""
    return datetime.now() if at is None else at.astimezone().replace(tzinfo=None)


def _score(cell: Cell) -> Score | None:
    if cell.state != "complete" or cell.value is None:
        return None
    return Score(value=cell.value, standard_error=cell.standard_error)

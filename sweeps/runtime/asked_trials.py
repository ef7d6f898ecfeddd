"""Trials that Optuna hands out: those of strategies that learn from every result."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from inspect import unwrap
from typing import Any

from optuna import Trial
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import fail_stale_trials
from optuna.trial import FrozenTrial, TrialState

from regsearch.scoring import Summary
from storage.liveness import Process
from sweeps.runtime.optuna_storage import PROCESS, keep_alive, worker_marks
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.trial_source import Job, TakenOver, TrialSource
from sweeps.samplers.coarse_to_fine import NothingLeft, Poll, release
from sweeps.search.space import suggest
from sweeps.search.strategies import Extent


class AskedTrials(TrialSource):
    """Asks a sweep's study, and tells it; `say` is told what others did."""

    def __init__(self, sweep: Sweep, say: Callable[[str], None]) -> None:
        self._sweep = sweep
        self._say = say

    def next(self) -> Job | Poll:
        """Ask for a trial; see TrialSource."""
        step = self._sweep.strategy.poll(self._sweep.study)
        if step is not Poll.CELL:
            return step
        try:
            trial = self._sweep.ask()
        except NothingLeft:  # another worker was quicker
            return Poll.WAIT
        except UpdateFinishedTrialError:
            self._say("a trial was taken over by another worker before it began")
            return Poll.WAIT
        try:
            if not self._sweep.strategy.is_surplus(self._sweep.study, trial):
                return self._begun(trial)
        except BaseException as error:
            if is_taken_over(trial, error):
                self._say(f"trial {trial.number} was taken over by another worker")
                return Poll.WAIT
            self._release(trial.number)
            raise
        self._release(trial.number)
        return Poll.WAIT

    def end(self, job: Job, found: Summary | None) -> None:
        """Tell Optuna; see TrialSource."""
        if found is None:
            self._tell(job.held, TrialState.PRUNED, reason="a repeat diverged")
        else:
            self._tell(job.held, value=found.mean)

    def fail(self, job: Job, reason: str) -> None:
        """Fail the trial; see TrialSource."""
        self._tell(job.held, TrialState.FAIL, reason=reason)

    def release(self, job: Job) -> None:
        """Fail the trial, which counts for nothing; see TrialSource."""
        self._release(job.held.number)

    def beat(self, job: Job) -> None:
        """Record that the trial lives; see TrialSource."""
        keep_alive(job.held)

    def free_dead(self) -> None:
        """Free at once the trials of this machine's workers that are gone; those of others once they are silent."""
        unwrap(fail_stale_trials)(self._sweep.study)  # unwrapped: it warns that it is experimental, in every process
        for trial, _ in self._of_dead():
            self._release(trial.number)

    def left_by(self, pid: int) -> list[Job]:
        """Return what a process left; see TrialSource."""
        found = []
        for frozen, process in self._of_dead():
            if process.pid == pid:
                trial = Trial(self._sweep.study, frozen._trial_id)
                try:
                    found.append(self._begun(trial))
                except ValueError:  # it died before its parameters were drawn
                    self._release(frozen.number)
        return found

    def running_since(self, pid: int) -> datetime | None:
        """Return when the first running trial of a process began; see TrialSource."""
        process = str(Process.of(pid))
        running = self._sweep.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        begun = [t.datetime_start for t in running if t.user_attrs.get(PROCESS) == process]
        return min((at.astimezone() for at in begun if at is not None), default=None)  # Optuna's are local

    def extent(self) -> Extent:
        """Return how far the search is."""
        return self._sweep.strategy.extent(self._sweep.study)

    def left(self) -> int:
        """Return how many configurations are left; see TrialSource."""
        return self._sweep.strategy.left(self._sweep.study)

    def is_done(self) -> bool:
        """Return whether nothing is left."""
        return self._sweep.strategy.poll(self._sweep.study) is Poll.DONE

    def abandoned(self) -> Sequence[Mapping[str, Any]]:
        """Return what failed too often; see TrialSource."""
        return self._sweep.strategy.abandoned(self._sweep.study)

    def close(self) -> None:
        """Do nothing: every trial was told as it ended."""

    def _of_dead(self) -> Iterator[tuple[FrozenTrial, Process]]:
        """Yield the running trials of this machine's processes that have ended."""
        for trial in self._sweep.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            process = Process.parse(trial.user_attrs.get(PROCESS, ""))
            if process is not None and process.has_ended():
                yield trial, process

    def _begun(self, trial: Trial) -> Job:
        sweep = self._sweep
        if PROCESS not in trial.user_attrs:  # it was enqueued by somebody
            for mark, value in worker_marks().items():
                trial.set_user_attr(mark, value)
        configuration = suggest(trial, sweep.config)
        stage = sweep.strategy.stage(trial)
        begun = sweep.begin(trial.number, configuration, stage)
        repeats = sweep.config.evaluation.repeats
        return Job(configuration=configuration, stage=stage, begun=begun, repeats=repeats, held=trial)

    def _tell(
        self, trial: Trial, state: TrialState | None = None, *, value: float | None = None, reason: str = ""
    ) -> None:
        try:
            if reason:
                trial.set_user_attr("reason", reason)
            self._sweep.study.tell(trial, value, state=state)
        except (UpdateFinishedTrialError, ValueError) as error:
            if is_taken_over(trial, error):
                raise TakenOver from error
            raise

    def _release(self, number: int) -> None:
        with suppress(UpdateFinishedTrialError):  # others were quicker
            release(self._sweep.study, number)


def is_taken_over(trial: Trial, error: BaseException) -> bool:
    """Return whether an error says that others failed the trial; Optuna may say so by a ValueError of `tell`."""
    said = isinstance(error, UpdateFinishedTrialError | ValueError)
    return said and trial.storage.get_trial(trial._trial_id).state.is_finished()

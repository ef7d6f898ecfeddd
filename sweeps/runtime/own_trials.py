"""Optuna's cache of a study, without reading what this process wrote itself."""

import copy
import time
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.storages._cached_storage import _CachedStorage
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy import bindparam, text

from storage.transactions import again

_CHANGED = text(  # in two parts, each of which has an index; joined by OR they would read all of the study's trials
    "SELECT trial_id, state FROM trials WHERE study_id = :study AND trial_id > :after "
    "UNION SELECT trial_id, state FROM trials WHERE trial_id IN :unfinished"
).bindparams(bindparam("unfinished", expanding=True))


class OwnTrials(_CachedStorage):
    """Optuna's cache, which knows also what this process wrote to its own running trials.

    Of a trial that this process started, others change nothing but its state, when they take its worker for dead. So
    its parameters and attributes need not be read back; its state is read whenever trials are. A trial that is started
    here has `marks` as user attributes from its beginning.
    """

    def __init__(self, backend: RDBStorage, marks: Mapping[str, Any]) -> None:
        super().__init__(backend)
        self.backend = backend
        self._marks = marks
        self._own: set[int] = set()  # ids of trials
        self._beat = (0, 0)  # the last heartbeat: of which trial, in which second

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial; see BaseStorage."""
        template = template_trial or create_trial(state=TrialState.RUNNING, user_attrs=dict(self._marks))
        trial_id = super().create_new_trial(study_id, template)
        if template.state is TrialState.RUNNING:  # one that waits in the queue is whoever's takes it
            self._own.add(trial_id)
        with self._lock:  # Optuna's cache does this when it reads the trial, which may not be needed here
            self._studies[study_id].unfinished_trial_ids.add(trial_id)
        return trial_id

    def set_trial_param(
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        """Set a parameter; see BaseStorage."""
        self._write(trial_id, super().set_trial_param, param_name, param_value_internal, distribution)
        value = distribution.to_external_repr(param_value_internal)
        self._add(trial_id, "params", {param_name: value})
        self._add(trial_id, "distributions", {param_name: distribution})

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Set a user attribute; see BaseStorage."""
        self._write(trial_id, super().set_trial_user_attr, key, value)
        self._add(trial_id, "user_attrs", {key: value})

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Set a system attribute; see BaseStorage."""
        self._write(trial_id, super().set_trial_system_attr, key, value)
        self._add(trial_id, "system_attrs", {key: value})

    def set_trial_intermediate_value(self, trial_id: int, step: int, intermediate_value: float) -> None:
        """Set an intermediate value; see BaseStorage."""
        self._write(trial_id, super().set_trial_intermediate_value, step, intermediate_value)
        self._add(trial_id, "intermediate_values", {step: intermediate_value})

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Set the state; see BaseStorage."""
        done: bool = self._write(trial_id, super().set_trial_state_values, state, values)
        if done and state.is_finished():
            self._keep(trial_id, state=state, values=values, datetime_complete=datetime.now())
        return done

    def record_heartbeat(self, trial_id: int) -> None:
        """Record that a trial's worker lives, unless that was done within the second; see RDBStorage."""
        beat = (trial_id, int(time.monotonic()))
        if beat != self._beat:
            super().record_heartbeat(trial_id)
            self._beat = beat

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Return a trial; see BaseStorage."""
        return self._kept(trial_id) if trial_id in self._own else super().get_trial(trial_id)

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Return the trials by number; see BaseStorage.

        Optuna's cache sorts and looks through all of them each time. Here they are in order, and who asks for none that
        has ended, as `ask` does for those in the queue, does not pay for those that have.
        """
        self._read_trials_from_remote_storage(study_id)
        with self._lock:
            study = self._studies[study_id]
            if states is None or any(state in states for state in TrialState if state.is_finished()):
                trials = list(study.trials.values())
            else:
                unfinished = (self._trial_id_to_study_id_and_number[id_][1] for id_ in study.unfinished_trial_ids)
                trials = [study.trials[number] for number in sorted(unfinished)]
        if states is not None:
            trials = [trial for trial in trials if trial.state in states]
        return copy.deepcopy(trials) if deepcopy else trials

    def _add_trials_to_cache(self, study_id: int, trials: list[FrozenTrial]) -> None:
        """Add trials, and keep all of them in the order of their numbers."""
        study = self._studies[study_id]
        numbers = [next(reversed(study.trials), -1), *(t.number for t in trials if t.number not in study.trials)]
        super()._add_trials_to_cache(study_id, trials)
        if numbers != sorted(numbers):
            study.trials = dict(sorted(study.trials.items()))

    def _write(self, trial_id: int, call: Callable[..., Any], *values: Any) -> Any:
        try:
            return call(trial_id, *values)
        except UpdateFinishedTrialError:  # failed by others: from here on it is theirs
            self._own.discard(trial_id)
            raise

    def _kept(self, trial_id: int) -> FrozenTrial:
        study_id, number = self._trial_id_to_study_id_and_number[trial_id]
        return self._studies[study_id].trials[number]

    def _add(self, trial_id: int, field: str, entries: dict[Any, Any]) -> None:
        if trial_id in self._own:
            self._keep(trial_id, **{field: {**getattr(self._kept(trial_id), field), **entries}})

    def _keep(self, trial_id: int, **changes: Any) -> None:
        if trial_id in self._own:
            changed = copy.copy(self._kept(trial_id))  # the old one may be in others' hands
            for field, value in changes.items():
                setattr(changed, field, value)
            study_id, number = self._trial_id_to_study_id_and_number[trial_id]
            with self._lock:
                self._studies[study_id].trials[number] = changed

    def _read_trials_from_remote_storage(self, study_id: int) -> None:
        """Read what is new, unless nothing is but what this process wrote."""
        study = self._studies.get(study_id)
        rows = [] if study is None else self._changed(study_id, study)
        if study is None or not all(id_ in self._own and self._kept(id_).state.name == state for id_, state in rows):
            super()._read_trials_from_remote_storage(study_id)
            return
        with self._lock:
            for trial_id in [id_ for id_, _ in rows if self._kept(id_).state.is_finished()]:
                study.last_finished_trial_id = max(study.last_finished_trial_id, trial_id)
                study.unfinished_trial_ids.discard(trial_id)
                self._own.discard(trial_id)

    def _changed(self, study_id: int, study: Any) -> list[Any]:
        """Return the id and state of all trials that may have changed since they were read."""
        unfinished = [*study.unfinished_trial_ids]
        values = {"study": study_id, "after": study.last_finished_trial_id, "unfinished": unfinished}

        def read() -> list[Any]:
            engine = self._backend.engine
            if engine.name == "postgresql":  # one statement needs no transaction: that saves two round trips
                engine = engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                return list(connection.execute(_CHANGED, values))

        return again(read)

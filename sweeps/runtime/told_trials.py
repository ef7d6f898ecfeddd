"""Optuna is told of a cell once it has ended: one trial with all that is known, in one call of its storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from regsearch.scoring import summarize
from storage.cells import CellState, RepeatScore
from sweeps.runtime.optuna_storage import WORKER, backend_of, worker_name

STATES = {"complete": TrialState.COMPLETE, "failed": TrialState.FAIL}  # of trials; of all other cells: pruned


@dataclass(frozen=True, kw_only=True)
class EndedCell:
    """What Optuna is told of a cell."""

    params: Mapping[str, Any]
    distributions: Mapping[str, BaseDistribution]  # of all parameters of the space
    state: CellState
    stage: str
    value: float | None
    repeats: Sequence[RepeatScore]  # of those that are ok
    reason: str  # why it is not complete
    begun_at: datetime


def tell_trial(study: Study, ended: EndedCell) -> int:
    """Give a study the trial of a cell, and return its number.

    Its user attributes are columns of the dashboard; each repeat is an intermediate value, its step the repeat's
    number. None of the strategies that end cells has a pruner, so that nothing reads those by mistake.
    """
    trial = FrozenTrial(
        number=-1,  # the storage gives it one, and an id
        trial_id=-1,
        state=STATES.get(ended.state, TrialState.PRUNED),
        value=ended.value,
        datetime_start=ended.begun_at,
        datetime_complete=datetime.now(),
        params=dict(ended.params),
        distributions={name: ended.distributions[name] for name in ended.params},
        user_attrs=_attributes(ended),
        system_attrs={},
        intermediate_values={one.repeat: one.validation for one in ended.repeats},
    )
    storage = backend_of(study)
    return storage.get_trial_number_from_id(storage.create_new_trial(study._study_id, trial))


def find_trial(study: Study, params: Mapping[str, Any]) -> int | None:
    """Return the number of the trial with these parameters that has ended, and not failed; None if there is none."""
    told = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    return next((trial.number for trial in told if trial.params == params), None)


def _attributes(ended: EndedCell) -> dict[str, Any]:
    found: dict[str, Any] = {"stage": ended.stage, "n": len(ended.repeats), WORKER: worker_name()}
    if ended.repeats:
        scores = summarize([one.validation for one in ended.repeats])
        train = [one.train for one in ended.repeats if one.train is not None]
        known = {"std": scores.std, "se": scores.se}  # the mean is the trial's value
        found |= {name: value for name, value in known.items() if value is not None}
        found |= {"train_mean": summarize(train).mean} if train else {}
    return found | ({"reason": ended.reason} if ended.reason else {})

"""Let a sampler that knows no conditions search a conditional space, or a subspace of it.

Optuna's GPSampler and CmaEsSampler learn only from parameters that every trial has: a λ that `none` does not have is
drawn at random for ever. Here they see a study of their own, in which every trial has every parameter: those that a
configuration does without keep the value that was drawn for them. It is made anew for each trial from what is stored
with the real ones, so that a trial depends on the seed, its number and the trials before it alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import optuna
from optuna import Study
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.samplers import BaseSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from sweeps.samplers.coarse_to_fine.independent import IndependentSampler

POINT = "box:point"  # trial system attribute: what was drawn for it, whether it has the parameters or not


@dataclass(frozen=True, kw_only=True)
class Subspace:
    """Where to search."""

    distributions: Mapping[str, BaseDistribution]  # of the parameters to vary
    # those that stay as they are; trials with other values are left out
    fixed: Mapping[str, Any] = field(default_factory=dict)


class SubspaceSampler(IndependentSampler):
    """Sample inside a subspace, each trial by a fresh sampler that is shown the trials in there.

    Args:
        subspace: returns where to search, for a study.
        make: returns a sampler with this seed; called once per trial.
        seed: of the whole study, 0 or more, else a ValueError.
        ordinal: whether categories are shown as integers, for samplers that take numbers only.
    """

    def __init__(
        self,
        subspace: Callable[[Study], Subspace],
        make: Callable[[int], BaseSampler],
        seed: int,
        *,
        ordinal: bool = False,
    ) -> None:
        if seed < 0:
            raise ValueError(f"seed is 0 or more, not {seed}")
        self._subspace = subspace
        self._make = make
        self._seed = seed
        self._ordinal = ordinal
        self._points: dict[int, dict[str, Any]] = {}  # of running trials, by trial id

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Draw the trial's values."""
        self._raise_error_if_multi_objective(study)
        subspace = self._subspace(study)
        seed = np.random.SeedSequence((self._seed, trial.number)).generate_state(1)[0]
        shown = optuna.create_study(direction=study.direction, sampler=self._make(int(seed)))
        shown.add_trials(self._shown(study, subspace, before=trial.number))
        shown.ask({name: self._shown_as(d) for name, d in subspace.distributions.items()})
        asked = shown.get_trials(deepcopy=False)[-1]
        if "fixed_params" not in trial.system_attrs:  # what was enqueued is no draw of the sampler's
            for key, value in ({POINT: asked.params} | asked.system_attrs).items():
                study._storage.set_trial_system_attr(trial._trial_id, key, value)
        drawn = {name: self._from_shown(d, asked.params[name]) for name, d in subspace.distributions.items()}
        self._points[trial._trial_id] = {**subspace.fixed, **drawn}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return the value that was drawn."""
        return self._points[trial._trial_id][param_name]

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Forget the trial's values."""
        self._points.pop(trial._trial_id, None)

    def _shown(self, study: Study, subspace: Subspace, before: int) -> Iterator[FrozenTrial]:
        """Yield the earlier trials that are in the subspace, as the sampler is to see them."""
        trials = study.get_trials(deepcopy=False)[:before]
        varied = subspace.distributions
        space = {name: self._shown_as(d) for name, d in varied.items()}
        values = [t.value for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
        worst = (max if study.direction is StudyDirection.MINIMIZE else min)(values, default=None)
        for trial in trials:
            params = trial.system_attrs.get(POINT) or {
                name: self._to_shown(d, trial.params[name]) for name, d in varied.items() if name in trial.params
            }
            is_in = all(trial.params.get(name, value) == value for name, value in subspace.fixed.items())
            if is_in and all(_holds(d, params.get(name)) for name, d in space.items()):
                seen = _as_seen(trial, worst)
                if seen is not None:
                    yield create_trial(
                        **seen,
                        params={name: params[name] for name in space},
                        distributions=space,
                        system_attrs=trial.system_attrs,
                    )

    def _shown_as(self, distribution: BaseDistribution) -> BaseDistribution:
        if self._ordinal and isinstance(distribution, CategoricalDistribution):
            return IntDistribution(0, len(distribution.choices) - 1)
        return distribution

    def _to_shown(self, distribution: BaseDistribution, value: Any) -> Any:
        if self._ordinal and isinstance(distribution, CategoricalDistribution):
            return distribution.choices.index(value)
        return value

    def _from_shown(self, distribution: BaseDistribution, value: Any) -> Any:
        if self._ordinal and isinstance(distribution, CategoricalDistribution):
            return distribution.choices[value]
        return value


def _holds(distribution: BaseDistribution, value: Any) -> bool:
    return value is not None and distribution._contains(distribution.to_internal_repr(value))


def _as_seen(trial: FrozenTrial, worst: float | None) -> dict[str, Any] | None:
    """Return a trial's state and value; a pruned one is as bad as the worst, so that its place is kept away from."""
    match trial.state:
        case TrialState.COMPLETE:
            return {"state": trial.state, "value": trial.value}
        case TrialState.RUNNING:
            return {"state": trial.state}
        case TrialState.PRUNED if worst is not None:
            return {"state": TrialState.COMPLETE, "value": worst}
    return None

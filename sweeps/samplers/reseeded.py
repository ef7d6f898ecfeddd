"""A sampler whose n-th trial depends on a seed, n and the trials before it alone."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState


class ReseededSampler(BaseSampler):
    """Sample trial n with a fresh sampler seeded by (seed, n), so that a resumed study goes on as if uninterrupted.

    A sampler that keeps a random generator starts it anew when a study is resumed, and repeats its first draws. Not for
    QMCSampler, whose points form one sequence only under one seed.

    Args:
        make: returns a sampler with this seed; called once per trial.
        seed: of the whole study, 0 or more, else a ValueError.
    """

    def __init__(self, make: Callable[[int], BaseSampler], seed: int) -> None:
        if seed < 0:
            raise ValueError(f"seed is 0 or more, not {seed}")
        self._make = make
        self._seed = seed
        self._samplers: dict[int, BaseSampler] = {}  # of running trials, by trial id

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Hand on to the trial's sampler."""
        self._sampler(trial).before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Hand on to the trial's sampler."""
        return self._sampler(trial).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Hand on to the trial's sampler."""
        return self._sampler(trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Hand on to the trial's sampler."""
        return self._sampler(trial).sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Hand on to the trial's sampler, and forget it."""
        try:
            self._sampler(trial).after_trial(study, trial, state, values)
        finally:
            self._samplers.pop(trial._trial_id, None)

    def _sampler(self, trial: FrozenTrial) -> BaseSampler:
        if trial._trial_id not in self._samplers:
            seed = np.random.SeedSequence((self._seed, trial.number)).generate_state(1)[0]
            self._samplers[trial._trial_id] = self._make(int(seed))
        return self._samplers[trial._trial_id]

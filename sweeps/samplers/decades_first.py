"""First the decades, each once; then another sampler, between the neighbours of the best."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from sweeps.samplers.coarse_to_fine import CoarseToFineSampler, Poll
from sweeps.samplers.coarse_to_fine.independent import IndependentSampler
from sweeps.samplers.subspace import Subspace, SubspaceSampler


class DecadesFirstSampler(IndependentSampler):
    """Visit the cells of a one-stage CoarseToFineSampler, then search around the best of them, without end.

    Under ask/tell call `poll` first.

    Args:
        decades: visits the decades.
        space: each parameter's distribution, as `decades` has it.
        make: returns the sampler that searches around the best, with this seed; called once per trial. It is shown the
            trials there, the decades among them.
        seed: of the whole study, 0 or more, else a ValueError.
    """

    def __init__(
        self,
        decades: CoarseToFineSampler,
        space: Mapping[str, BaseDistribution],
        make: Callable[[int], BaseSampler],
        seed: int,
    ) -> None:
        self.decades = decades
        self._space = space
        self._around = SubspaceSampler(self._around_best, make, seed)
        self._is_around: set[int] = set()  # ids of running trials

    def poll(self, study: Study) -> Poll:
        """Say whether something can be asked for; the search is over only where the best has no float to vary."""
        step = self.decades.poll(study)
        return Poll.CELL if step is Poll.DONE and self._around_best(study).distributions else step

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Hand on to the sampler whose turn it is."""
        if self.decades.poll(study) is Poll.DONE and self._around_best(study).distributions:
            self._is_around.add(trial._trial_id)
        self._of(trial).before_trial(study, trial)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Hand on to the trial's sampler."""
        return self._of(trial).sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Hand on to the trial's sampler."""
        try:
            self._of(trial).after_trial(study, trial, state, values)
        finally:
            self._is_around.discard(trial._trial_id)

    def _of(self, trial: FrozenTrial) -> BaseSampler:
        return self._around if trial._trial_id in self._is_around else self.decades

    def _around_best(self, study: Study) -> Subspace:
        """Return the subspace around the best decade: its floats between their neighbours, all else as it is."""
        best = self.decades.choice(study)
        if best is None:
            return Subspace(distributions={})
        floats = [name for name in best.params if isinstance(self._space[name], FloatDistribution)]
        fixed = {name: value for name, value in best.params.items() if name not in floats}
        family = [
            cell.params
            for cell in self.decades.cells(study)
            if cell.params.keys() == best.params.keys() and fixed.items() <= cell.params.items()
        ]
        between = {name: _between(self._space[name], best.params[name], [p[name] for p in family]) for name in floats}
        return Subspace(distributions=between, fixed=fixed)


def _between(whole: BaseDistribution, value: float, values: Sequence[float]) -> FloatDistribution:
    assert isinstance(whole, FloatDistribution)
    low = max((v for v in values if v < value), default=value)
    high = min((v for v in values if v > value), default=value)
    return FloatDistribution(low, high, log=whole.log)

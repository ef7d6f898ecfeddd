"""First the orders of magnitude, each once; then another sampler, between the neighbours of the best."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from sweeps.samplers.box import Box, BoxSampler
from sweeps.samplers.coarse_to_fine import CoarseToFineSampler, Poll


class OrdersFirstSampler(BaseSampler):
    """Visit the cells of a one-stage CoarseToFineSampler, then search around the best of them, without end.

    Under ask/tell call `poll` first.

    Args:
        orders: visits the orders of magnitude.
        space: each parameter's distribution, as `orders` has it.
        make: returns the sampler that searches around the best, with this seed; called once a trial. It is shown the
            trials there, the orders among them.
        seed: of the whole study, 0 or more.

    Raises:
        ValueError: the seed is negative.
    """

    def __init__(
        self,
        orders: CoarseToFineSampler,
        space: Mapping[str, BaseDistribution],
        make: Callable[[int], BaseSampler],
        seed: int,
    ) -> None:
        self.orders = orders
        self._space = space
        self._around = BoxSampler(self._box, make, seed)
        self._is_around: set[int] = set()  # ids of running trials

    def poll(self, study: Study) -> Poll:
        """Say whether something can be asked for; the search is over only where the best has no float to vary."""
        step = self.orders.poll(study)
        return Poll.CELL if step is Poll.DONE and self._box(study).space else step

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Hand on to the sampler whose turn it is."""
        if self.orders.poll(study) is Poll.DONE and self._box(study).space:
            self._is_around.add(trial._trial_id)
        self._of(trial).before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return nothing: the values are handed out one by one."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing: the values are handed out one by one."""
        return {}

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
        return self._around if trial._trial_id in self._is_around else self.orders

    def _box(self, study: Study) -> Box:
        """Return the box around the best order: its floats between their neighbours, all else as it is."""
        best = self.orders.choice(study)
        if best is None:
            return Box(space={})
        floats = [name for name in best.params if isinstance(self._space[name], FloatDistribution)]
        fixed = {name: value for name, value in best.params.items() if name not in floats}
        kin = [
            cell.params
            for cell in self.orders.cells(study)
            if cell.params.keys() == best.params.keys() and fixed.items() <= cell.params.items()
        ]
        space = {name: _between(self._space[name], best.params[name], [p[name] for p in kin]) for name in floats}
        return Box(space=space, fixed=fixed)


def _between(whole: BaseDistribution, value: float, values: Sequence[float]) -> FloatDistribution:
    assert isinstance(whole, FloatDistribution)
    low = max((v for v in values if v < value), default=value)
    high = min((v for v in values if v > value), default=value)
    return FloatDistribution(low, high, log=whole.log)

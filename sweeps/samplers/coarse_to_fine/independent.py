"""A sampler that suggests each parameter by itself, and so samples no relative space."""

from abc import ABC
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial


class IndependentSampler(BaseSampler, ABC):
    """Samples independently, for studies of one objective."""

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return nothing: parameters are sampled independently."""
        self._raise_error_if_multi_objective(study)
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing: parameters are sampled independently."""
        return {}

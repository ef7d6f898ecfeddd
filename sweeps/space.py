"""The searched hyperparameters: Optuna's parameters on one side, a Configuration on the other.

`regularizer` is a category; `target` (where there are several) and `lambda` exist only where there is a regularizer.
"""

from optuna import Trial
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

from regsearch.spec import Configuration, Regularizer
from sweeps.config import PREFERENCE, SweepConfig


def distributions(config: SweepConfig) -> dict[str, BaseDistribution]:
    """Return each parameter's distribution; categories stand in the order in which ties go."""
    regularizers = _regularizers(config)
    found: dict[str, BaseDistribution] = {"regularizer": CategoricalDistribution(regularizers)}
    if regularizers == ("none",):
        return found
    if len(config.targets) > 1:
        found["target"] = CategoricalDistribution([str(target) for target in config.targets])
    range_ = config.search.lambda_
    found["lambda"] = FloatDistribution(range_.low, range_.high, log=True)
    return found


def conditions(config: SweepConfig) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return which parameters exist only for some regularizers: {parameter: (parent, values)}."""
    some = tuple(r for r in _regularizers(config) if r != "none")
    return {name: ("regularizer", some) for name in distributions(config) if name != "regularizer"}


def suggest(trial: Trial, config: SweepConfig) -> Configuration:
    """Let the trial's sampler choose a configuration."""
    regularizer: Regularizer = trial.suggest_categorical("regularizer", _regularizers(config))  # type: ignore[assignment]
    if regularizer == "none":
        return Configuration()
    targets = {str(target): target for target in config.targets}
    name = trial.suggest_categorical("target", list(targets)) if len(targets) > 1 else next(iter(targets))
    range_ = config.search.lambda_
    value = trial.suggest_float("lambda", range_.low, range_.high, log=True)
    return Configuration.tied(regularizer, value, targets[name])


def _regularizers(config: SweepConfig) -> tuple[Regularizer, ...]:
    return tuple(sorted(config.search.regularizers, key=PREFERENCE.index))

"""Which configurations are tried, and in which order: a list of lambdas, or what a sweep's strategy asks for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import TrialState

from regsearch.errors import InputError
from regsearch.spec import Configuration
from sweeps.config import SweepConfig
from sweeps.samplers.coarse_to_fine import NothingLeft, Poll
from sweeps.search.space import suggest
from sweeps.search.strategies import strategy

WITHOUT_LAMBDA = ("none", "early_stopping")
LISTED = "grid"  # the stage of a list of lambdas


@dataclass(frozen=True, kw_only=True, eq=False)
class Tried:
    """A configuration that was tried.

    Args:
        configuration: which.
        stage: of the strategy.
        scores: (splits, repeats) greater is better; NaN where a training diverged.
        fit_s: (splits,) seconds of training, summed over repeats.
        score_s: (splits,) seconds of scoring.
        epochs: (splits, repeats) epochs trained.
    """

    configuration: Configuration
    stage: str
    scores: NDArray[np.float64]
    fit_s: NDArray[np.float64]
    score_s: NDArray[np.float64]
    epochs: NDArray[np.int_]


Staged = tuple[Configuration, str]
TryAll = Callable[[Sequence[Staged]], list[Tried]]


def try_lambdas(config: SweepConfig, lambdas: Sequence[float], try_all: TryAll) -> list[Tried]:
    """Try every regularizer with every lambda, on every target.

    Raises:
        InputError: a lambda is no number above 0.
    """
    values = [_above_0(value) for value in np.ravel(lambdas).tolist()]
    if not values:
        raise InputError("lambdas", "must name one lambda at least, such as [1e-4, 1e-3, 1e-2]")
    found = dict.fromkeys(_listed(config, sorted(set(values))))
    return try_all([(configuration, LISTED) for configuration in found])


def try_by_strategy(config: SweepConfig, try_all: TryAll) -> list[Tried]:
    """Try what the strategy of a sweep asks for, one configuration after the other, to its end.

    Raises:
        InputError: the strategy needs a package that is not there.
    """
    searching, found = strategy(config), dict[Configuration, Tried]()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=searching.sampler)
    while searching.poll(study) is Poll.CELL:
        try:
            trial = study.ask()
        except NothingLeft:
            break
        configuration = suggest(trial, config)
        if configuration not in found:  # what learns may ask for one again
            (found[configuration],) = try_all([(configuration, searching.stage(trial))])
        mean = float(found[configuration].scores.mean())
        if np.isfinite(mean):
            study.tell(trial, mean)
        else:
            study.tell(trial, state=TrialState.PRUNED)
    return list(found.values())


def params_of(configuration: Configuration, *, with_target: bool) -> dict[str, Any]:
    """Return a configuration as `best_params_` has it; the target where there are several."""
    params: dict[str, Any] = {"regularizer": configuration.regularizer}
    if configuration.lambda_ is not None:
        params["lambda"] = configuration.lambda_
    if configuration.target is not None and with_target:
        params["target"] = str(configuration.target)
    return params


def _listed(config: SweepConfig, lambdas: Sequence[float]) -> Iterator[Configuration]:
    for regularizer in config.search.regularizers:
        if regularizer == "early_stopping":
            yield Configuration(regularizer=regularizer, early_stopping=config.early_stopping)
            continue
        for target in config.targets:
            for value in lambdas[:1] if regularizer in WITHOUT_LAMBDA else lambdas:
                yield Configuration.tied(regularizer, value, target)


def _above_0(value: Any) -> float:
    if isinstance(value, bool | str) or not np.isfinite(value) or value <= 0:
        raise InputError("lambdas", f"must be numbers above 0, got {value!r}; no penalty is the regularizer 'none'")
    return float(value)

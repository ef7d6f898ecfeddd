"""Which searched hyperparameters told good configurations from others, by PED-ANOVA.

A parameter's importance is the Pearson divergence of where the top configurations lie on it from where all lie. It
says what mattered among the configurations that were tried, which crowd where the search went on, and nothing of how
much the score would change. With few configurations scores without any meaning give large importances too: so each
stands beside what shuffled scores give.

Source: Watanabe, Bansal and Hutter (2023), PED-ANOVA, IJCAI, https://arxiv.org/abs/2304.10255.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweeps.analysis.candidates import Candidate
from sweeps.analysis.snapshot import SweepSnapshot

TOP = 0.1  # the share of configurations that count as good
FEWEST = 5  # of them, without which Optuna calls the importances unstable
SHUFFLES = 100
QUANTILE = 0.95  # of what shuffled scores give

Parameters = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Importance:
    """How much one parameter mattered.

    Args:
        parameter: its name.
        divergence: its importance.
        shuffled: what 95 of 100 shuffles of the scores stay below.
    """

    parameter: str
    divergence: float
    shuffled: float

    @property
    def stands_out(self) -> bool:
        """Whether it is more than shuffled scores give."""
        return self.divergence > self.shuffled


@dataclass(frozen=True, kw_only=True)
class Importances:
    """How much each parameter mattered, the most important first.

    Args:
        found: of each parameter that varies.
        configurations: how many there were.
        top: how many of them counted as good.
    """

    found: tuple[Importance, ...]
    configurations: int
    top: int


def importances(snapshot: SweepSnapshot) -> Importances | None:
    """Return how much the regularizer, lambda and the target mattered, among configurations that have a lambda.

    Returns:
        None where fewer than ten such are finished, or nothing varies among them.
    """
    candidates = [c for c in snapshot.candidates if c.lambda_ and c.configuration.lambda_ is not None]
    names = _varying(candidates)
    if len(candidates) < 2 * FEWEST or not names:
        return None
    points = [_parameters(candidate) for candidate in candidates]
    top = max(FEWEST, math.ceil(TOP * len(points)))
    scores = np.array([c.mean for c in candidates]) * (-1 if snapshot.config.greater_is_better else 1)
    generator = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna's, of few trials, of which `shuffled` tells
        measured = _divergences(points, names, scores, top)
        shuffled = [_divergences(points, names, generator.permutation(scores), top) for _ in range(SHUFFLES)]
    found = [
        Importance(
            parameter=name,
            divergence=measured[name],
            shuffled=float(np.quantile([each[name] for each in shuffled], QUANTILE)),
        )
        for name in names
    ]
    order = sorted(found, key=lambda each: -each.divergence)
    return Importances(found=tuple(order), configurations=len(points), top=top)


def _parameters(candidate: Candidate) -> Parameters:
    c = candidate.configuration
    return {
        "regularizer": c.regularizer,
        "λ": c.lambda_,
        "target": str(c.target or "all"),
        "variant": c.family.kind or "none",
    }


def _varying(candidates: Sequence[Candidate]) -> list[str]:
    points = [_parameters(candidate) for candidate in candidates]
    return [name for name in (points[0] if points else ()) if len({point[name] for point in points}) > 1]


def _divergences(points: Sequence[Parameters], names: Sequence[str], losses: Any, top: int) -> dict[str, float]:
    """Return the importance of each parameter, where less is better."""
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    optuna.logging.set_verbosity(optuna.logging.WARNING)  # else it tells of each study
    spaces = {name: _distribution([point[name] for point in points]) for name in names}
    study = optuna.create_study(storage=optuna.storages.InMemoryStorage())
    for point, loss in zip(points, losses, strict=True):
        own = {name: point[name] for name in names}
        study.add_trial(optuna.create_trial(params=own, distributions=spaces, value=float(loss)))
    evaluator = PedAnovaImportanceEvaluator(target_quantile=top / len(points))
    found: dict[str, float] = get_param_importances(study, evaluator=evaluator, params=list(names), normalize=False)
    return found


def _distribution(values: Sequence[Any]) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if isinstance(values[0], float):
        return FloatDistribution(min(values), max(values), log=True)
    return CategoricalDistribution(sorted(set(values)))

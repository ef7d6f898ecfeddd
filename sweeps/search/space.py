"""The searched hyperparameters: Optuna's parameters on one side, a Configuration on the other.

Parameters exist only where they mean something, each under one parent:

    regularizer ─┬─ target                           l1, l2, l1_l2; where there are several
                 ├─ schedule ── depth ─┬─ ratio      schedule and depth where there are several of them
                 │                     └─ lambda_1 … one for each layer, where depth is `each`
                 ├─ lambda                           under depth, schedule or regularizer, the nearest there is
                 ├─ lambda_l1, lambda_l2             l1_l2, where they are independent
                 └─ weight_decay
"""

from dataclasses import dataclass, replace
from typing import Any

from optuna import Trial
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.trial import FixedTrial

from regsearch.spec import Configuration, Regularizer, Target, round_lambda
from sweeps.config import PREFERENCE, SweepConfig
from sweeps.config.published import Published
from sweeps.config.section import Range

AnyTrial = Trial | FixedTrial
Condition = tuple[str, tuple[str, ...]]  # a parent, and its values
GRADED = ("increasing", "decreasing")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One searched hyperparameter, and where it exists; everywhere where there is no condition."""

    distribution: BaseDistribution
    condition: Condition | None = None


def parameters(config: SweepConfig) -> dict[str, Parameter]:
    """Return the searched hyperparameters; categories stand in the order in which ties go."""
    search, names = config.search, _regularizers(config)
    found = {"regularizer": Parameter(distribution=CategoricalDistribution(names))}
    if search.configuration is not None:  # one cell, all of which it says itself
        return found
    penalties = tuple(name for name in names if name in search.penalties)
    if penalties:
        found |= _of_penalties(config, penalties)
    if "weight_decay" in names:
        found["weight_decay"] = _log(search.weight_decay, ("regularizer", ("weight_decay",)))
    return found


def distributions(config: SweepConfig) -> dict[str, BaseDistribution]:
    """Return each parameter's distribution."""
    return {name: parameter.distribution for name, parameter in parameters(config).items()}


def conditions(config: SweepConfig) -> dict[str, Condition]:
    """Return which parameters exist only for some values of another one: {parameter: (parent, values)}."""
    return {name: found.condition for name, found in parameters(config).items() if found.condition is not None}


def suggest(trial: AnyTrial, config: SweepConfig) -> Configuration:
    """Let the trial's sampler choose a configuration."""
    search = config.search
    regularizer: Regularizer = trial.suggest_categorical("regularizer", _regularizers(config))  # type: ignore[assignment]
    if search.configuration is not None:
        return search.configuration.spec()
    match regularizer:
        case "none":
            return Configuration()
        case "early_stopping":
            return Configuration(regularizer="early_stopping", early_stopping=config.early_stopping)
        case "weight_decay":
            decay = _float(trial, "weight_decay", search.weight_decay)
            return Configuration(regularizer="weight_decay", weight_decay=decay)
    targets = {str(target): target for target in config.targets}
    target = targets[_category(trial, "target", tuple(targets))]
    schedule = config.schedules[_category(trial, "schedule", tuple(config.schedules))]
    if schedule is not None:
        strongest = max(value for _, value in schedule.phases)
        return replace(Configuration.tied(regularizer, strongest, target), schedule=schedule)
    if regularizer == "l1_l2" and search.l1_l2 == "independent":
        l1, l2 = (_float(trial, name, search.searched_lambda) for name in ("lambda_l1", "lambda_l2"))
        plain = Configuration(regularizer=regularizer, lambda_l1=l1, lambda_l2=l2, target=target)
        return _graded(trial, config, plain)
    return _with_depth(trial, config, regularizer, target)


def published_params(config: SweepConfig, setting: Published) -> dict[str, Any] | None:
    """Return a published setting as a trial's parameters, on the first target; None where it is not in the space."""
    if "l2" not in config.search.penalties or config.search.scheduled_only or "same" not in config.search.depth:
        return None
    known, range_ = parameters(config), config.search.searched_lambda
    if not range_.low <= setting.lambda_ <= range_.high:
        return None
    wanted = {"regularizer": "l2", "target": str(config.targets[0]), "schedule": "fixed", "depth": "same"}
    return {name: value for name, value in wanted.items() if name in known} | {"lambda": setting.lambda_}


def _of_penalties(config: SweepConfig, penalties: tuple[Regularizer, ...]) -> dict[str, Parameter]:
    search, nearest = config.search, ("regularizer", tuple(map(str, penalties)))
    found: dict[str, Parameter] = {}
    if len(config.targets) > 1:
        found["target"] = _categories([str(target) for target in config.targets], nearest)
    if len(config.schedules) > 1:
        found["schedule"] = _categories(list(config.schedules), nearest)
        nearest = ("schedule", ("fixed",))
    if search.scheduled_only:
        return found
    if search.l1_l2 == "independent" and "l1_l2" in penalties:
        both = _log(search.searched_lambda, ("regularizer", ("l1_l2",)))
        found |= {"lambda_l1": both, "lambda_l2": both}
        tied = tuple(name for name in penalties if name != "l1_l2")
        return found | _of_depth(config, nearest, ("regularizer", tied) if tied else None)
    return found | _of_depth(config, nearest, nearest)


def _of_depth(config: SweepConfig, nearest: Condition, lambda_: Condition | None) -> dict[str, Parameter]:
    """Return depth, ratio and lambdas, depth under `nearest` and lambda under `lambda_`; None for no lambda."""
    search, found = config.search, dict[str, Parameter]()

    def under(*values: str) -> Condition | None:
        """Where depth is one of these; None where it never is."""
        meant = tuple(value for value in search.depth if value in values)
        return None if not meant else nearest if len(search.depth) == 1 else ("depth", meant)

    if len(search.depth) > 1:
        found["depth"] = _categories(list(search.depth), nearest)
    if graded := under(*GRADED):
        found["ratio"] = _log(search.ratio, graded)
    if each := under("each"):
        count = len(config.targets[0].selectors)
        found |= {f"lambda_{i}": _log(search.searched_lambda, each) for i in range(1, count + 1)}
        lambda_ = under("same", *GRADED)
    if lambda_ is not None:
        found["lambda"] = _log(search.searched_lambda, lambda_)
    return found


def _with_depth(trial: AnyTrial, config: SweepConfig, regularizer: Regularizer, target: Target) -> Configuration:
    if _depth(trial, config) == "each":
        names = [f"lambda_{i}" for i in range(1, len(target.selectors) + 1)]
        lambdas = tuple(_float(trial, name, config.search.searched_lambda) for name in names)
        return replace(Configuration.tied(regularizer, max(lambdas), target), lambdas=lambdas)
    plain = Configuration.tied(regularizer, _float(trial, "lambda", config.search.searched_lambda), target)
    return _graded(trial, config, plain)


def _graded(trial: AnyTrial, config: SweepConfig, plain: Configuration) -> Configuration:
    depth = _depth(trial, config)
    if depth == "same":
        return plain
    ratio = _float(trial, "ratio", config.search.ratio)
    return replace(plain, ratio=ratio if depth == "increasing" else 1.0 / ratio)


def _depth(trial: AnyTrial, config: SweepConfig) -> str:
    return _category(trial, "depth", config.search.depth)


def _category(trial: AnyTrial, name: str, choices: tuple[str, ...]) -> str:
    """Let the sampler choose where there is a choice."""
    return str(trial.suggest_categorical(name, choices)) if len(choices) > 1 else choices[0]


def _float(trial: AnyTrial, name: str, range_: Range) -> float:
    return round_lambda(trial.suggest_float(name, range_.low, range_.high, log=True))


def _categories(choices: list[str], condition: Condition) -> Parameter:
    return Parameter(distribution=CategoricalDistribution(choices), condition=condition)


def _log(range_: Range, condition: Condition) -> Parameter:
    return Parameter(distribution=FloatDistribution(range_.low, range_.high, log=True), condition=condition)


def _regularizers(config: SweepConfig) -> tuple[Regularizer, ...]:
    return tuple(sorted(config.search.regularizers, key=PREFERENCE.index))

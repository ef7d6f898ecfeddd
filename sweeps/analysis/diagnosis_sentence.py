"""A diagnosis in words: what the network needs, by which figures."""

import math

from regsearch.spec import format_lambda
from sweeps.analysis.diagnosis import Diagnosis, Fit
from sweeps.config import SweepConfig

SAME = 5e-5  # a difference of scores that their four digits do not show


def describe_diagnosis(found: Diagnosis, config: SweepConfig) -> str:
    """Return what a network needs in a sentence, with the gap and its interval, and what λ does to it."""
    if found.none is None:
        return (
            "Every training without regularization diverged: the optimizer is too fast for it, so lower "
            "training.learning_rate; a penalty is no cure for that."
        )
    return " ".join(filter(None, [f"{_finding(found)}: {_gap(found, config)}.", _advice(found), _rungs(found, config)]))


def _finding(found: Diagnosis) -> str:
    match found.finding:
        case "overfitting":
            return "The network overfits without regularization"
        case "not settled":
            return "The optimizer does not settle"
        case "not converged":
            return "The training has not converged"
        case "underfitting":
            return "The network underfits"
    return f"Nothing overfits, as far as {found.rows:,} validation rows can tell" if found.rows else "Nothing overfits"


def _gap(found: Diagnosis, config: SweepConfig) -> str:
    assert found.none is not None and found.gap is not None
    scores = f"train {config.metric} {found.none.train:.4f}, validation {found.none.validation:.4f}"
    if found.interval is None:
        return f"{scores}, a gap of {found.gap:+.4f} (no interval: of one repeat, or too few rows)"
    low, high = found.interval.low, found.interval.high
    interval = f"{low:+.4f} to {high:+.4f}" if math.isfinite(high) else f"at least {low:+.4f}"
    return f"{scores}, a gap of {found.gap:+.4f} (95 %, {found.scope}: {interval})"


def _advice(found: Diagnosis) -> str:
    match found.finding:
        case "not settled":
            return "The train loss ends well above its least value: lower training.learning_rate."
        case "not converged":
            return (
                f"The train loss still fell by {100 * (found.fall or 0):.0f} % in the last quarter of the epochs: "
                f"raise training.epochs or training.learning_rate before looking for a penalty."
            )
        case "underfitting":
            return "A larger network or more epochs may help; a penalty can only take away."
        case "nothing overfits":
            return "There is little that a penalty could win."
    return ""


def _rungs(found: Diagnosis, config: SweepConfig) -> str:
    """Return what a middling and the strongest λ do to both scores."""
    rungs = [rung for rung in (found.middling, found.strongest) if rung is not None]
    if not rungs:
        return ""
    said = ", with ".join(f"{r.configuration} {r.train:.4f} and {r.validation:.4f}" for r in rungs)
    return " ".join(filter(None, [f"With {said}.", _too_weak(found, config)]))


def _too_weak(found: Diagnosis, config: SweepConfig) -> str:
    """Return that the range of λ ends before it bites; empty where it does bite, or nothing overfits."""
    strongest, none = found.strongest, found.none
    if found.finding != "overfitting" or strongest is None or none is None or _loss(none, strongest, config) > SAME:
        return ""
    name = "weight_decay" if strongest.configuration.weight_decay else "lambda"
    value = format_lambda(strongest.configuration.max_coefficient)
    remedy = "" if config.search.configuration is not None else f": raise search.{name}.high"
    return f"Even {value} leaves the train {config.metric} as it is{remedy}."


def _loss(none: Fit, strongest: Fit, config: SweepConfig) -> float:
    """Return by how much the strongest λ makes the train score worse."""
    return (none.train - strongest.train) * (1 if config.greater_is_better else -1)

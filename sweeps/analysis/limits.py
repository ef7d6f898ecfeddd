"""What limits a sweep's answer: a best at the edge of its range, a budget that was used up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from regsearch.spec import format_lambda
from sweeps.analysis.candidates import Candidate
from sweeps.config import SweepConfig

RANGES = {"lambda_l1": "lambda", "lambda_l2": "lambda", "weight_decay": "weight_decay"}  # whose range a number lies in

DECADE = 9.99  # a factor, a little under 10 for rounding


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The best decade lies at the end of a range.

    Args:
        range: which one: lambda, weight_decay.
        side: which end.
        value: where that is.
    """

    range: str
    side: Literal["low", "high"]
    value: float


@dataclass(frozen=True, kw_only=True)
class Unsearched:
    """What a budget left out.

    Args:
        budget: stop_after, trainings or trials.
        left: how many configurations; at most, while later stages are undecided.
    """

    budget: str
    left: int


def edges(best_decade: Candidate, coarse: Sequence[Candidate], config: SweepConfig) -> tuple[Edge, ...]:
    """Return at which ends of its ranges the best decade lies, among the decades of its family."""
    best = best_decade.configuration
    family = [c.configuration for c in coarse if c.configuration.family == best.family]
    ranges = {"lambda": config.search.searched_lambda, "weight_decay": config.search.weight_decay}
    found = []
    for name, range_ in RANGES.items():
        values, value = {getattr(c, name) for c in family}, getattr(best, name)
        if value == max(values) > min(values) and value * DECADE > ranges[range_].high:
            found.append(Edge(range=range_, side="high", value=value))
        elif value == min(values) < max(values) and value / DECADE < ranges[range_].low:
            found.append(Edge(range=range_, side="low", value=value))
    return tuple(dict.fromkeys(found))  # of l1_l2, tied, both coefficients say the same


def describe_edge(edge: Edge, config: SweepConfig) -> str:
    """Return where the edge is, and what to do about it."""
    where = f"The best order of magnitude lies at the {'upper' if edge.side == 'high' else 'lower'} edge of the range"
    what = f"{where} of {edge.range} ({format_lambda(edge.value)}): "
    if edge.side == "low":
        return f"{what}a weaker penalty may do as well; lower search.{edge.range}.low to see."
    if edge.range == "lambda" and config.search.grow:
        return f"{what}it may grow no further; raise search.lambda.limit."
    return f"{what}widen it" + (", or set grow = true." if edge.range == "lambda" else ".")


def describe_unsearched(found: Unsearched, config: SweepConfig) -> str:
    """Return what ended the search, how much it left out, and how to go on."""
    most = f"up to {found.left}" if config.search.strategy == "coarse-to-fine" else str(found.left)
    left = f"{most} configuration{'' if found.left == 1 else 's'} not searched"
    if found.budget == "stop_after":
        return f'Time was up (stop_after = "{config.search.stop_after}"), {left}: raise it and run again to go on.'
    return f"The budget was used up ({found.budget} = {getattr(config.search, found.budget)}), {left}."

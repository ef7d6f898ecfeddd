"""What limits an answer."""

from typing import Any

import pytest

from regsearch.spec import Configuration, Target
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.limits import Edge, Unsearched, describe_edge, describe_unsearched, edges
from tests.sweeps.small import small


def candidate(regularizer: Any, value: float) -> Candidate:
    configuration = Configuration.tied(regularizer, value, Target())
    numbers: dict[str, Any] = dict.fromkeys(("mean", "std", "se", "train_mean", "train_std"), 0.5)
    return Candidate(id=0, configuration=configuration, stage="coarse", n=3, **numbers)


def decades(regularizer: Any, *exponents: int) -> list[Candidate]:
    return [candidate(regularizer, 10.0**k) for k in exponents]


FROM_3_TO_1 = {"lambda": {"low": 1e-3, "high": 1e-1}}
GROWN = FROM_3_TO_1 | {"grow": True}  # up to 100


@pytest.mark.parametrize(
    ("best", "coarse", "search", "found"),
    [
        (("l2", 1e-1), decades("l2", -3, -2, -1), FROM_3_TO_1, [("lambda", "high")]),
        (("l2", 1e-3), decades("l2", -3, -2, -1), FROM_3_TO_1, [("lambda", "low")]),
        (("l2", 1e-2), decades("l2", -3, -2, -1), FROM_3_TO_1, []),
        (("l1_l2", 1e-1), decades("l1_l2", -3, -2, -1), FROM_3_TO_1, [("lambda", "high")]),  # once, not for each
        (("l2", 1e-2), decades("l2", -3, -2) + decades("l1", -1), FROM_3_TO_1, []),  # 1e-1 was not searched
        (("none", 0.0), decades("l2", -3, -2, -1) + decades("none", 0), FROM_3_TO_1, []),
        (("l2", 1e1), decades("l2", -1, 0, 1), GROWN, []),  # 100 is not searched
        (("l2", 1e2), decades("l2", -1, 0, 1, 2), GROWN, [("lambda", "high")]),
        (("weight_decay", 1.0), decades("weight_decay", -1, 0), {}, [("weight_decay", "high")]),
        (("weight_decay", 1e-1), decades("weight_decay", -1), {}, []),  # one alone has no edge
    ],
)
def test_edges(best: Any, coarse: list[Candidate], search: dict[str, Any], found: list[Any]) -> None:
    config = small(search={"lambda": None, **search})
    assert [(edge.range, edge.side) for edge in edges(candidate(*best), coarse, config)] == found


@pytest.mark.parametrize(
    ("edge", "search", "words"),
    [
        (("lambda", "high", 0.1), {}, "upper edge of the range of lambda (1e-1): widen it, or set grow = true."),
        (("lambda", "high", 100.0), {"grow": True}, "(1e2): it may grow no further; raise search.lambda.limit."),
        (("lambda", "low", 1e-3), {}, "lower edge of the range of lambda (1e-3): a weaker penalty may do as well; "),
        (("weight_decay", "high", 1.0), {}, "upper edge of the range of weight_decay (1e0): widen it."),
    ],
)
def test_edges_are_described(edge: Any, search: dict[str, Any], words: str) -> None:
    found = Edge(range=edge[0], side=edge[1], value=edge[2])
    assert words in describe_edge(found, small(search=search))


@pytest.mark.parametrize(
    ("search", "budget", "left", "words"),
    [
        (
            {"stop_after": "30m"},
            "stop_after",
            17,
            'Time was up (stop_after = "30m"), up to 17 configurations not searched: raise it and run again to go on.',
        ),
        (
            {"strategy": "grid", "trainings": 40},
            "trainings",
            1,
            "The budget was used up (trainings = 40), 1 configuration not searched.",
        ),
    ],
)
def test_what_a_budget_left_out_is_described(search: dict[str, Any], budget: str, left: int, words: str) -> None:
    assert describe_unsearched(Unsearched(budget=budget, left=left), small(search=search)) == words

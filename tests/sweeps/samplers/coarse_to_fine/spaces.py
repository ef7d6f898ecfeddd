"""Any space and any way to search it, for hypothesis."""

from dataclasses import dataclass
from typing import Any

import optuna
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from sweeps.samplers.coarse_to_fine import CoarseToFineSampler
from sweeps.samplers.coarse_to_fine.coarse_to_fine_plan import CoarseToFinePlan
from sweeps.samplers.coarse_to_fine.grid import Grid

lambdas = st.floats(-12, 4).flatmap(lambda low: st.tuples(st.just(10**low), st.floats(low, 5).map(lambda x: 10**x)))
log_ranges = lambdas.map(lambda pair: FloatDistribution(min(pair), max(pair), log=True))


@dataclass(frozen=True, kw_only=True)
class Search:
    """Arguments of a sampler; parents come before what depends on them."""

    space: dict[str, BaseDistribution]
    conditions: dict[str, tuple[str, tuple]]
    fine: str
    points: int
    grow: dict[str, tuple[float, float]]
    stages: int
    promote: str | list[str]
    max_failures: int

    def sampler(self) -> CoarseToFineSampler:
        return CoarseToFineSampler(**vars(self))

    def plan(self) -> CoarseToFinePlan:
        grid = Grid(self.space, self.conditions, self.fine, self.points, self.grow)
        return CoarseToFinePlan(grid, self.stages, self.promote)

    def suggest(self, trial: optuna.Trial) -> dict[str, Any]:
        for name, distribution in self.space.items():
            parent, values = self.conditions.get(name, (None, ()))
            if parent is None or trial.params.get(parent) in values:
                trial._suggest(name, distribution)
        return trial.params


@st.composite
def floats(draw: st.DrawFn) -> list[tuple[str, FloatDistribution]]:
    low, width = draw(st.floats(-7, 0)), draw(st.floats(0, 4))
    stepped = st.integers(0, 8).map(lambda steps: FloatDistribution(-1, -1 + 0.25 * steps, step=0.25))
    even = st.builds(FloatDistribution, st.floats(-2, 0), st.floats(0, 2))
    found = [("lambda", FloatDistribution(10**low, 10 ** (low + width), log=True)), ("share", draw(stepped | even))]
    return draw(st.sampled_from([[], found[:1], found[1:], found]))


@st.composite
def searches(draw: st.DrawFn) -> Search:
    choices = tuple(draw(st.permutations(["none", "l1", 2, None]))[: draw(st.integers(1, 3))])
    space: dict[str, BaseDistribution] = {"kind": CategoricalDistribution(choices)}
    conditions: dict[str, tuple[str, tuple]] = {}
    if draw(st.booleans()):
        space["layers"] = IntDistribution(1, draw(st.integers(1, 2)))
    parents = {"kind": choices} | ({"layers": (1,)} if "layers" in space else {})
    for name, distribution in draw(floats()):
        space[name] = distribution
        if draw(st.booleans()):
            parent = draw(st.sampled_from(sorted(parents)))
            conditions[name] = parent, parents[parent][: draw(st.integers(1, len(parents[parent])))]
    grow = {}
    if "lambda" in space and draw(st.booleans()):
        low, high = space["lambda"].low, space["lambda"].high
        grow["lambda"] = low, draw(st.floats(low, high))
    return Search(
        space=space,
        conditions=conditions,
        fine=draw(st.sampled_from(["around", "within", "none"])),
        points=draw(st.integers(1, 4)),
        grow=grow,
        stages=draw(st.integers(1, 3)),
        promote=draw(st.sampled_from(["best", "each", "one-se", ["kind"]])),
        max_failures=draw(st.integers(1, 3)),
    )

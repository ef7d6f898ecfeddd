"""Which stages of cells there are: a function of what came of the cells of closed stages, and of nothing else."""

from collections.abc import Mapping

from sweeps.samplers.coarse_to_fine.cell_space import Key
from sweeps.samplers.coarse_to_fine.plan import Plan, Score, Stage

Closed = Mapping[Key, Score | None]  # of each cell that has ended its score; None for one that takes no part


def open_stages(plan: Plan, closed: Closed, *, maximize: bool) -> tuple[list[Stage], bool]:
    """Return the stages as far as they are decided, and whether nothing follows them any more.

    >>> from optuna.distributions import FloatDistribution
    >>> from sweeps.samplers.coarse_to_fine.cell_space import CellSpace
    >>> from sweeps.samplers.coarse_to_fine.coarse_to_fine_plan import CoarseToFinePlan
    >>> from sweeps.samplers.coarse_to_fine.grid import Grid
    >>> plan = CoarseToFinePlan(Grid({"lambda": FloatDistribution(1e-3, 1e-1, log=True)}))
    >>> stages, over = open_stages(plan, {(1e-3,): Score(value=0.5), (1e-2,): None, (1e-1,): None}, maximize=True)
    >>> [stage.name for stage in stages], over
    (['coarse', 'fine'], False)
    """
    stages = [plan.first()]
    scores = {key: score for key, score in closed.items() if score is not None}
    while all(key in closed for stage in stages for key in stage.cells):
        following = plan.after(stages, scores, maximize)
        if following is None:
            return stages, True
        stages = following
    return stages, False

"""First the decades, then a grid inside the best one."""

from collections.abc import Mapping

from optuna import Study
from optuna.distributions import BaseDistribution

from .cell_sampler import CellSampler
from .cell_space import POINTS, Conditions, Key
from .cells import Cell
from .coarse_to_fine_plan import CoarseToFinePlan, Promote
from .grid import Fine, Grid, Ranges
from .settings import settings


class CoarseToFineSampler(CellSampler):
    """Visit every cell of a coarse grid exactly once, then of a finer one around its best cell, over any workers.

    Log-scaled floats are gridded by their powers of ten, categories and ints by their values, linear floats by `points`
    even steps. CellSampler says what all samplers of cells have in common.

    Args:
        space: each parameter's distribution, the same as the objective suggests it with. Of equal cells, the earlier
            category is preferred.
        conditions: `{"lambda": ("regularizer", ("l1", "l2"))}`: lambda exists only where regularizer is l1 or l2.
        fine: how a float is refined: `around` (log-spaced between the neighbouring decades), `within` (2 … 9 times 10^k
            inside the best decade, then around), or `none` for a plain grid.
        points: values of a refined float, and of a linear float in the coarse stage; several floats share them.
        stages: how many stages there are, the coarse one included.
        promote: which cells go on to the next stage: the `best` one; the best of `each` family, that is of each
            combination of categories and ints; those of them within one standard error of the best (`one-se`; the
            objective gives it as the user attribute STANDARD_ERROR); or the best for each value of the parameters that
            are named, `["regularizer"]`.
        grow: of log-scaled floats, the range that the coarse stage begins with, `{"lambda": (1e-6, 1e-1)}`. It grows
            upward, a decade at a time, while a cell that would go on lies on its upper edge, as far as the parameter's
            distribution goes. It never grows downward: the smaller decades only come nearer to 0.
        max_failures: failed trials after which a cell is abandoned; `failures` reports it.
        grace_s: seconds after which a trial that has neither claimed a cell nor shown a sign of life is failed.
        log_warnings: whether a best coarse cell on an edge, or a standard error that is missing, is logged.

    Raises:
        ValueError: an argument is out of range; the message names it.

    Example:
        >>> import optuna
        >>> lambdas = optuna.distributions.FloatDistribution(1e-4, 1e-1, log=True)
        >>> sampler = regsearch.CoarseToFineSampler({"lambda": lambdas}, log_warnings=False)
        >>> study = optuna.create_study(sampler=sampler)
        >>> study.optimize(lambda trial: abs(np.log10(trial.suggest_float("lambda", 1e-4, 1e-1, log=True)) + 2.2))
        >>> 1e-3 < study.best_params["lambda"] < 1e-2  # between two decades
        True
    """

    plan: CoarseToFinePlan

    def __init__(
        self,
        space: Mapping[str, BaseDistribution],
        *,
        conditions: Conditions | None = None,
        fine: Fine = "around",
        points: int = POINTS,
        stages: int = 2,
        promote: Promote = "best",
        grow: Ranges | None = None,
        max_failures: int = 3,
        grace_s: float = 120.0,
        log_warnings: bool = True,
    ) -> None:
        grid = Grid(space, conditions, fine, points, grow)
        super().__init__(
            CoarseToFinePlan(grid, stages, promote),
            settings(grid.space, fine=fine, promote=promote, grow=grid.grow),
            max_failures=max_failures,
            grace_s=grace_s,
            log_warnings=log_warnings,
        )

    def choice(self, study: Study) -> Cell | None:
        """Return the best coarse cell; None until the coarse stage is closed, or if none of its cells was completed."""
        return next(iter(self.promoted(study)), None)

    def promoted(self, study: Study) -> list[Cell]:
        """Return the coarse cells that go on, the best first; none until the coarse stage is closed."""
        ledger = self._ledger_of(study)

        def keys() -> list[Key]:
            closed = ledger.stages[:1] if ledger.first_stage_is_closed else []
            return self.plan.promoted(closed, ledger.scores, ledger.maximize)

        return self._cells(ledger, keys)

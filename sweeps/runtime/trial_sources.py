"""Which source a sweep's trials come from."""

from collections.abc import Callable

from sweeps.runtime.asked_trials import AskedTrials
from sweeps.runtime.claimed_cells import ClaimedCells
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.trial_source import TrialSource
from sweeps.search.strategies import CellStrategy


def source_of(
    sweep: Sweep, worker_id: int | None = None, *, say: Callable[[str], None] = lambda _: None
) -> TrialSource:
    """Return where a worker gets a sweep's trials from.

    Args:
        sweep: an open one.
        worker_id: in rs_workers; None for who only looks.
        say: told what others did, a line each.
    """
    if isinstance(sweep.strategy, CellStrategy):
        return ClaimedCells(sweep, worker_id)
    return AskedTrials(sweep, say)

"""What users see of a search: the state of each cell, and what asking for the next one would meet."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .plan import Edge


class Poll(enum.Enum):
    """What `study.ask` would meet."""

    CELL = "cell"  # something can be asked for now
    WAIT = "wait"  # the stage's last cells are still running elsewhere
    DONE = "done"  # the search is over


class CellState(enum.Enum):
    """The state of a cell."""

    UNDECIDED = "undecided"  # of a stage whose cells are not known yet
    FREE = "free"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"  # closed, but takes no part in choosing
    ABANDONED = "abandoned"  # failed too often


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One point of a stage's grid."""

    stage: str  # coarse, fine, fine-2 …; grid where there is only one
    params: Mapping[str, Any]  # empty while undecided
    state: CellState
    value: float | None = None  # its trial's value, if COMPLETE
    trials: tuple[int, ...] = ()  # the numbers of the trials that tried it, failed ones first
    # which of its numbers lie at an end of the coarse range: {"lambda": "high"}
    edges: Mapping[str, Edge] = field(default_factory=dict)


class NothingLeft(RuntimeError):
    """Every cell is closed: call `poll` before `study.ask`."""

"""Learning curves: without regularization train improves while validation turns; with the best it stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from storage.queries import Results
from sweeps.config import SweepConfig
from sweeps.plots import style
from sweeps.selection import Candidate, choose, finished

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SERIES = ("train_loss", "train_score", "validation_loss", "validation_score")


@dataclass(frozen=True, kw_only=True, eq=False)
class Learning:
    """How one configuration learned.

    Args:
        title: which one, in words.
        repeats: how many trainings this summarizes.
        mean: a row an epoch, a column for each of SERIES.
        std: likewise; NaN where there was a single repeat.
    """

    title: str
    repeats: int
    mean: pd.DataFrame
    std: pd.DataFrame


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePicture:
    """What the picture shows: no regularization first, where there is that, then the best."""

    sweep: str
    metric: str
    learnings: tuple[Learning, ...]


def figure(results: Results, sweep: str, config: SweepConfig) -> "Figure | None":
    """Return the picture of a sweep; None where no finished configuration has a curve."""
    picture = collect(results, sweep, config)
    if picture is None:
        return None
    blank = style.new_figure()
    draw(picture, blank)
    return blank


def collect(results: Results, sweep: str, config: SweepConfig) -> CurvePicture | None:
    """Return what the picture shows; None where no finished configuration has a curve."""
    found = finished(results, sweep)
    shown = [c for c in found if c.configuration.regularizer == "none"]
    if any(c.stage != CONTROL for c in found):
        shown.append(choose(results, sweep, config))
    by_id = {c.id: c for c in shown}  # one panel where none is best
    curves = results.curves(sweep, configuration_ids=list(by_id))
    learnings = [_learning(by_id[int(i)], curves[curves["configuration_id"] == i]) for i in by_id if i in set(curves["configuration_id"])]
    if not learnings:
        return None
    return CurvePicture(sweep=sweep, metric=config.metric, learnings=tuple(learnings))

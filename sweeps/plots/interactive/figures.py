"""All figures of a sweep that a browser draws, by what the dashboard calls them."""

import pandas as pd

from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots.interactive import (
    lambda_curves,
    loss_curves,
    norm_curves,
    paired_differences,
    repeat_strip,
    stage_progress,
)
from sweeps.plots.interactive.plotly_figure import PlotlyFigure

OF_SNAPSHOT = {
    "paired-differences": paired_differences,
    "lambda-curves": lambda_curves,
    "learning-curves": loss_curves,
    "repeats": repeat_strip,
    "weight-norms": norm_curves,
}
PROGRESS = "progress"


def interactive_figures(snapshot: SweepSnapshot, end_times: pd.DataFrame) -> dict[str, PlotlyFigure]:
    """Return the figures that there is something to show in.

    Args:
        snapshot: of the sweep.
        end_times: when each configuration was over, as `SweepReader.end_times` has it.
    """
    found = {name: module.figure(snapshot) for name, module in OF_SNAPSHOT.items()}
    found[PROGRESS] = stage_progress.figure(end_times)
    return {name: figure for name, figure in found.items() if figure is not None}

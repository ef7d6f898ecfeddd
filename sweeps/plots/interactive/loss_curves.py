"""Losses by epoch, without regularization and with the best; see sweeps/plots/curves.py."""

from collections.abc import Iterator
from typing import Any

from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import curves, style
from sweeps.plots.curves import Learning
from sweeps.plots.interactive.plotly_figure import PlotlyFigure, axis, points

MOST = 150  # points of a curve
COLORS = (style.VERMILLION, style.BLUE)  # of no regularization and of the best


def figure(snapshot: SweepSnapshot) -> PlotlyFigure | None:
    """Return the figure; None where no finished configuration has a curve."""
    picture = curves.collect(snapshot)
    if picture is None:
        return None
    losses = [value for one in picture.learnings for value in one.mean["validation_loss"]]
    scale = {"type": "log", "dtick": "D2"} if style.is_wide(losses) else {}
    return PlotlyFigure(
        title="Learning curves: loss without penalty, mean over repeats",
        traces=tuple(
            trace for one, color in zip(picture.learnings, COLORS, strict=False) for trace in _traces(one, color)
        ),
        x=axis("Epochs"),
        y=axis("Loss", **scale),
    )


def _traces(learning: Learning, color: str) -> Iterator[dict[str, Any]]:
    step = -(-len(learning.mean) // MOST)
    shown = learning.mean.iloc[::step]
    for subset, dashes in (("train", "--"), ("validation", "-")):
        looks = style.LineStyle(color=color, linestyle=dashes, marker="o")
        losses, epochs = shown[f"{subset}_loss"].tolist(), [int(epoch) for epoch in shown.index]
        labels = [f"{learning.title}, {subset}: {loss:.4g}" for loss in losses]
        yield points(f"{learning.title}, {subset}", epochs, losses, labels, looks=looks, mode="lines")

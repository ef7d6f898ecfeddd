"""The decision surface at the end of each phase of a schedule: how a rising penalty smooths it.

Shown is, of each schedule, the first repeat of its best configuration, over the rows it was trained on.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regsearch.results import Surface
from regsearch.spec import format_lambda
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.selection import best_on_each_schedule
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import dataset, style
from sweeps.plots.dataset import DataPicture

COLUMNS, MOST = 4, 8  # panels in a row, and of one schedule


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """One phase."""

    coefficient: float  # 0 without a penalty
    epochs: int  # trained so far
    score: float  # mean over repeats on the validation rows at its end
    surface: Surface  # what the first repeat's model predicts

    @property
    def slope(self) -> float:
        """How steep the surface is where it is steepest: the largest |∇p|, by central differences."""
        table = self.surface.values.astype(np.float64)  # (x2, x1)
        return float(np.hypot(*np.gradient(table, self.surface.x2, self.surface.x1)).max())


@dataclass(frozen=True, kw_only=True, eq=False)
class Strip:
    """One schedule, phase by phase."""

    heading: str
    repeats: int
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class SurfacesPicture:
    """What the picture shows."""

    title: str
    metric: str
    strips: tuple[Strip, ...]
    data: DataPicture


def collect(snapshot: SweepSnapshot) -> SurfacesPicture | None:
    """Return what the picture shows; None where no configuration on a schedule has two classes in a plane."""
    best = best_on_each_schedule(snapshot)
    strips = tuple(strip for one in best if (strip := _strip(one, snapshot.phases)) is not None)
    points = dataset.collect(snapshot) if strips else None
    if points is None:
        return None
    return SurfacesPicture(
        title=f"{snapshot.name}: the decision surface, phase by phase",
        metric=style.metric_name(snapshot.config.metric),
        strips=strips,
        data=points,
    )


def draw(picture: SurfacesPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: class 1's probability in colour, its border as a line, the train rows as points."""
    columns = min(COLUMNS, max(len(strip.panels) for strip in picture.strips))
    rows = sum(-(-len(strip.panels) // columns) for strip in picture.strips)
    grid = style.panels(figure, rows, columns, title=picture.title, height=1.95, header=1.2, footer=0.65, gap=0.95)
    left = iter(grid)
    for strip in picture.strips:
        for first in range(0, len(strip.panels), columns):
            _row(next(left), picture, strip.panels[first : first + columns], heading="" if first else strip.heading)
    for axes in grid[-1]:
        style.label(axes, x=picture.data.names[0])
    repeats = max(strip.repeats for strip in picture.strips)
    many = f", mean of {repeats} repeats" if repeats > 1 else ""
    score = f"After the epochs: {style.in_title(picture.metric)} on the validation rows{many}"
    caption = f"{score}. Slope: of the surface at its steepest.\nShown: the first repeat and its train rows."
    style.legend(figure, [], columns=1, caption=caption)


def _row(places: "list[style.Axes]", picture: SurfacesPicture, panels: tuple[Panel, ...], *, heading: str) -> None:
    for axes, panel in zip(places, panels, strict=False):
        _surface(axes, panel.surface)
        for number in picture.data.classes:
            dataset.scatter(axes, picture.data.train, number, filled=True, size=4.5)
        name = "no penalty" if not panel.coefficient else f"λ = {format_lambda(panel.coefficient)}"
        title = f"{name}, slope {panel.slope:.1f}\n{panel.epochs:,} epochs: {panel.score:.3f}"
        style.panel_title(axes, f"{heading}\n{title}" if axes is places[0] and heading else title, pad=4)
    for axes in places[len(panels) :]:
        axes.set_visible(False)
    style.label(places[0], y=picture.data.names[1])


def _strip(best: Candidate, phases: pd.DataFrame) -> Strip | None:
    """Return one configuration's phases; None where its surfaces are not kept."""
    own = phases[phases["configuration_id"] == best.id]
    surfaces = own[own["repeat"] == 0].dropna(subset="surface").set_index("level")["surface"]
    if surfaces.empty:
        return None
    means = own.groupby("level")[["strength", "epochs", "validation_score"]].mean()
    step = -(-len(surfaces) // MOST)
    panels = tuple(
        Panel(
            coefficient=means["strength"][phase],
            epochs=round(means["epochs"][phase]),
            score=means["validation_score"][phase],
            surface=surfaces[phase],
        )
        for phase in list(surfaces.index)[::-1][::step][::-1]  # the last phase is among them
    )
    heading = f"{style.REGULARIZER_NAMES[best.configuration.regularizer]}, schedule {best.configuration.variant}"
    return Strip(heading=heading, repeats=best.n, panels=panels)


def _surface(axes: "style.Axes", surface: Surface) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    classes = LinearSegmentedColormap.from_list("classes", [style.SKY, "#FFFFFF", style.ORANGE])
    axes.contourf(surface.x1, surface.x2, surface.values, levels=[i / 10 for i in range(11)], cmap=classes, alpha=0.75)
    axes.contour(surface.x1, surface.x2, surface.values, levels=[0.5], colors=style.BLACK, linewidths=1.2)
    axes.grid(False)

"""The decision surface at the end of each level of a schedule: how a rising penalty smooths it.

Shown is the first repeat of the best configuration on a schedule, over the rows it was trained on.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regsearch.results import Surface
from regsearch.spec import lambda_in_words
from storage.queries import Results
from sweeps.config import SweepConfig
from sweeps.plots import data, style
from sweeps.plots.data import DataPicture
from sweeps.selection import Candidate, finished

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS, MOST = 4, 12  # panels in a row, and in all


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """One level.

    Args:
        strength: its coefficient; 0 without a penalty.
        epochs: trained so far.
        score: mean over repeats on the validation part at its end.
        surface: what the first repeat's model predicts.
    """

    strength: float
    epochs: int
    score: float
    surface: Surface


@dataclass(frozen=True, kw_only=True, eq=False)
class SurfacesPicture:
    """What the picture shows."""

    title: str
    metric: str
    repeats: int
    panels: tuple[Panel, ...]
    data: DataPicture


def figure(results: Results, sweep: str, config: SweepConfig) -> "Figure | None":
    """Return the picture of a sweep; None where there are no surfaces to show."""
    return style.drawn(collect(results, sweep, config), draw)


def collect(results: Results, sweep: str, config: SweepConfig) -> SurfacesPicture | None:
    """Return what the picture shows; None where no configuration on a schedule has two classes in a plane."""
    scheduled = [c for c in finished(results, sweep) if c.configuration.schedule is not None]
    if not scheduled:
        return None
    best = max(scheduled, key=lambda c: c.mean if config.greater_is_better else -c.mean)
    surfaces = results.surfaces(best.id)
    points = data.collect(results, sweep, config) if surfaces else None
    if points is None:
        return None
    panels = _panels(results, sweep, best, surfaces)
    name = f"{style.REGULARIZER_NAMES[best.configuration.regularizer]}, schedule {best.configuration.variant}"
    return SurfacesPicture(
        title=f"{sweep}: {name}, level by level",
        metric=style.METRIC_NAMES[config.metric],
        repeats=best.n,
        panels=panels,
        data=points,
    )


def draw(picture: SurfacesPicture, figure: "Figure") -> None:
    """Draw it on an empty figure: the chance of class 1 in colour, its border as a line, the train rows as points."""
    columns = min(COLUMNS, len(picture.panels))
    rows = -(-len(picture.panels) // columns)
    grid = style.panels(figure, rows, columns, title=picture.title, height=1.95, header=0.95, footer=0.45, gap=0.75)
    places = [axes for row in grid for axes in row]
    for axes, panel in zip(places, picture.panels, strict=False):
        _surface(axes, panel.surface)
        for number in picture.data.classes:
            data.scatter(axes, picture.data.train, number, filled=True, size=4.5)
        strength = "no penalty" if not panel.strength else f"λ = {lambda_in_words(panel.strength)}"
        style.panel_title(axes, f"{strength}\n{panel.epochs:,} epochs: {panel.score:.3f}", pad=4)
    for axes in places[len(picture.panels) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        style.label(axes, x=picture.data.names[0])
    for row in grid:
        style.label(row[0], y=picture.data.names[1])
    what = f"Numbers: {picture.metric.lower()} on the validation rows"
    many = f", mean of {picture.repeats} repeats" if picture.repeats > 1 else ""
    style.legend(figure, [], columns=1, caption=f"{what}{many}. Shown: the first repeat and its train rows.")


def _panels(results: Results, sweep: str, best: Candidate, surfaces: dict[int, Surface]) -> tuple[Panel, ...]:
    levels = results.levels(sweep)
    own = levels[levels["configuration_id"] == best.id]
    table = own.groupby("level")[["strength", "epochs", "validation_score"]].mean().to_dict("index")
    step = -(-len(surfaces) // MOST)
    shown = list(surfaces)[::-1][::step][::-1]  # the last level is among them
    return tuple(
        Panel(
            strength=table[level]["strength"],
            epochs=round(table[level]["epochs"]),
            score=table[level]["validation_score"],
            surface=surfaces[level],
        )
        for level in shown
    )


def _surface(axes: "Axes", surface: Surface) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    classes = LinearSegmentedColormap.from_list("classes", [style.SKY, "#FFFFFF", style.ORANGE])
    axes.contourf(surface.x1, surface.x2, surface.values, levels=[i / 10 for i in range(11)], cmap=classes, alpha=0.75)
    axes.contour(surface.x1, surface.x2, surface.values, levels=[0.5], colors=style.BLACK, linewidths=1.2)
    axes.grid(False)

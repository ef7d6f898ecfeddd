"""The score by target and lambda: which weights to penalize, and how strongly; a panel for each regularizer."""

from dataclasses import dataclass

from sweeps.analysis.candidates import Candidate
from sweeps.analysis.selection import best_candidate
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style
from sweeps.plots.heatmap import Scale, Spot, draw_plane, foot, scale_of
from sweeps.plots.lambdas import lines_of

ROW = 0.42  # inches for each target


@dataclass(frozen=True, kw_only=True)
class TargetPicture:
    """What the picture shows: a panel for each regularizer."""

    sweep: str
    metric: str
    best: Candidate
    targets: tuple[str, ...]  # in the sweep file's order, which is y
    panels: dict[str, tuple[Spot, ...]]  # by regularizer and kind: x is lambda
    scale: Scale


def collect(snapshot: SweepSnapshot) -> TargetPicture | None:
    """Return what the picture shows; None where fewer than two targets have something finished."""
    best, panels = best_candidate(snapshot), dict[str, list[Spot]]()
    lines = [line for line in lines_of(snapshot) if line.family.target]
    targets = [t for t in map(str, snapshot.config.targets) if any(line.family.target == t for line in lines)]
    if best is None or len(targets) < 2:
        return None
    for line in lines:
        own = panels.setdefault(line.title(with_target=False), [])
        own += [Spot(x=p.lambda_, y=float(targets.index(line.family.target)), candidate=p) for p in line.points]
    spots = [spot for own in panels.values() for spot in own]
    return TargetPicture(
        sweep=snapshot.name,
        metric=snapshot.config.metric,
        best=best,
        targets=tuple(targets),
        panels={title: tuple(own) for title, own in panels.items()},
        scale=scale_of(spots, best, greater_is_better=snapshot.config.greater_is_better),
    )


def draw(picture: TargetPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: a panel for each regularizer, one over the other, the best ringed."""
    name = style.metric_name(picture.metric)
    title = f"{picture.sweep}: {style.in_title(name)} by target and λ"
    height = 0.3 + ROW * len(picture.targets)
    grid = style.panels(
        figure, len(picture.panels), 1, title=title, height=height, shared=False, footer=0.95, left=2.2, gap=0.95
    )
    for (axes,), (regularizer, spots) in zip(grid, picture.panels.items(), strict=True):
        style.panel_title(axes, regularizer)
        style.log_lambdas(axes, [spot.x for spot in spots])
        axes.set_ylim(len(picture.targets) - 0.5, -0.5)
        axes.set_yticks(range(len(picture.targets)), list(picture.targets))
        draw_plane(axes, spots, picture.scale, picture.best, log_y=False)
        style.label(axes, x=style.LAMBDA)
    ringed = any(spot.candidate.id == picture.best.id for spots in picture.panels.values() for spot in spots)
    foot(figure, picture.scale, f"{name}, mean of {picture.best.n}", ringed=ringed)

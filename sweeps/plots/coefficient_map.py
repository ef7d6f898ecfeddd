"""The score over the plane of both coefficients, where L1's and L2's are searched each for itself."""

from dataclasses import dataclass

from sweeps.analysis.candidates import Candidate
from sweeps.analysis.selection import best_candidate
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style
from sweeps.plots.heatmap import Scale, Spot, draw_plane, foot, scale_of

COLUMNS = 2  # of panels


@dataclass(frozen=True, kw_only=True)
class CoefficientPicture:
    """What the picture shows: a panel for each target."""

    sweep: str
    metric: str
    best: Candidate
    panels: dict[str, tuple[Spot, ...]]  # by target: x is L1's coefficient, y is L2's
    scale: Scale


def collect(snapshot: SweepSnapshot) -> CoefficientPicture | None:
    """Return what the picture shows; None where no coefficients of L1 and L2 differ."""
    best, panels = best_candidate(snapshot), dict[str, list[Spot]]()
    for candidate in snapshot.candidates:
        c = candidate.configuration
        if c.lambda_l1 and c.lambda_l2 and c.schedule is None and not c.lambdas:
            panels.setdefault(str(c.target), []).append(Spot(x=c.lambda_l1, y=c.lambda_l2, candidate=candidate))
    spots = [spot for own in panels.values() for spot in own]
    if best is None or all(spot.x == spot.y for spot in spots):
        return None
    return CoefficientPicture(
        sweep=snapshot.name,
        metric=snapshot.config.metric,
        best=best,
        panels={target: tuple(own) for target, own in sorted(panels.items())},
        scale=scale_of(spots, best, greater_is_better=snapshot.config.greater_is_better),
    )


def draw(picture: CoefficientPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: a panel for each target, the best ringed."""
    name = style.metric_name(picture.metric)
    columns = min(len(picture.panels), COLUMNS)
    rows = -(-len(picture.panels) // columns)
    title = f"{picture.sweep}: {style.in_title(name)} against both coefficients"
    grid = style.panels(figure, rows, columns, title=title, height=3.4, shared=False, footer=0.95)
    places = [axes for row in grid for axes in row]
    for axes, (target, spots) in zip(places, picture.panels.items(), strict=False):
        style.panel_title(axes, f"L1 + L2 on {target}" if len(picture.panels) > 1 else "L1 + L2")
        axes.set_yscale("log")
        style.log_lambdas(axes, [spot.x for spot in spots])
        draw_plane(axes, spots, picture.scale, picture.best, log_y=True)
        style.label(axes, x="L1's λ (log scale)", y="L2's λ (log scale)")
    for axes in places[len(picture.panels) :]:
        axes.set_visible(False)
    ringed = any(spot.candidate.id == picture.best.id for spots in picture.panels.values() for spot in spots)
    foot(figure, picture.scale, f"{name}, mean of {picture.best.n}", ringed=ringed)

"""The path of each weight tensor's norm as lambda rises, in the winner's family; the winner is marked.

As the coefficient path of a lasso (Tibshirani 1996, Journal of the Royal Statistical Society B 58:267-288), with the
norm of a tensor in place of a coefficient.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regsearch.spec import format_lambda
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.selection import best_candidate, best_regularized
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style
from sweeps.plots.lambdas import Line, lines_of
from sweeps.plots.norms import NORM, weights_of_target

MOST = 8  # tensors, those that the penalty acts on first, then the largest
_MARKERS = "os^Dv<>P"
_COLORS = (style.BLUE, style.VERMILLION, style.GREEN, style.ORANGE, style.PURPLE, style.SKY, style.BLACK, style.GREY)


@dataclass(frozen=True, kw_only=True)
class Path:
    """One weight tensor."""

    weight: str  # layer/name
    penalized: bool
    means: Mapping[int, float]  # √Σw² after training, mean over repeats, by configuration
    stds: Mapping[int, float]  # NaN where there was a single repeat
    none: float | None  # of no regularization


@dataclass(frozen=True, kw_only=True)
class LayerNormPicture:
    """What the picture shows."""

    sweep: str
    line: Line  # the winner's family
    best: Candidate
    paths: tuple[Path, ...]


def collect(snapshot: SweepSnapshot) -> LayerNormPicture | None:
    """Return what the picture shows; None where the best that has a lambda is the only one of its family."""
    best = next((c for c in [best_candidate(snapshot), *best_regularized(snapshot, 1)] if c and c.lambda_), None)
    line = next((line for line in lines_of(snapshot) if best in line.points), None)
    if best is None or line is None or len({*line.lambdas}) < 2 or snapshot.weight_norms.empty:
        return None
    target = best.configuration.target
    penalized = set() if target is None else weights_of_target(snapshot, target)
    return LayerNormPicture(
        sweep=snapshot.name, line=line, best=best, paths=tuple(_paths(snapshot, line.points, penalized))
    )


def draw(picture: LayerNormPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: a line for each tensor, full where the penalty acts on it."""
    title = f"{picture.sweep}: weight norms along {picture.line.title(with_target=True)}"
    handles = _handles(picture)
    footer = style.foot_of(len(handles), 2)
    ((axes,),) = style.panels(figure, 1, 1, title=title, height=3.4, header=0.5, footer=footer)
    lambdas = picture.line.lambdas
    style.log_lambdas(axes, lambdas)
    axes.axvline(picture.best.lambda_, color=style.BLACK, linewidth=1.1, zorder=1)
    found = []
    for place, path in enumerate(picture.paths):
        means = [path.means[point.id] for point in picture.line.points]
        stds = [path.stds[point.id] for point in picture.line.points]
        style.error_bars(axes, lambdas, means, stds, _looks(place, path))
        if path.none is not None:
            axes.plot([1.0], [path.none], transform=axes.get_yaxis_transform(), clip_on=False, **_tick(place))
        found += means
    if style.is_wide(found):
        style.log_values(axes)
    else:
        axes.set_ylim(bottom=0)
    style.label(axes, x=style.LAMBDA, y=NORM)
    bars = style.spread(picture.best.n, "Bars")
    ticks = "right edge: no regularization" if any(path.none for path in picture.paths) else ""
    style.legend(figure, handles, columns=2, caption="; ".join(filter(None, [bars, ticks])))


def _paths(snapshot: SweepSnapshot, points: Sequence[Candidate], penalized: set[str]) -> list[Path]:
    none = snapshot.baseline
    wanted = [*(point.id for point in points), *([none.id] if none else [])]
    norms = snapshot.weight_norms[snapshot.weight_norms["configuration_id"].isin(wanted)]
    names = norms["layer"] + "/" + norms["weight"]
    groups = norms["l2_after"].groupby([names, norms["configuration_id"]], sort=False)
    means, stds = groups.mean().unstack(), groups.std().unstack()  # (tensors, configurations)
    found = [
        Path(
            weight=str(weight),
            penalized=weight in penalized,
            means=means.loc[weight].to_dict(),
            stds=stds.loc[weight].to_dict(),
            none=float(means.loc[weight, none.id]) if none else None,
        )
        for weight in means.index
    ]
    chosen = sorted(found, key=lambda path: (not path.penalized, -max(path.means.values())))[:MOST]
    return [path for path in found if path in chosen]


def _looks(place: int, path: Path) -> dict[str, Any]:
    dashes = "-" if path.penalized else "--"
    looks = style.LineStyle(color=_COLORS[place], linestyle=dashes, marker=_MARKERS[place], fill=path.penalized)
    return looks.line_and_markers()


def _tick(place: int) -> dict[str, Any]:
    return {"marker": "_", "markersize": 12, "markeredgewidth": 2, "color": _COLORS[place], "linestyle": ""}


def _handles(picture: LayerNormPicture) -> list["style.Line2D"]:
    found = [
        style.handle(path.weight + ("" if path.penalized else ", not penalized"), **_looks(place, path))
        for place, path in enumerate(picture.paths)
    ]
    return [*found, style.handle(f"Best: λ = {format_lambda(picture.best.lambda_)}", color=style.BLACK)]

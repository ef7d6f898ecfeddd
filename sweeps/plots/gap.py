"""The gap between train and validation rows against lambda: a penalty that helps closes it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweeps.analysis.candidates import Candidate
from sweeps.analysis.selection import choose
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style
from sweeps.plots.lambdas import Line, lines_of
from sweeps.plots.robust_limits import robust_limits

_NONE: dict[str, Any] = {"color": style.BLACK, "linestyle": ":", "linewidth": 1.5}
_BEST = style.RING


@dataclass(frozen=True, kw_only=True)
class Gap:
    """By how much better a configuration is on train rows, mean over repeats; std is NaN where it is not known."""

    mean: float
    std: float


@dataclass(frozen=True, kw_only=True)
class GapPicture:
    """What the picture shows."""

    sweep: str
    metric: str
    several_targets: bool
    lines: tuple[Line, ...]
    gaps: Mapping[int, Gap]  # by configuration
    none: Candidate | None
    best: Candidate


def collect(snapshot: SweepSnapshot) -> GapPicture | None:
    """Return what the picture shows; None where nothing with a lambda is finished."""
    lines = lines_of(snapshot)
    if not lines:
        return None
    none = snapshot.baseline
    shown = [*(point for line in lines for point in line.points), *([none] if none else [])]
    return GapPicture(
        sweep=snapshot.name,
        metric=snapshot.config.metric,
        several_targets=len({line.family.target for line in lines}) > 1,
        lines=lines,
        gaps={candidate.id: _gap(snapshot, candidate) for candidate in shown},
        none=none,
        best=choose(snapshot),
    )


def draw(picture: GapPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: a line for each family, no regularization across, the best ringed."""
    name = style.in_title(style.metric_name(picture.metric))
    handles = _handles(picture)
    title = f"{picture.sweep}: how far train and validation rows lie apart"
    ((axes,),) = style.panels(figure, 1, 1, title=title, height=3.2, header=0.5, footer=style.foot_of(len(handles), 3))
    style.log_lambdas(axes, (value for line in picture.lines for value in line.lambdas))
    axes.axhline(0.0, color=style.GREY, linewidth=1.0)
    if picture.none is not None:
        axes.axhline(picture.gaps[picture.none.id].mean, **_NONE)
    for place, line in enumerate(picture.lines):
        gaps = [picture.gaps[point.id] for point in line.points]
        drawn = _looks(picture, place) | ({"linestyle": ""} if len({*line.lambdas}) < len(line.lambdas) else {})
        style.error_bars(axes, line.lambdas, [g.mean for g in gaps], [g.std for g in gaps], drawn)
        if picture.best in line.points:
            axes.plot([picture.best.lambda_], [picture.gaps[picture.best.id].mean], **_BEST)
    axes.set_ylim(*_limits(picture))
    style.label(axes, x=style.LAMBDA, y=f"Train better by, {name}")
    style.legend(figure, handles, columns=3, caption=style.spread(picture.best.n, "Bars"))


def _gap(snapshot: SweepSnapshot, candidate: Candidate) -> Gap:
    sign = 1.0 if snapshot.config.greater_is_better else -1.0
    std, details = math.nan, snapshot.details.get(candidate.id)
    if details is not None and candidate.n > 1:
        pairs = details.train_scores.merge(details.validation_scores, on="repeat")
        std = float((pairs["train_score"] - pairs["validation_score"]).std())
    return Gap(mean=sign * (candidate.train_mean - candidate.mean), std=std)


def _looks(picture: GapPicture, place: int) -> dict[str, Any]:
    """Return how a line is drawn: by its regularizer, of which there may be several on other targets."""
    family = picture.lines[place].family
    earlier = sum(line.family.regularizer == family.regularizer for line in picture.lines[:place])
    return style.REGULARIZERS[family.regularizer].line_and_markers() | {"alpha": 1 / (1 + 0.6 * earlier)}


def _limits(picture: GapPicture) -> tuple[float, float]:
    shown = list(picture.gaps.values())
    ends = [(g.mean - s, g.mean + s) for g in shown for s in [0.0 if math.isnan(g.std) else g.std]]
    keep = [0.0, *(picture.gaps[c.id].mean for c in (picture.none, picture.best) if c and c.id in picture.gaps)]
    return robust_limits([g.mean for g in shown], ends, keep=keep)


def _handles(picture: GapPicture) -> list["style.Line2D"]:
    found = [
        style.handle(line.title(with_target=picture.several_targets), **_looks(picture, place))
        for place, line in enumerate(picture.lines)
    ]
    if any(picture.best in line.points for line in picture.lines):
        found.append(style.handle("Best configuration", **_BEST))
    return [*found, *([style.handle("No regularization", **_NONE)] if picture.none else [])]

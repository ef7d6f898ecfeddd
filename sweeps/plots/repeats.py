"""Every repeat of the best configurations and of no regularization: how far single trainings lie apart."""

import textwrap
from dataclasses import dataclass
from typing import Any

from sweeps.analysis.candidates import Candidate, ranked
from sweeps.analysis.selection import best_candidate
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style
from sweeps.plots.robust_limits import robust_limits

MOST = 15  # configurations
LABEL = 30  # characters in a line of a configuration's name
HEIGHT = 0.36  # inches for each
SPREAD = 0.24  # of a row, over which a configuration's repeats are drawn, so that equal scores are seen
_REPEAT: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 4.5, "alpha": 0.75, "markeredgewidth": 0}
_MEAN: dict[str, Any] = {"linestyle": "", "marker": "|", "markersize": 15, "markeredgewidth": 2, "color": style.BLACK}


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One configuration and the validation score of each of its repeats, by their numbers."""

    candidate: Candidate
    scores: tuple[tuple[int, float], ...]


@dataclass(frozen=True, kw_only=True)
class RepeatPicture:
    """What the picture shows."""

    sweep: str
    metric: str
    several_targets: bool
    best: Candidate
    strips: tuple[Strip, ...]  # the best first

    def label(self, candidate: Candidate) -> str:
        """Return a configuration as the picture names it."""
        name = style.describe(candidate.configuration, with_target=self.several_targets)
        return f"{name} (best)" if candidate.id == self.best.id else name


def collect(snapshot: SweepSnapshot) -> RepeatPicture | None:
    """Return what the picture shows; None where no configuration is finished or each has a single repeat."""
    better = snapshot.config.greater_is_better
    shown = ranked(snapshot.candidates, greater_is_better=better)[:MOST]
    best, none = best_candidate(snapshot), snapshot.baseline
    if best is None or best.n < 2:
        return None
    if none is not None and none not in shown:
        shown = ranked([*shown[: MOST - 1], none], greater_is_better=better)
    return RepeatPicture(
        sweep=snapshot.name,
        metric=snapshot.config.metric,
        several_targets=len(snapshot.config.targets) > 1,
        best=best,
        strips=tuple(_strip(snapshot, c) for c in shown if c.id in snapshot.details),
    )


def draw(picture: RepeatPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: a row for each configuration, a point for each repeat, a bar at their mean."""
    count = len(picture.strips)
    name = style.metric_name(picture.metric)
    title = f"{picture.sweep}: {style.in_title(name)} of every repeat"
    height = 0.5 + HEIGHT * count
    ((axes,),) = style.panels(figure, 1, 1, title=title, height=height, footer=0.5, header=0.5, left=2.4)
    low, high = _limits(picture)
    for place, strip in enumerate(picture.strips):
        color = style.VERMILLION if strip.candidate.is_baseline else style.BLUE
        scores = [min(max(score, low), high) for _, score in strip.scores]
        axes.plot(scores, spread_rows(place, len(scores)), color=color, clip_on=False, **_REPEAT)
        if low <= strip.candidate.mean <= high:
            axes.plot([strip.candidate.mean], [place], **_MEAN)
    axes.set_xlim(low, high)
    axes.set_ylim(count - 0.4, -0.6)
    axes.set_yticks(range(count), [textwrap.fill(picture.label(s.candidate), LABEL) for s in picture.strips])
    style.label(axes, x=name)
    style.legend(figure, _handles(picture), columns=3, caption=_caption(picture, low, high))


def _strip(snapshot: SweepSnapshot, candidate: Candidate) -> Strip:
    found = snapshot.details_of(candidate).validation_scores.sort_values("repeat")
    return Strip(candidate=candidate, scores=tuple(zip(found["repeat"], found["validation_score"], strict=True)))


def spread_rows(place: int, count: int) -> list[float]:
    """Return the heights of a configuration's repeats, by their numbers, around its row."""
    return [place + SPREAD * (2 * i / max(1, count - 1) - 1) for i in range(count)]


def _limits(picture: RepeatPicture) -> tuple[float, float]:
    scores = [score for strip in picture.strips for _, score in strip.scores]
    keep = [score for strip in picture.strips if strip.candidate.id == picture.best.id for _, score in strip.scores]
    return robust_limits(scores, [(score, score) for score in scores], keep=keep)


def _handles(picture: RepeatPicture) -> list["style.Line2D"]:
    found = [style.handle("Repeat", color=style.BLUE, **_REPEAT), style.handle("Mean", **_MEAN | {"markersize": 10})]
    if any(strip.candidate.is_baseline for strip in picture.strips):
        found.insert(1, style.handle("Repeat, no regularization", color=style.VERMILLION, **_REPEAT))
    return found


def _caption(picture: RepeatPicture, low: float, high: float) -> str:
    far = sum(not low <= score <= high for strip in picture.strips for _, score in strip.scores)
    outside = f"; {far} far outside drawn at the edge" if far else ""
    return f"Repeats of a row by their number, from above: the same seed and rows in each{outside}"

"""Learning curves: without regularization train improves while validation turns; with the best it stays."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from sweeps.analysis.candidates import Candidate
from sweeps.analysis.selection import best_candidate
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.config import SweepConfig
from sweeps.plots import style

SERIES = ["train_loss", "train_score", "validation_loss", "validation_score"]
_TURN: dict[str, Any] = {
    "marker": "D",
    "markersize": 6,
    "color": style.VERMILLION,
    "markeredgecolor": style.BLACK,
    "linestyle": "",
    "zorder": 4,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Learning:
    """How one configuration learned."""

    title: str
    mean: pd.DataFrame  # over repeats; indexed by epoch, a column for each of SERIES
    std: pd.DataFrame  # likewise; NaN where there was a single repeat

    @property
    def turn(self) -> int:
        """The epoch with the lowest mean validation loss."""
        loss = self.mean["validation_loss"]
        return int(loss.index[int(loss.argmin())])


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePicture:
    """What the picture shows: no regularization first, where there is that, then the best."""

    sweep: str
    metric: str
    repeats: int
    learnings: tuple[Learning, ...]


def collect(snapshot: SweepSnapshot) -> CurvePicture | None:
    """Return what the picture shows; None where no finished configuration has a curve."""
    shown = [c for c in _shown(snapshot) if not snapshot.details_of(c).curves.empty]
    if not shown:
        return None
    config = snapshot.config
    learnings = tuple(_learning(c, snapshot.details_of(c).curves, config) for c in shown)
    return CurvePicture(sweep=snapshot.name, metric=config.metric, repeats=shown[0].n, learnings=learnings)


def draw(picture: CurvePicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: loss above score, a column for each configuration."""
    learnings = picture.learnings
    name = style.metric_name(picture.metric)
    title = f"{picture.sweep}: learning curves"
    losses, scores = style.panels(figure, 2, len(learnings), title=title, height=2.1, footer=0.5)
    for axes, learning in zip(losses, learnings, strict=True):
        style.panel_title(axes, learning.title)
        _curves(axes, learning, "loss")
        axes.plot(learning.turn, learning.mean["validation_loss"][learning.turn], **_TURN)
    for axes, learning in zip(scores, learnings, strict=True):
        _curves(axes, learning, "score")
        if learning.mean["train_score"].isna().all():
            style.note(axes, "a metric of your own has no curve")
        style.label(axes, x="Epochs")
    _limits(losses[0], learnings)
    style.label(losses[0], y="Loss without penalty")
    style.label(scores[0], x="Epochs", y=name)
    style.legend(figure, _handles(), columns=3, caption=style.spread(picture.repeats, "Bands"))


def _shown(snapshot: SweepSnapshot) -> list[Candidate]:
    pair = (snapshot.baseline, best_candidate(snapshot))
    return list({c.id: c for c in pair if c is not None}.values())


def _learning(candidate: Candidate, curves: pd.DataFrame, config: SweepConfig) -> Learning:
    """Average over repeats, up to where the first of them stopped: later means would be of the others alone."""
    repeats = curves.groupby("epoch")["repeat"].transform("nunique")
    shared = curves[repeats == repeats.max()]
    by_epoch = shared.astype({name: "float64" for name in SERIES}).groupby("epoch")[SERIES]
    name = style.describe(candidate.configuration, with_target=len(config.targets) > 1)
    title = name if candidate.is_baseline else f"Best: {name}"
    return Learning(title=title, mean=by_epoch.mean(), std=by_epoch.std())


def _curves(axes: "style.Axes", learning: Learning, what: str) -> None:
    for subset, line_style in (("train", style.TRAIN), ("validation", style.VALIDATION)):
        mean, std = learning.mean[f"{subset}_{what}"], learning.std[f"{subset}_{what}"]
        axes.plot(mean.index, mean, **line_style.line())
        if std.notna().any():
            axes.fill_between(mean.index, mean - std, mean + std, color=line_style.color, alpha=0.25, linewidth=0)


def _limits(axes: "style.Axes", learnings: tuple[Learning, ...]) -> None:
    """Put losses on a log axis where validation's span much: for train's alone it would flatten validation's turn."""
    if style.is_wide(pd.concat([one.mean["validation_loss"] for one in learnings])):
        losses = pd.concat([one.mean[name] for one in learnings for name in ("train_loss", "validation_loss")])
        style.log_values(axes)
        axes.set_ylim(losses.min() / 1.5, losses.max() * 1.5)


def _handles() -> list["style.Line2D"]:
    return [
        style.handle("Train", **style.TRAIN.line()),
        style.handle("Validation", **style.VALIDATION.line()),
        style.handle("Lowest validation loss", **_TURN),
    ]

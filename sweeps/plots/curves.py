"""Learning curves: without regularization train improves while validation turns; with the best it stays."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from storage.queries import Results
from sweeps.analysis.selection import Candidate, best_of, candidates, finished
from sweeps.config import SweepConfig
from sweeps.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

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
    """How one configuration learned.

    Args:
        title: which one, in words.
        mean: over repeats; indexed by epoch, a column for each of SERIES.
        std: likewise; NaN where there was a single repeat.
    """

    title: str
    mean: pd.DataFrame
    std: pd.DataFrame

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


def figure(results: Results, sweep: str, config: SweepConfig) -> "Figure | None":
    """Return the picture of a sweep; None where no finished configuration has a curve."""
    return style.drawn(collect(results, sweep, config), draw)


def collect(results: Results, sweep: str, config: SweepConfig) -> CurvePicture | None:
    """Return what the picture shows; None where no finished configuration has a curve."""
    shown = _shown(results, sweep, config)
    curves = results.curves(sweep, configuration_ids=[c.id for c in shown])
    shown = [c for c in shown if (curves["configuration_id"] == c.id).any()]
    if not shown:
        return None
    learnings = tuple(_learning(c, curves[curves["configuration_id"] == c.id], config) for c in shown)
    return CurvePicture(sweep=sweep, metric=config.metric, repeats=shown[0].n, learnings=learnings)


def draw(picture: CurvePicture, figure: "Figure") -> None:
    """Draw it on an empty figure: loss above score, a column for each configuration."""
    learnings = picture.learnings
    name = style.METRIC_NAMES[picture.metric]
    title = f"{picture.sweep}: learning curves"
    losses, scores = style.panels(figure, 2, len(learnings), title=title, height=2.1, footer=0.5)
    for axes, learning in zip(losses, learnings, strict=True):
        style.panel_title(axes, learning.title)
        _curves(axes, learning, "loss")
        axes.plot(learning.turn, learning.mean["validation_loss"][learning.turn], **_TURN)
    for axes, learning in zip(scores, learnings, strict=True):
        _curves(axes, learning, "score")
        style.label(axes, x="Epochs")
    _limits(losses[0], learnings)
    style.label(losses[0], y="Loss without penalty")
    style.label(scores[0], x="Epochs", y=name)
    style.legend(figure, _handles(), columns=3, caption=style.spread(picture.repeats, "Bands"))


def _shown(results: Results, sweep: str, config: SweepConfig) -> list[Candidate]:
    found = [c for c in finished(results, sweep) if c.configuration.regularizer == "none"]
    best = best_of(candidates(results, sweep), greater_is_better=config.greater_is_better)
    return found if best is None or best in found else [*found, best]


def _learning(candidate: Candidate, curves: pd.DataFrame, config: SweepConfig) -> Learning:
    """Average over repeats, up to where the first of them stopped: later means would be of the others alone."""
    repeats = curves.groupby("epoch")["repeat"].transform("nunique")
    shared = curves[repeats == repeats.max()]
    by_epoch = shared.astype({name: "float64" for name in SERIES}).groupby("epoch")[SERIES]
    words = style.describe(candidate.configuration, with_target=len(config.targets) > 1)
    title = words if candidate.configuration.regularizer == "none" else f"Best: {words}"
    return Learning(title=title, mean=by_epoch.mean(), std=by_epoch.std())


def _curves(axes: "Axes", learning: Learning, what: str) -> None:
    for part, look in (("train", style.TRAIN), ("validation", style.VALIDATION)):
        mean, std = learning.mean[f"{part}_{what}"], learning.std[f"{part}_{what}"]
        axes.plot(mean.index, mean, **look.line())
        if std.notna().any():
            axes.fill_between(mean.index, mean - std, mean + std, color=look.color, alpha=0.25, linewidth=0)


def _limits(axes: "Axes", learnings: tuple[Learning, ...]) -> None:
    """Put losses on a log axis where validation's span much: for train's alone it would flatten validation's turn."""
    if style.is_wide(pd.concat([one.mean["validation_loss"] for one in learnings])):
        losses = pd.concat([one.mean[name] for one in learnings for name in ("train_loss", "validation_loss")])
        style.log_values(axes)
        axes.set_ylim(losses.min() / 1.5, losses.max() * 1.5)


def _handles() -> list["Line2D"]:
    return [
        style.handle("Train", **style.TRAIN.line()),
        style.handle("Validation", **style.VALIDATION.line()),
        style.handle("Lowest validation loss", **_TURN),
    ]

"""Lambda against score: too little penalty overfits, too much underfits, and the best lies between.

Upright lines mark the best lambda and the largest one within one standard error of it, as R's cv.glmnet draws them
(Friedman, Hastie and Tibshirani 2010, Journal of Statistical Software 33(1)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regsearch.spec import Regularizer, lambda_in_words
from storage.queries import Results
from sweeps.config import SweepConfig
from sweeps.plots import style
from sweeps.selection import Candidate, candidates, choose, finished

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one regularizer on one target achieved, by rising lambda."""

    regularizer: Regularizer
    target: str
    points: tuple[Candidate, ...]

    @property
    def lambdas(self) -> list[float]:
        """Where the points are."""
        return [point.lambda_ for point in self.points]


@dataclass(frozen=True, kw_only=True)
class LambdaPicture:
    """What the picture shows.

    Args:
        sweep: the sweep's name.
        metric: what scores are.
        lines: by target, then by regularizer.
        none: no regularization, also where it was a mere control.
        best: the winner.
        largest: the one with the largest lambda within one standard error of the winner.
    """

    sweep: str
    metric: str
    lines: tuple[Line, ...]
    none: Candidate | None
    best: Candidate
    largest: Candidate


def figure(results: Results, sweep: str, config: SweepConfig) -> "Figure | None":
    """Return the picture of a sweep; None where nothing with a lambda is finished."""
    return style.drawn(collect(results, sweep, config), draw)


def collect(results: Results, sweep: str, config: SweepConfig) -> LambdaPicture | None:
    """Return what the picture shows; None where nothing with a lambda is finished."""
    lines = lines_of(candidates(results, sweep), config)
    if not lines:
        return None
    none = [c for c in finished(results, sweep) if c.configuration.regularizer == "none"]
    return LambdaPicture(
        sweep=sweep,
        metric=config.metric,
        lines=lines,
        none=none[0] if none else None,
        best=choose(results, sweep, config, "mean"),
        largest=choose(results, sweep, config, "one-se"),
    )


def lines_of(found: Sequence[Candidate], config: SweepConfig) -> tuple[Line, ...]:
    """Return a line for each target and regularizer that has a point, in the sweep file's order."""
    lines = []
    for target in config.targets:
        for regularizer in config.search.regularizers:
            kin = [c for c in found if (c.configuration.regularizer, c.configuration.target) == (regularizer, target)]
            if kin:
                points = tuple(sorted(kin, key=lambda c: c.lambda_))
                lines.append(Line(regularizer=regularizer, target=str(target), points=points))
    return tuple(lines)


def draw(picture: LambdaPicture, figure: "Figure") -> None:
    """Draw it on an empty figure: a row of panels for each target, a column for each regularizer."""
    targets = list(dict.fromkeys(line.target for line in picture.lines))
    regularizers = list(dict.fromkeys(line.regularizer for line in picture.lines))
    name = style.METRIC_NAMES[picture.metric]
    title = f"{picture.sweep}: {name.lower()} against λ"
    grid = style.panels(figure, len(targets), len(regularizers), title=title, height=2.6)
    for row, target in zip(grid, targets, strict=True):
        for axes, regularizer in zip(row, regularizers, strict=True):
            words = style.REGULARIZER_NAMES[regularizer]
            style.panel_title(axes, f"{words} on {target}" if len(targets) > 1 else words, pad=16)
            style.log_lambdas(axes)
            _references(axes, picture.none)
        style.label(row[0], y=name)
    for line in picture.lines:
        _draw_line(grid[targets.index(line.target)][regularizers.index(line.regularizer)], picture, line)
    for axes in grid[-1]:
        style.label(axes, x=style.LAMBDA, y=axes.get_ylabel())
    style.legend(figure, _handles(picture), columns=3, caption=_caption(picture))


def _draw_line(axes: "Axes", picture: LambdaPicture, line: Line) -> None:
    points = line.points
    style.error_bars(axes, line.lambdas, [p.train_mean for p in points], [p.train_std for p in points], style.TRAIN)
    style.error_bars(axes, line.lambdas, [p.mean for p in points], [p.std for p in points], style.VALIDATION)
    if picture.best in points:
        _upright(axes, picture)


def _references(axes: "Axes", none: Candidate | None) -> None:
    if none is not None:
        axes.axhline(none.train_mean, color=style.SKY, linestyle=":", linewidth=1.4)
        axes.axhline(none.mean, color=style.VERMILLION, linestyle=":", linewidth=1.4)


def _upright(axes: "Axes", picture: LambdaPicture) -> None:
    best, largest = picture.best.lambda_, picture.largest.lambda_
    axes.axvline(best, color=style.BLACK, linestyle="-", linewidth=1.1, zorder=1)
    if largest == best:
        _mark(axes, best, "best = 1 SE", "center")
        return
    axes.axvline(largest, color=style.BLACK, linestyle="-.", linewidth=1.1, zorder=1)
    _mark(axes, best, "best ", "right")
    _mark(axes, largest, " 1 SE", "left")


def _mark(axes: "Axes", x: float, text: str, side: str) -> None:
    where = ("data", "axes fraction")
    axes.annotate(text, (x, 1.0), xycoords=where, ha=side, va="bottom", fontsize=style.SMALL)


def _caption(picture: LambdaPicture) -> str:
    marked = "1 SE: largest λ within one SE of best" if picture.best.lambda_ else ""
    return "; ".join(text for text in (style.spread(picture.best.n, "Bars"), marked) if text)


def _handles(picture: LambdaPicture) -> list["Line2D"]:
    validation = style.handle("Validation", **style.VALIDATION.line_and_markers())
    train = style.handle("Train", **style.TRAIN.line_and_markers())
    return [validation, train, *_none_handles(picture), *_upright_handles(picture)]


def _none_handles(picture: LambdaPicture) -> list["Line2D"]:
    if picture.none is None:
        return []
    best = " (best)" if picture.best == picture.none else ""
    return [
        style.handle(f"Validation, no regularization{best}", color=style.VERMILLION, linestyle=":"),
        style.handle("Train, no regularization", color=style.SKY, linestyle=":"),
    ]


def _upright_handles(picture: LambdaPicture) -> list["Line2D"]:
    best, largest = picture.best.lambda_, picture.largest.lambda_
    if not best:
        return []
    if best == largest:
        return [style.handle(f"Best and 1 SE: λ = {lambda_in_words(best)}", color=style.BLACK)]
    return [
        style.handle(f"Best: λ = {lambda_in_words(best)}", color=style.BLACK),
        style.handle(f"1 SE: λ = {lambda_in_words(largest)}", color=style.BLACK, linestyle="-."),
    ]

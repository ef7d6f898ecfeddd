"""Lambda against score: too little penalty overfits, too much underfits, and the best lies between.

Upright lines mark the best lambda and the largest one within one standard error of it, as R's cv.glmnet draws them
(Friedman, Hastie and Tibshirani 2010, Journal of Statistical Software 33(1)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regsearch.spec import Regularizer, format_lambda
from storage.queries import Results
from sweeps.analysis.selection import Candidate, candidates, choose, finished
from sweeps.config import SweepConfig
from sweeps.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

MAX_COLUMNS = 3  # of panels


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one regularizer on one target achieved, by rising lambda.

    Args:
        regularizer: which one.
        target: which weights; empty where they have none, as in weight decay.
        family: what else sets them apart, such as `increasing`; empty where nothing does.
        points: several may have one lambda where they differ in another number.
    """

    regularizer: Regularizer
    target: str
    points: tuple[Candidate, ...]
    family: str = ""

    @property
    def lambdas(self) -> list[float]:
        """Where the points are."""
        return [point.lambda_ for point in self.points]

    def title(self, *, with_target: bool) -> str:
        """Return what the line shows, in a reader's words."""
        words = style.REGULARIZER_NAMES[self.regularizer]
        words += f" on {self.target}" if with_target and self.target else ""
        return f"{words}, {self.family}" if self.family else words


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
    """Return a line for each target, regularizer and family that has a lambda, in the sweep file's order."""
    kin: dict[tuple[str, Regularizer, str], list[Candidate]] = {}
    for candidate in sorted(found, key=lambda c: (c.lambda_, c.configuration.variant)):
        c = candidate.configuration
        if (c.lambda_ and c.schedule is None and not c.lambdas) or (c.max_coefficient and c.lambda_ is None):
            kin.setdefault((str(c.target or ""), c.regularizer, c.family), []).append(candidate)
    targets = [*map(str, config.targets), ""]
    regularizers = config.search.regularizers
    order = sorted(kin, key=lambda key: (targets.index(key[0]), regularizers.index(key[1]), key[2]))
    return tuple(Line(regularizer=r, target=t, family=f, points=tuple(kin[t, r, f])) for t, r, f in order)


def draw(picture: LambdaPicture, figure: "Figure") -> None:
    """Draw it on an empty figure: a panel a line, a row of panels for each target where that fits."""
    targets = dict.fromkeys(line.target for line in picture.lines)
    longest = max(sum(line.target == target for line in picture.lines) for target in targets)
    columns = longest if longest <= MAX_COLUMNS else MAX_COLUMNS
    name = style.METRIC_NAMES[picture.metric]
    title = f"{picture.sweep}: {name.lower()} against λ"
    rows = -(-len(picture.lines) // columns)
    grid = style.panels(figure, rows, columns, title=title, height=2.6, header=0.85)
    places = [axes for row in grid for axes in row]
    for axes, line in zip(places, picture.lines, strict=False):
        style.panel_title(axes, line.title(with_target=len(targets) > 1), pad=16)
        style.log_lambdas(axes)
        _references(axes, picture.none)
        _draw_line(axes, picture, line)
    for axes in places[len(picture.lines) :]:
        axes.set_visible(False)
    for row in grid:
        style.label(row[0], y=name)
    for axes in places[len(picture.lines) - columns : len(picture.lines)]:
        axes.tick_params(labelbottom=True)
        style.label(axes, x=style.LAMBDA, y=axes.get_ylabel())
    style.legend(figure, _handles(picture), columns=3, caption=_caption(picture))


def _draw_line(axes: "Axes", picture: LambdaPicture, line: Line) -> None:
    points, lambdas = line.points, line.lambdas
    plain = {} if len(set(lambdas)) == len(lambdas) else {"linestyle": ""}  # no line through several of one lambda
    train, validation = (look.line_and_markers() | plain for look in (style.TRAIN, style.VALIDATION))
    style.error_bars(axes, lambdas, [p.train_mean for p in points], [p.train_std for p in points], train)
    style.error_bars(axes, lambdas, [p.mean for p in points], [p.std for p in points], validation)
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
        return [style.handle(f"Best and 1 SE: λ = {format_lambda(best)}", color=style.BLACK)]
    return [
        style.handle(f"Best: λ = {format_lambda(best)}", color=style.BLACK),
        style.handle(f"1 SE: λ = {format_lambda(largest)}", color=style.BLACK, linestyle="-."),
    ]

"""Lambda against score: too little penalty overfits, too much underfits, and the best lies between.

Upright lines mark the best lambda and the largest one within one standard error of it, as R's cv.glmnet draws them
(Friedman, Hastie and Tibshirani 2010, Journal of Statistical Software 33(1)).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regsearch.spec import format_lambda
from regsearch.spec.configuration import Family
from sweeps.analysis.candidates import Candidate, by_score
from sweeps.analysis.selection import choose, one_se_bars
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style
from sweeps.plots.robust_limits import robust_limits

MAX_COLUMNS = 3  # of panels

_BAR: dict[str, Any] = {
    "color": style.BLACK,
    "linestyle": (0, (1, 1.5)),
    "linewidth": 1.1,
    "marker": "_",
    "markersize": 9,
    "zorder": 1.5,
}


_ELIMINATED: dict[str, Any] = {
    "color": style.VALIDATION.line_and_markers()["color"],
    "marker": "o",
    "markerfacecolor": "white",
    "linestyle": "",
    "zorder": 4,
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one family of configurations achieved, by rising lambda; several may have one lambda."""

    family: Family
    points: tuple[Candidate, ...]

    @property
    def lambdas(self) -> list[float]:
        """Where the points are."""
        return [point.lambda_ for point in self.points]

    def best(self, count: int, *, greater_is_better: bool) -> "Line":
        """Return so many of its points, those with the best means."""
        kept = {point.id for point in by_score(self.points, greater_is_better=greater_is_better)[:count]}
        return replace(self, points=tuple(point for point in self.points if point.id in kept))

    def title(self, *, with_target: bool) -> str:
        """Return which family the line shows."""
        regularizer, target, kind = self.family
        name = style.REGULARIZER_NAMES[regularizer] + (f" on {target}" if with_target and target else "")
        return f"{name}, {kind}" if kind else name


@dataclass(frozen=True, kw_only=True)
class LambdaPicture:
    """What the picture shows."""

    sweep: str
    metric: str
    lines: tuple[Line, ...]  # by target, then by regularizer
    none: Candidate | None  # no regularization, also where it was a mere control
    best: Candidate
    largest: Candidate  # the one with the largest lambda within one standard error of the winner
    eliminated: tuple[Candidate, ...]  # by a race, after fewer repeats than the points have
    bars: Mapping[int, float]  # from which mean on the rule one-se takes a configuration, by id; of the winner's family


def collect(snapshot: SweepSnapshot) -> LambdaPicture | None:
    """Return what the picture shows; None where nothing with a lambda is finished."""
    lines = lines_of(snapshot, with_eliminated=True)
    if not any(line.points for line in lines):
        return None
    return LambdaPicture(
        sweep=snapshot.name,
        metric=snapshot.config.metric,
        lines=lines,
        none=snapshot.baseline,
        best=choose(snapshot, "mean"),
        largest=choose(snapshot, "one-se"),
        eliminated=tuple(filter(_has_lambda, snapshot.eliminated)),
        bars=one_se_bars(snapshot),
    )


def lines_of(snapshot: SweepSnapshot, *, with_eliminated: bool = False) -> tuple[Line, ...]:
    """Return a line for each family that has a lambda, in the sweep file's order of targets and regularizers.

    With `with_eliminated` also for those of which a race left nothing; such a line has no points.
    """
    families: dict[Family, list[Candidate]] = {}
    for candidate in sorted(snapshot.candidates, key=lambda c: (c.lambda_, c.configuration.variant)):
        if _has_lambda(candidate):
            families.setdefault(candidate.configuration.family, []).append(candidate)
    if with_eliminated:
        for candidate in filter(_has_lambda, snapshot.eliminated):
            families.setdefault(candidate.configuration.family, [])
    targets = [*map(str, snapshot.config.targets), ""]
    regularizers = snapshot.config.search.regularizers
    order = sorted(families, key=lambda f: (targets.index(f.target), regularizers.index(f.regularizer), f.kind))
    return tuple(Line(family=family, points=tuple(families[family])) for family in order)


def _has_lambda(candidate: Candidate) -> bool:
    c = candidate.configuration
    return bool(
        (candidate.lambda_ and c.schedule is None and not c.lambdas) or (c.max_coefficient and c.lambda_ is None)
    )


def draw(picture: LambdaPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: a panel per line, a row of panels for each target where that fits."""
    targets = Counter(line.family.target for line in picture.lines)
    columns = min(max(targets.values()), MAX_COLUMNS)
    name = style.metric_name(picture.metric)
    title = f"{picture.sweep}: {style.in_title(name)} against λ"
    rows, handles = -(-len(picture.lines) // columns), _handles(picture)
    legend_columns = min(columns + 1, 3)  # as wide as the panels allow
    footer = style.foot_of(len(handles), legend_columns)
    grid = style.panels(figure, rows, columns, title=title, height=2.6, header=0.85, footer=footer)
    places = [axes for row in grid for axes in row]
    limits = limits_of(picture)
    for axes, line in zip(places, picture.lines, strict=False):
        style.panel_title(axes, line.title(with_target=len(targets) > 1), pad=16)
        gone = [c for c in picture.eliminated if c.configuration.family == line.family]
        style.log_lambdas(axes, [*line.lambdas, *(c.lambda_ for c in gone)])
        if picture.none is not None:
            axes.axhline(picture.none.train_mean, color=style.SKY, linestyle=":", linewidth=1.4)
            axes.axhline(picture.none.mean, color=style.VERMILLION, linestyle=":", linewidth=1.4)
        _draw_line(axes, picture, line)
        _draw_eliminated(axes, gone, limits)
        _mark_outside(axes, line, limits)
    for axes in places[len(picture.lines) :]:
        axes.set_visible(False)
    for row in grid:
        style.label(row[0], y=name)
    for axes in places[len(picture.lines) - columns : len(picture.lines)]:
        axes.tick_params(labelbottom=True)
        style.label(axes, x=style.LAMBDA, y=axes.get_ylabel())
    marked = "1 SE: largest λ within one SE of best" if picture.best.lambda_ else ""
    caption = "; ".join(filter(None, [style.spread(picture.best.n, "Bars"), marked]))
    style.legend(figure, handles, columns=legend_columns, caption=caption)


def limits_of(picture: LambdaPicture) -> tuple[float, float]:
    """Return the one y axis of all panels, on which a configuration that collapsed does not hide what others gain."""
    points = [*(point for line in picture.lines for point in line.points), *([picture.none] if picture.none else [])]
    drawn = [pair for p in points for pair in ((p.mean, p.std or 0.0), (p.train_mean, p.train_std or 0.0))]
    drawn += [(p.mean, 0.0) for p in picture.eliminated]
    ends = [*((mean - std, mean + std) for mean, std in drawn), *((bar, bar) for bar in picture.bars.values())]
    keep = [picture.best.mean, *([picture.none.mean] if picture.none else [])]
    return robust_limits([mean for mean, _ in drawn], ends, keep=keep)


def _mark_outside(axes: "style.Axes", line: Line, limits: tuple[float, float]) -> None:
    """Set the y axis, and put a triangle at its end for each point outside it."""
    low, high = limits
    axes.set_ylim(low, high)
    for means, drawn in (("train_mean", style.TRAIN), ("mean", style.VALIDATION)):
        for point in line.points:
            value = getattr(point, means)
            if not low <= value <= high:
                shape = drawn.line_and_markers() | {"marker": "v" if value < low else "^", "markersize": 9}
                edge = low if value < low else high
                axes.plot([point.lambda_], [edge], clip_on=False, zorder=5, **shape)


def _draw_line(axes: "style.Axes", picture: LambdaPicture, line: Line) -> None:
    points, lambdas = line.points, line.lambdas
    if not points:
        return
    plain = {} if len(set(lambdas)) == len(lambdas) else {"linestyle": ""}  # no line through several of one lambda
    train, validation = (line_style.line_and_markers() | plain for line_style in (style.TRAIN, style.VALIDATION))
    style.error_bars(axes, lambdas, [p.train_mean for p in points], [p.train_std for p in points], train)
    style.error_bars(axes, lambdas, [p.mean for p in points], [p.std for p in points], validation)
    if picture.best in points:
        _upright(axes, picture)
        known = [(p.lambda_, picture.bars[p.id]) for p in points if p.id in picture.bars]
        if known:
            axes.plot([x for x, _ in known], [y for _, y in known], **_BAR | plain)


def _draw_eliminated(axes: "style.Axes", eliminated: Sequence[Candidate], limits: tuple[float, float]) -> None:
    """Draw what a race eliminated as open circles, at the axis' end where they lie outside, each with its repeats."""
    for candidate in eliminated:
        place = (candidate.lambda_, min(max(candidate.mean, limits[0]), limits[1]))
        axes.plot(*[[at] for at in place], clip_on=False, **_ELIMINATED)
        axes.annotate(
            f"{candidate.n}", place, xytext=(0, -10), textcoords="offset points", ha="center", fontsize=style.SMALL
        )


def _upright(axes: "style.Axes", picture: LambdaPicture) -> None:
    best, largest = picture.best.lambda_, picture.largest.lambda_
    axes.axvline(best, color=style.BLACK, linestyle="-", linewidth=1.1, zorder=1)
    if largest == best:
        _mark(axes, best, "best = 1 SE", "center")
        return
    axes.axvline(largest, color=style.BLACK, linestyle="-.", linewidth=1.1, zorder=1)
    _mark(axes, best, "best ", "right")
    _mark(axes, largest, " 1 SE", "left")


def _mark(axes: "style.Axes", x: float, text: str, side: str) -> None:
    where = ("data", "axes fraction")
    axes.annotate(text, (x, 1.0), xycoords=where, ha=side, va="bottom", fontsize=style.SMALL)


def _handles(picture: LambdaPicture) -> list["style.Line2D"]:
    found = [
        style.handle("Validation", **style.VALIDATION.line_and_markers()),
        style.handle("Train", **style.TRAIN.line_and_markers()),
    ]
    if picture.none is not None:
        name = "no regularization" + (" (best)" if picture.best == picture.none else "")
        found.append(style.handle(f"Validation, {name}", color=style.VERMILLION, linestyle=":"))
        found.append(style.handle("Train, no regularization", color=style.SKY, linestyle=":"))
    if picture.eliminated:
        found.append(style.handle("Eliminated after so many repeats", **_ELIMINATED))
    low, high = limits_of(picture)
    values = [value for line in picture.lines for p in line.points for value in (p.mean, p.train_mean)]
    far: dict[str, Any] = {"color": style.GREY, "linestyle": "", "markersize": 8}
    if min(values) < low:
        found.append(style.handle(f"Below the axis, down to {min(values):.3g}", marker="v", **far))
    if max(values) > high:
        found.append(style.handle(f"Above the axis, up to {max(values):.3g}", marker="^", **far))
    best, largest = picture.best.lambda_, picture.largest.lambda_
    if best and picture.bars:
        found.append(style.handle("Bar of the one-SE rule", **_BAR))
    if best:
        name = "Best and 1 SE" if best == largest else "Best"
        found.append(style.handle(f"{name}: λ = {format_lambda(best)}", color=style.BLACK))
    if best and best != largest:
        found.append(style.handle(f"1 SE: λ = {format_lambda(largest)}", color=style.BLACK, linestyle="-."))
    return found

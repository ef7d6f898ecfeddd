"""Scores and the penalty's gain against the number of rows to train on."""

from pathlib import Path
from typing import Any

from regsearch.spec import format_lambda
from sweeps.analysis.learning_curve import LearningCurve
from sweeps.plots import style

NONE = style.LineStyle(color=style.GREY, linestyle="--", marker="s", fill=False)
WINNER = style.VALIDATION
BEST = style.LineStyle(color=style.BLUE, linestyle="-.", marker="^")
NUDGE = 1.02  # between the two gains, so that their intervals do not cover each other


def draw_learning(found: LearningCurve, out: str | Path) -> list[Path]:
    """Write the picture as learn.png and learn.svg into a folder, which is made if it is not there."""
    figure = style.new_figure()
    draw(found, figure)
    return style.save(figure, Path(out), "learn")


def draw(found: LearningCurve, figure: "style.Figure") -> None:
    """Draw it on an empty figure: scores on the left, gains over no regularization on the right."""
    name = style.metric_name(found.metric)
    title = f"{found.sweep}: what more rows to train on bring"
    (places,) = style.panels(figure, 1, 2, title=title, height=2.8, shared=False)
    rows = [point.rows for point in found.points]
    _draw_scores(places[0], found, rows)
    _draw_gains(places[1], found, rows)
    style.panel_title(places[0], f"Score on {found.subset} rows")
    style.panel_title(places[1], f"Gain in {style.in_title(name)} over none")
    style.label(places[0], x="Rows to train on (log scale)", y=name)
    style.label(places[1], x="Rows to train on (log scale)")
    repeats = found.points[-1].none.n
    caption = "; ".join(filter(None, [style.spread(repeats, "Bars on the left"), "on the right: 95 % intervals"]))
    style.legend(figure, _handles(found), columns=3, caption=caption)


def _draw_scores(axes: "style.Axes", found: LearningCurve, rows: list[int]) -> None:
    for line, of in ((NONE, "none"), (WINNER, "winner")):
        scores = [getattr(point, of) for point in found.points]
        style.error_bars(axes, rows, [s.mean for s in scores], [s.std for s in scores], line.line_and_markers())
    _log_rows(axes, rows)


def _draw_gains(axes: "style.Axes", found: LearningCurve, rows: list[int]) -> None:
    axes.axhline(0.0, color=style.GREY, linestyle=":", linewidth=1.2)
    for line, of, nudge in ((WINNER, "gain", 1 / NUDGE), (BEST, "best_gain", NUDGE)):
        gains = [getattr(point, of) for point in found.points]
        places, values = [each * nudge for each in rows], [g.comparison.difference for g in gains]
        axes.plot(places, values, **line.line_and_markers())
        for place, gain in zip(places, gains, strict=True):
            if (interval := gain.claim.interval) is not None:
                axes.plot([place, place], [interval.low, interval.high], color=line.color, linewidth=1.4, marker="_")
    for point in found.points:
        if point.best.lambda_ is not None:
            at = (point.rows * NUDGE, point.best_gain.comparison.difference)
            text = format_lambda(point.best.lambda_)
            axes.annotate(text, at, (6, 4), textcoords="offset points", fontsize=style.SMALL, color=BEST.color)
    _log_rows(axes, rows)


def _log_rows(axes: "style.Axes", rows: list[int]) -> None:
    from matplotlib.ticker import NullFormatter, NullLocator

    axes.set_xscale("log")
    axes.set_xticks(rows, [f"{each:,}" for each in rows])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(rows[0] / 1.15, rows[-1] * 1.3)


def _handles(found: LearningCurve) -> list["style.Line2D"]:
    entries: list[tuple[str, Any]] = [
        ("No regularization", NONE),
        (str(found.winner), WINNER),
        (f"Best λ of {style.REGULARIZER_NAMES[found.winner.regularizer]} with so many rows", BEST),
    ]
    return [style.handle(text, **line.line_and_markers()) for text, line in entries]

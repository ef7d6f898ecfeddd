"""Every repeat of the best configurations; see sweeps/plots/repeats.py."""

from collections.abc import Iterator
from typing import Any

from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import repeats, style
from sweeps.plots.interactive.plotly_figure import PlotlyFigure, axis, points, rows_of
from sweeps.plots.repeats import RepeatPicture, Strip, spread_rows

MOST_REPEATS = 60  # of a configuration


def figure(snapshot: SweepSnapshot) -> PlotlyFigure | None:
    """Return the figure; None where no configuration is finished or each has a single repeat."""
    picture = repeats.collect(snapshot)
    if picture is None:
        return None
    return PlotlyFigure(
        title="Every repeat of the best configurations",
        traces=tuple(_traces(picture)),
        x=axis(f"{style.metric_name(picture.metric)} on validation rows"),
        y=rows_of([picture.label(strip.candidate) for strip in picture.strips]),
    )


def _traces(picture: RepeatPicture) -> Iterator[dict[str, Any]]:
    kinds = (("Repeat", style.BLUE, False), ("Repeat, no regularization", style.VERMILLION, True))
    for name, color, baseline in kinds:
        own = [(i, s) for i, s in enumerate(picture.strips) if s.candidate.is_baseline is baseline]
        if own:
            yield _trace(name, own, style.LineStyle(color=color, linestyle="-", marker="o"))
    means = [strip.candidate.mean for strip in picture.strips]
    labels = [f"mean {mean:.4f}" for mean in means]
    looks = style.LineStyle(color=style.BLACK, linestyle="-", marker="o")
    bar = {"color": style.BLACK, "symbol": "line-ns-open", "size": 14, "line": {"width": 2}}
    yield points("Mean", means, list(range(len(means))), labels, looks=looks, mode="markers", marker=bar)


def _trace(name: str, found: list[tuple[int, Strip]], looks: style.LineStyle) -> dict[str, Any]:
    shown = [repeat for _, strip in found for repeat in strip.scores[:MOST_REPEATS]]
    labels = [f"repeat {number}: {score:.4f}" for number, score in shown]
    x = [score for _, score in shown]
    y = [row for place, s in found for row in spread_rows(place, len(s.scores[:MOST_REPEATS]))]
    return points(name, x, y, labels, looks=looks, mode="markers", opacity=0.7)

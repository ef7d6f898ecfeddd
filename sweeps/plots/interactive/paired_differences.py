"""Paired differences to no regularization with their 95 % intervals; see sweeps/plots/comparison.py."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from regsearch.results import ScoredSubset
from sweeps.analysis.comparisons import ClaimedComparison
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.verdicts import describe_interval
from sweeps.plots import comparison, style
from sweeps.plots.comparison import ComparisonPicture
from sweeps.plots.interactive.plotly_figure import PlotlyFigure, axis, bars, points, rows_of

LOOKS: dict[ScoredSubset, style.LineStyle] = {
    "validation": style.LineStyle(color=style.ORANGE, linestyle="-", marker="s"),
    "test": style.LineStyle(color=style.BLUE, linestyle="-", marker="o"),
}
APART = 0.14  # between the two rows of a configuration


def figure(snapshot: SweepSnapshot) -> PlotlyFigure | None:
    """Return the figure; None without no regularization and another whose row scores are known."""
    picture = comparison.collect(snapshot)
    if picture is None:
        return None
    name = style.in_title(style.metric_name(picture.metric))
    better = "right" if picture.greater_is_better else "left"
    zero = {"zeroline": True, "zerolinewidth": 2, "zerolinecolor": style.GREY}
    return PlotlyFigure(
        title="Paired differences to no regularization, 95 %",
        traces=tuple(_traces(picture)),
        x=axis(f"Difference in {name}; better lies on the {better}", **zero),
        y=rows_of([picture.label(one.candidate) for one in picture.compared]),
    )


def _traces(picture: ComparisonPicture) -> Iterator[dict[str, Any]]:
    for subset in picture.subsets:
        found = [(place, one.on(subset)) for place, one in enumerate(picture.compared)]
        known = [(place, each) for place, each in found if each is not None]
        for shown, said in ((True, "shown at 95 %"), (False, "not shown")):
            if own := [(place, each) for place, each in known if each.separates is shown]:
                yield _trace(f"{comparison.TITLES[subset]}, {said}", subset, own, filled=shown)


def _trace(
    name: str, subset: ScoredSubset, found: list[tuple[int, ClaimedComparison]], *, filled: bool
) -> dict[str, Any]:
    differences = [each.comparison.difference for _, each in found]
    intervals = [each.claim.interval for _, each in found]
    above = [None if i is None else i.high - d for i, d in zip(intervals, differences, strict=True)]
    below = [None if i is None else d - i.low for i, d in zip(intervals, differences, strict=True)]
    rows = [place + (APART if subset == "test" else -APART) for place, _ in found]
    looks = replace(LOOKS[subset], fill=filled)
    labels = [_label(each) for _, each in found]
    return points(name, differences, rows, labels, looks=looks, mode="markers", error_x=bars(above, below))


def _label(found: ClaimedComparison) -> str:
    interval = describe_interval(found.claim.interval)
    why = f", {found.claim.reason}" if found.claim.finding == "no claim" else ""
    return f"{found.comparison.difference:+.4g} ({interval}): {found.claim.finding}{why}"

"""Weight norms against lambda; see sweeps/plots/norms.py."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import norms, style
from sweeps.plots.interactive.lambda_curves import MOST
from sweeps.plots.interactive.plotly_figure import PlotlyFigure, across, axis, bars, points
from sweeps.plots.norms import NormPanel, NormPicture


def figure(snapshot: SweepSnapshot) -> PlotlyFigure | None:
    """Return the figure; None where nothing with a lambda is finished."""
    picture = norms.collect(snapshot)
    if picture is None:
        return None
    means = [norm.mean for panel in picture.panels for norm in panel.norms.values()]
    scale = {"type": "log", "dtick": "D2"} if style.is_wide(means) else {"rangemode": "tozero"}
    return PlotlyFigure(
        title="Weight norms against λ, after training",
        traces=tuple(trace for panel in picture.panels for trace in _traces(picture, _shortened(panel, snapshot))),
        x=axis("λ", type="log", exponentformat="power", dtick=1),
        y=axis(norms.NORM, **scale),
    )


def _shortened(panel: NormPanel, snapshot: SweepSnapshot) -> NormPanel:
    better = snapshot.config.greater_is_better
    return replace(panel, lines=tuple(line.best(MOST, greater_is_better=better) for line in panel.lines))


def _traces(picture: NormPicture, panel: NormPanel) -> Iterator[dict[str, Any]]:
    where = f" on {panel.target}" if len(picture.panels) > 1 else ""
    every = [value for line in panel.lines for value in line.lambdas]
    for line in panel.lines:
        found = [panel.norms[point.id] for point in line.points]
        labels = [f"{p.configuration}: {n.mean:.4g}" for p, n in zip(line.points, found, strict=True)]
        looks, means = style.REGULARIZERS[line.family.regularizer], [norm.mean for norm in found]
        spread = bars([norm.std for norm in found])
        yield points(line.title(with_target=bool(where)), line.lambdas, means, labels, looks=looks, error_y=spread)
        if panel.best in line.points:
            best = panel.norms[panel.best.id].mean
            marker = {"color": style.BLACK, "symbol": "circle-open", "size": 15, "line": {"width": 2}}
            label = [str(panel.best.configuration)]
            yield points("Best", [panel.best.lambda_], [best], label, looks=looks, mode="markers", marker=marker)
    if panel.none is not None:
        yield across(f"No regularization{where}", every, panel.norms[panel.none.id].mean, style.BLACK, ":")
    yield across(f"Before training{where}", every, panel.initial, style.GREY, "--")

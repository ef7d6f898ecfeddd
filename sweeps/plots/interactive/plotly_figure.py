"""A figure in plotly's JSON, which optuna-dashboard draws; plotly itself is not needed to write it.

The schema: https://plotly.com/javascript/reference/. What is not set here is plotly's default.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.plots import style

DIGITS = 6  # of every number, so that a figure stays small
DASHES = {"-": "solid", "--": "dash", "-.": "dashdot", ":": "dot"}
SYMBOLS = {"o": "circle", "s": "square", "^": "triangle-up", "D": "diamond"}
LEGEND = {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"}  # under the axis: a card is narrow
MARGIN = {"t": 50, "r": 20, "b": 20, "l": 20}  # px; what labels need is added


@dataclass(frozen=True, kw_only=True)
class PlotlyFigure:
    """A figure.

    Args:
        title: its title; the dashboard has no other.
        traces: as plotly's schema has them.
        x: settings of the x axis.
        y: likewise of the y axis.
    """

    title: str
    traces: tuple[Mapping[str, Any], ...]
    x: Mapping[str, Any]
    y: Mapping[str, Any]

    def to_json(self) -> str:
        """Return it as plotly's own figures do."""
        layout = {
            "title": {"text": plain_text(self.title), "font": {"size": 15}},
            "xaxis": {"automargin": True, **self.x},
            "yaxis": {"automargin": True, **self.y},
            "hovermode": "closest",
            "legend": LEGEND,
            "margin": MARGIN,
        }
        return json.dumps(_short({"data": list(self.traces), "layout": layout}), separators=(",", ":"))


def plain_text(text: str) -> str:
    """Return text as plotly shows it unchanged: it takes a few tags for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def axis(name: str, **settings: Any) -> dict[str, Any]:
    """Return an axis of that name."""
    return {"title": {"text": plain_text(name)}, **settings}


def points(
    name: str, x: Sequence[Any], y: Sequence[Any], labels: Sequence[str], *, looks: style.LineStyle, **more: Any
) -> dict[str, Any]:
    """Return a trace of points with lines between them; a label shows while the pointer is on its point."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": plain_text(name),
        "x": list(x),
        "y": list(y),
        "text": [plain_text(label) for label in labels],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": looks.color, "dash": DASHES[looks.linestyle]},
        "marker": {"color": looks.color, "symbol": SYMBOLS[looks.marker] + ("" if looks.fill else "-open"), "size": 7},
        **more,
    }


def bars(above: Sequence[float | None], below: Sequence[float | None] | None = None) -> dict[str, Any]:
    """Return error bars, of the same length on either side unless that below, or left, is given."""
    found = {"type": "data", "array": list(above), "thickness": 1.2, "width": 3}
    return found if below is None else {**found, "symmetric": False, "arrayminus": list(below)}


def across(name: str, x: Sequence[float], y: float, color: str, dash: str) -> dict[str, Any]:
    """Return a horizontal line from the first x to the last, as a trace: with an entry of the legend."""
    ends = [min(x), max(x)]
    line = {"color": color, "dash": DASHES[dash], "width": 1.4}
    hover = f"{plain_text(name)}: %{{y:.4g}}<extra></extra>"
    named = {"type": "scatter", "mode": "lines", "name": plain_text(name), "hovertemplate": hover}
    return {**named, "x": ends, "y": [y, y], "line": line}


def rows_of(names: Sequence[str]) -> dict[str, Any]:
    """Return a y axis with a named row for each of 0, 1, 2 …, from above."""
    ticks = {"tickvals": list(range(len(names))), "ticktext": [plain_text(name) for name in names]}
    return axis("", range=[len(names) - 0.4, -0.6], zeroline=False, tickfont={"size": 10}, **ticks)


def _short(value: Any) -> Any:
    """Return plain values with numbers of a few digits; what is not finite becomes null, as JSON has no other word."""
    match value:
        case Mapping():
            return {key: _short(one) for key, one in value.items()}
        case list() | tuple():
            return [_short(one) for one in value]
        case float():
            return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value

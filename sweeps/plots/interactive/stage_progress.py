"""How many configurations each stage has behind it, over time."""

import pandas as pd

from sweeps.plots import style
from sweeps.plots.interactive.plotly_figure import PlotlyFigure, axis, points

MOST = 300  # points of a stage
LOOKS = tuple(style.LineStyle(color=c, linestyle="-", marker="o") for c in (style.BLUE, style.ORANGE, style.GREEN))


def figure(end_times: pd.DataFrame) -> PlotlyFigure | None:
    """Return the figure; None where no configuration is over.

    Args:
        end_times: when each configuration was over, as `SweepReader.end_times` has it.
    """
    if end_times.empty:
        return None
    times = pd.to_datetime(end_times["ended_at"], utc=True)
    by_stage = times.groupby(end_times["stage"], sort=False)
    traces = [_trace(str(stage), own, LOOKS[i % len(LOOKS)]) for i, (stage, own) in enumerate(by_stage)]
    return PlotlyFigure(
        title="Progress: configurations done in each stage",
        traces=tuple(traces),
        x=axis("UTC", type="date"),
        y=axis("Configurations", rangemode="tozero"),
    )


def _trace(stage: str, times: "pd.Series[pd.Timestamp]", looks: style.LineStyle) -> dict[str, object]:
    counts = range(1, len(times) + 1)
    every = -(-len(times) // MOST)
    shown = [(at, n) for at, n in zip(times.sort_values(), counts, strict=True) if n % every == 0 or n == len(times)]
    labels = [f"{stage}: {n}" for _, n in shown]
    x, steps = [at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] for at, _ in shown], {"shape": "hv", "color": looks.color}
    return points(f"{stage} ({len(times)})", x, [n for _, n in shown], labels, looks=looks, line=steps)

"""The score against lambda, each family a line; see sweeps/plots/lambdas.py."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sweeps.analysis.candidates import Candidate
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import lambdas, style
from sweeps.plots.interactive.plotly_figure import PlotlyFigure, across, axis, bars, points
from sweeps.plots.lambdas import LambdaPicture

MOST = 200  # points of a line: with more, the best


def figure(snapshot: SweepSnapshot) -> PlotlyFigure | None:
    """Return the figure; None where nothing with a lambda is finished."""
    picture = lambdas.collect(snapshot)
    if picture is None:
        return None
    name = style.metric_name(picture.metric)
    low, high = lambdas.limits_of(picture)
    return PlotlyFigure(
        title=f"Score against λ: {style.in_title(name)} on validation rows",
        traces=tuple(_traces(picture, greater_is_better=snapshot.config.greater_is_better)),
        x=axis("λ", type="log", exponentformat="power", dtick=1),
        y=axis(name, range=[low, high]),
    )


def _traces(picture: LambdaPicture, *, greater_is_better: bool) -> Iterator[dict[str, Any]]:
    with_target = len({line.family.target for line in picture.lines}) > 1
    for line in picture.lines:
        shown = line.best(MOST, greater_is_better=greater_is_better)
        title = line.title(with_target=with_target)
        looks = style.REGULARIZERS[line.family.regularizer]
        x, labels = shown.lambdas, [_label(point) for point in shown.points]
        mode = {} if len(set(x)) == len(x) else {"mode": "markers"}  # no line through several of one λ
        means, spread = [point.mean for point in shown.points], bars([point.std for point in shown.points])
        yield points(title, x, means, labels, looks=looks, error_y=spread, legendgroup=title, **mode)
        train = replace(looks, linestyle=":", fill=False)
        trained = [point.train_mean for point in shown.points]
        rest = {"legendgroup": title, "visible": "legendonly", **mode}
        yield points(f"{title}, train rows", x, trained, labels, looks=train, **rest)
    every = [value for line in picture.lines for value in line.lambdas]
    if picture.none is not None:
        yield across("No regularization", every, picture.none.mean, style.VERMILLION, ":")
        yield across("No regularization, train rows", every, picture.none.train_mean, style.SKY, ":")
    if picture.best.lambda_:
        yield _marked("Best", picture.best, "circle-open")
    if picture.largest.id != picture.best.id:
        yield _marked("1 SE: largest λ within one SE of best", picture.largest, "diamond-open")


def _marked(name: str, candidate: Candidate, symbol: str) -> dict[str, Any]:
    looks = style.LineStyle(color=style.BLACK, linestyle="-", marker="o")
    marker = {"color": style.BLACK, "symbol": symbol, "size": 15, "line": {"width": 2}}
    return points(
        name, [candidate.lambda_], [candidate.mean], [_label(candidate)], looks=looks, mode="markers", marker=marker
    )


def _label(candidate: Candidate) -> str:
    spread = "" if candidate.std is None else f" ± {candidate.std:.4f}"
    return f"{candidate.configuration}: {candidate.mean:.4f}{spread} (n={candidate.n}), {candidate.stage}"

"""Weight norm against lambda: a stronger penalty leaves smaller weights.

The norm is √Σw² over all weights the penalty acts on, after training.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from regsearch.spec import Target
from regsearch.weights import Weight, matching, with_roles_by_name
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.selection import choose
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style
from sweeps.plots.lambdas import Line, lines_of

NORM = "Weight norm √Σw²"
_NONE: dict[str, Any] = {"color": style.BLACK, "linestyle": ":", "linewidth": 1.5}
_INITIAL: dict[str, Any] = {"color": style.GREY, "linestyle": (0, (6, 4)), "linewidth": 1.2}
_BEST = style.RING


@dataclass(frozen=True, kw_only=True)
class Norm:
    """A norm's mean over repeats, and its standard deviation where there were several."""

    mean: float
    std: float | None


@dataclass(frozen=True, kw_only=True)
class NormPanel:
    """The weights of one target."""

    target: str
    lines: tuple[Line, ...]  # one per regularizer
    none: Candidate | None  # None where that is not finished
    norms: Mapping[int, Norm]  # after training, of the configurations of these, by id
    initial: float  # mean before training
    best: Candidate  # the configuration with the best mean, of whichever target


@dataclass(frozen=True, kw_only=True)
class NormPicture:
    """What the picture shows: a panel per target."""

    sweep: str
    repeats: int
    panels: tuple[NormPanel, ...]


def collect(snapshot: SweepSnapshot) -> NormPicture | None:
    """Return what the picture shows; None where nothing with a lambda is finished."""
    lines = tuple(line for line in lines_of(snapshot) if not line.family.kind)
    norms, targets = snapshot.weight_norms, snapshot.config.targets
    searched = [target for target in targets if any(line.family.target == str(target) for line in lines)]
    if not searched or norms.empty:
        return None
    tables = [(target, norms_of(norms, weights_of_target(snapshot, target))) for target in searched]
    return NormPicture(
        sweep=snapshot.name,
        repeats=lines[0].points[0].n,
        panels=tuple(_norm_panel(target, lines, snapshot, table) for target, table in tables),
    )


def weights_of_target(snapshot: SweepSnapshot, target: Target) -> set[str]:
    """Return the paths of a target's weights: as recorded with the sweep, else as names and order of layers say."""
    layout = snapshot.checks.get("layout", {"penalized": []})
    recorded = {each["target"]: set(each["weights"]) for each in layout["penalized"]}
    if str(target) in recorded:
        return recorded[str(target)]
    return {f"{weight.layer}/{weight.name}" for weight in matching(weights_of(snapshot.weight_norms), target)}


def norms_of(norms: pd.DataFrame, paths: Collection[str]) -> pd.DataFrame:
    """Return √Σw² over all of some weights, one row per training, with columns before and after.

    It is made of a snapshot's norms, and indexed by configuration_id and repeat.
    """
    own = norms[(norms["layer"] + "/" + norms["weight"]).isin(paths)]
    squares = own[["l2_before", "l2_after"]].pow(2).set_axis(["before", "after"], axis="columns")
    sums: pd.DataFrame = squares.groupby([own["configuration_id"], own["repeat"]]).sum(min_count=1)
    return sums.pow(0.5)


def draw(picture: NormPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: a panel for each target."""
    columns = min(len(picture.panels), 2)
    rows = -(-len(picture.panels) // columns)
    title = f"{picture.sweep}: weight norm against λ"
    grid = style.panels(figure, rows, columns, title=title, height=2.9, shared=False)
    places = [axes for row in grid for axes in row]
    for axes, panel in zip(places, picture.panels, strict=False):
        style.panel_title(axes, f"Weights: {panel.target}")
        _panel(axes, panel)
    for axes in places[len(picture.panels) :]:
        axes.set_visible(False)
    style.legend(figure, _handles(picture), columns=3, caption=style.spread(picture.repeats, "Bars and band"))


def weights_of(norms: pd.DataFrame) -> list[Weight]:
    """Return the weights of a model; where the database does not say the layers' order, they go by their names."""
    known: Any = norms.drop_duplicates(["layer", "weight"])
    layers = list(dict.fromkeys(known["layer"]))
    units = known["unit"].fillna(known["layer"].map(layers.index))
    columns = zip(known["layer"], known["weight"], units, known["kinds"].fillna(""), strict=True)
    recorded = [
        Weight(index=i, layer=layer, name=name, unit=int(unit), kinds=frozenset(kinds.split()))
        for i, (layer, name, unit, kinds) in enumerate(columns)
    ]
    return with_roles_by_name(recorded)


def _norm_panel(target: Target, lines: tuple[Line, ...], snapshot: SweepSnapshot, table: pd.DataFrame) -> NormPanel:
    none = snapshot.baseline
    own = tuple(line for line in lines if line.family.target == str(target))
    shown = [*(point for line in own for point in line.points), *([none] if none else [])]
    return NormPanel(
        target=str(target),
        lines=own,
        none=none,
        norms={one.id: _norm(table, one) for one in shown},
        initial=float(table["before"].groupby("repeat").first().mean()),
        best=choose(snapshot, "mean"),
    )


def _norm(table: pd.DataFrame, candidate: Candidate) -> Norm:
    after = table["after"].loc[[candidate.id]]
    return Norm(mean=float(after.mean()), std=float(after.std()) if len(after) > 1 else None)


def _panel(axes: "style.Axes", panel: NormPanel) -> None:
    style.log_lambdas(axes, (value for line in panel.lines for value in line.lambdas))
    style.label(axes, x=style.LAMBDA, y=NORM)
    axes.axhline(panel.initial, **_INITIAL)
    if panel.none is not None:
        none = panel.norms[panel.none.id]
        axes.axhline(none.mean, **_NONE)
        if none.std:
            axes.axhspan(none.mean - none.std, none.mean + none.std, color=style.BLACK, alpha=0.15, linewidth=0)
    means = [panel.initial]
    for line in panel.lines:
        norms = [panel.norms[point.id] for point in line.points]
        drawn = style.REGULARIZERS[line.family.regularizer].line_and_markers()
        style.error_bars(axes, line.lambdas, [norm.mean for norm in norms], [norm.std for norm in norms], drawn)
        means += [norm.mean for norm in norms]
        if panel.best in line.points:
            axes.plot([panel.best.lambda_], [panel.norms[panel.best.id].mean], **_BEST)
    if style.is_wide(means):
        style.log_values(axes)


def _handles(picture: NormPicture) -> list["style.Line2D"]:
    found = dict.fromkeys(line.family.regularizer for panel in picture.panels for line in panel.lines)
    handles = [
        style.handle(style.REGULARIZER_NAMES[one], **style.REGULARIZERS[one].line_and_markers()) for one in found
    ]
    if any(panel.best in line.points for panel in picture.panels for line in panel.lines):
        handles.append(style.handle("Best configuration", **_BEST))
    if any(panel.none is not None for panel in picture.panels):
        handles.append(style.handle("No regularization", **_NONE))
    return [*handles, style.handle("Before training", **_INITIAL)]

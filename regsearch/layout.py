"""Which layers of a model are hidden, which give the output, and which weights each target penalizes: to be shown."""

import os.path
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from regsearch.errors import printable
from regsearch.spec import Target
from regsearch.weights import LISTED, Weight, matching


@dataclass(frozen=True, kw_only=True)
class PenalizedWeights:
    """The weights that a target means, as paths, in the order in which the data meet their layers."""

    target: str
    weights: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A model's layers with a kernel and what is penalized; regsearch.spec's to_plain and from_plain take it.

    Args:
        hidden: the hidden layers, in the order in which the data meet them.
        output: the output layers; several where they are parallel.
        penalized: the weights of each target of a sweep.
        own: weights that keep a penalty of the builder's, and get no other.
    """

    hidden: tuple[str, ...]
    output: tuple[str, ...]
    penalized: tuple[PenalizedWeights, ...]
    own: tuple[str, ...] = ()


def layout_of(weights: Sequence[Weight], targets: Iterable[Target]) -> Layout:
    """Return what the targets mean in a model with these weights.

    Raises:
        InputError: a target matches no weight.
    """
    units = sorted({w.unit for w in weights if w.role == "kernel"})
    names = {unit: _layer_of([w for w in weights if w.unit == unit]) for unit in units}
    last = {w.unit for w in weights if w.output}
    return Layout(
        hidden=tuple(names[unit] for unit in units if unit not in last),
        output=tuple(names[unit] for unit in units if unit in last),
        penalized=tuple(PenalizedWeights(target=str(t), weights=_paths(matching(weights, t))) for t in targets),
        own=_paths([w for w in weights if w.own]),
    )


def describe_layout(layout: Layout) -> tuple[str, ...]:
    """Return a line for each target, as in 'penalized by hidden kernel: conv_1/kernel, h/kernel; output: head'."""
    output = f"output: {_listed(layout.output)}"
    lines = [f"penalized by {p.target}: {_listed(p.weights)}; {output}" for p in layout.penalized] or [output]
    kept = [f"with the builder's own penalty: {_listed(layout.own)}"] if layout.own else []
    return (*lines, *kept)


def _layer_of(weights: Sequence[Weight]) -> str:
    """Return the path of the layer that all of them lie in."""
    return os.path.commonpath([f"/{w.layer}" for w in weights]).lstrip("/") or weights[0].layer


def _paths(weights: Iterable[Weight]) -> tuple[str, ...]:
    return tuple(f"{w.layer}/{w.name}" for w in sorted(weights, key=lambda w: (w.unit, w.index)))


def _listed(names: Sequence[str]) -> str:
    more = [f"and {len(names) - LISTED} more"] if len(names) > LISTED else []
    return printable(", ".join([*names[:LISTED], *more])) or "none"

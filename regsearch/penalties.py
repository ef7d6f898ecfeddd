"""Penalties: l1·Σ|w| + l2·Σw² on the weight tensors of a Keras model, found by layer and role.

No catalogue of layers is needed: a weight is known by its path in the model, whose last part names the weight
(`kernel`, `recurrent_kernel`, `bias`) and the parts before it the layers that it lies in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras
from regsearch.errors import InputError, nearest
from regsearch.spec import Penalty, Target

ROLE_NAMES = ("kernel", "recurrent", "bias")
GROUPS = ("hidden", "output", "all")
LISTED = 12  # names in a message, at most

_FIELD = "search.targets"
_ENDINGS = {"recurrent_kernel": "recurrent", "kernel": "kernel", "embeddings": "kernel", "bias": "bias"}


@dataclass(frozen=True, kw_only=True)
class Weight:
    """One trainable weight tensor of a model.

    Args:
        index: its place in `model.trainable_variables`.
        layer: the path of the layer it lies in, without the model's own name.
        name: the weight's own name.
        unit: the number of the outermost layer it lies in, from the input to the output; models do not count as
            layers, but the layers in them do.
        kinds: class names of the layers that it lies in, and those that they inherit from.
        own: whether the builder has set a penalty on it.
    """

    index: int
    layer: str
    name: str
    unit: int
    kinds: frozenset[str] = frozenset()
    own: bool = False

    @property
    def role(self) -> str | None:
        """`kernel`, `bias` or `recurrent`; None for another weight, such as a normalization's scale."""
        return next((role for ending, role in _ENDINGS.items() if self.name.endswith(ending)), None)

    @property
    def called(self) -> str:
        """What a target may call it: its role, else its name."""
        return self.role or self.name


def trainable_weights(model: Any) -> tuple[Weight, ...]:
    """Return the model's trainable weights, in the order of `model.trainable_variables`."""
    owners: dict[int, tuple[Any, ...]] = {}
    for layers in _layers_within(model):
        owners |= {id(variable): layers for variable in layers[-1].trainable_variables}  # the innermost comes last
    units: dict[int, int] = {}
    found = []
    for index, variable in enumerate(model.trainable_variables):
        layers = owners.get(id(variable), (model,))
        outermost = next((layer for layer in layers if not isinstance(layer, load_keras().Model)), layers[-1])
        path = variable.path.split("/")
        inner = path[1:-1] if path[0] == model.name and len(path) > 2 else path[:-1]
        weight = Weight(
            index=index,
            layer="/".join(inner),
            name=path[-1],
            unit=units.setdefault(id(outermost), len(units)),
            kinds=frozenset(name for layer in layers for name in _kinds(layer)),
            own=variable.regularizer is not None,
        )
        found.append(weight)
    return tuple(found)


def without_penalties(model: Any) -> Any:
    """Take the penalties that its builder set off all weights of a model, and return it."""
    for variable in model.trainable_variables:
        variable.regularizer = None
    return model


def coefficients(weights: Sequence[Weight], penalties: Sequence[Penalty]) -> NDArray[np.float32]:
    """Return (weights, 2) float32: l1 and l2 of each weight; penalties on the same weight add up.

    Raises:
        InputError: a target matches no weight, or only weights that the builder has set a penalty on.
    """
    table = np.zeros((len(weights), 2))
    for penalty in penalties:
        found = matching(weights, penalty.target)
        shares = depth_shares(len({w.unit for w in found}), penalty.ratio)
        share_of = dict(zip(sorted({w.unit for w in found}), shares, strict=True))
        for weight in found:
            table[weight.index] += share_of[weight.unit] * np.array([penalty.l1, penalty.l2])
    return table.astype(np.float32)


def depth_shares(layers: int, ratio: float) -> list[float]:
    """Return what each layer's coefficients are multiplied by, from the input to the output; the largest is 1."""
    strongest = max(1.0, ratio ** (layers - 1))
    return [ratio**i / strongest for i in range(layers)]


def matching(weights: Sequence[Weight], target: Target) -> list[Weight]:
    """Return the weights that a target means, but for those that the builder has set a penalty on.

    Where a word could mean several things it means, in this order: a group, a number, a layer's name, a kind of layer,
    a glob. A layer's name means the layers in it too: `lstm` has its weights in `lstm/lstm_cell`.

    Raises:
        InputError: one of its layers, or of its weights, matches none; or only those with the builder's own penalty.
    """
    chosen: dict[int, Weight] = {}
    for selector in target.selectors:
        inside = _selected(weights, selector)
        if not inside:
            known = _describe_layers(weights, selector)
            raise InputError(_FIELD, f"{str(target)!r} matches no weight; {known}")
        meant = [w for w in inside if {w.role, w.name} & set(target.weights)]
        if not meant:
            known = ", ".join(list(dict.fromkeys(w.called for w in inside))[:LISTED])
            raise InputError(_FIELD, f"{str(target)!r} matches no weight; the weights of {selector!r} are {known}")
        chosen |= {w.index: w for w in meant}
    found = [chosen[index] for index in sorted(chosen) if not chosen[index].own]
    if not found:
        problem = "matches only weights on which the builder has set a penalty of its own"
        raise InputError(_FIELD, f"{str(target)!r} {problem}; to search them, write model.own_penalties = 'replace'")
    return found


def l2_norm(weight: NDArray[np.float32]) -> float:
    """Return √Σw², summed in float64."""
    return float(np.sqrt(np.square(weight, dtype=np.float64).sum()))


def l1_norm(weight: NDArray[np.float32]) -> float:
    """Return Σ|w|, summed in float64."""
    return float(np.abs(weight, dtype=np.float64).sum())


def _layers_within(layer: Any, around: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield each layer with those it lies in, outermost first; a layer comes after the one it lies in."""
    if around or not isinstance(layer, load_keras().Model):
        around = (*around, layer)
        yield around
    for inner in layer._flatten_layers(include_self=False, recursive=False):  # Keras has no public way
        yield from _layers_within(inner, around)


def _kinds(layer: Any) -> list[str]:
    base = load_keras().Layer
    return [kind.__name__ for kind in type(layer).__mro__ if issubclass(kind, base) and kind is not base]


def _selected(weights: Sequence[Weight], selector: str) -> list[Weight]:
    """Return the weights in the layers that one word names."""
    numbered = list(dict.fromkeys(w.unit for w in weights if w.role == "kernel"))
    if selector in GROUPS:
        units = {"hidden": numbered[:-1], "output": numbered[-1:], "all": numbered}[selector]
        return [w for w in weights if w.unit in units]
    if selector.startswith("#"):
        number = _number(selector, len(numbered))
        return [] if number is None else [w for w in weights if w.unit == numbered[number]]
    return (
        [w for w in weights if f"/{selector}/" in f"/{w.layer}/"]
        or [w for w in weights if selector in w.kinds]
        or [w for w in weights if any(fnmatchcase(part, selector) for part in (w.layer, *w.layer.split("/")))]
    )


def _number(selector: str, count: int) -> int | None:
    """Return where in a list of so many the n-th is, from the end where n is negative; None where there is none."""
    try:
        number = int(selector[1:])
    except ValueError:
        return None
    if number == 0 or abs(number) > count:
        return None
    return number - 1 if number > 0 else count + number


def _describe_layers(weights: Sequence[Weight], selector: str) -> str:
    penalized = [w for w in weights if w.role == "kernel"]
    names = list(dict.fromkeys(name for w in penalized for name in (w.layer.split("/")[0], w.layer)))
    kinds = sorted(frozenset[str]().union(*(w.kinds for w in penalized)))
    more = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    known = ", ".join([*GROUPS, *names[:LISTED], *more])
    count = len({w.unit for w in penalized})
    close = nearest(selector, [*GROUPS, *names, *kinds])
    return f"layers may be {known}{close}; a kind: {', '.join(kinds[:LISTED])}; #1 to #{count}; or a glob such as 'h*'"

"""Penalties: l1·Σ|w| + l2·Σw² on the weight tensors of a Keras model, found by layer and role.

Weights are known by their path in the model, so no catalogue of layers is needed: the last part of a path names the
weight (`kernel`, `recurrent_kernel`, `bias`), what comes before it the layer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.errors import InputError, nearest
from regsearch.spec import Penalty, Target

ROLES = {"kernel": "kernel", "recurrent_kernel": "recurrent", "bias": "bias"}
ROLE_NAMES = tuple(ROLES.values())


@dataclass(frozen=True, kw_only=True)
class Weight:
    """One trainable weight tensor of a model.

    Args:
        index: its place in `model.trainable_variables`.
        layer: the layer's name.
        name: the weight's own name.
        role: `kernel`, `bias` or `recurrent`; None for a weight that no penalty is made for.
    """

    index: int
    layer: str
    name: str
    role: str | None


def trainable_weights(model: Any) -> tuple[Weight, ...]:
    """Return the model's trainable weights, in the order of `model.trainable_variables`."""
    paths = [variable.path.split("/") for variable in model.trainable_variables]
    return tuple(_weight(index, path, model.name) for index, path in enumerate(paths))


def coefficients(weights: Sequence[Weight], penalties: Sequence[Penalty]) -> NDArray[np.float32]:
    """Return (weights, 2) float32: l1 and l2 of each weight; penalties on the same weight add up.

    Raises:
        InputError: a target matches no weight.
    """
    table = np.zeros((len(weights), 2), np.float32)
    for penalty in penalties:
        for weight in matching(weights, penalty.target):
            table[weight.index] += (penalty.l1, penalty.l2)
    return table


def matching(weights: Sequence[Weight], target: Target) -> list[Weight]:
    """Return the weights a target means.

    `hidden` is every layer but the last that has a kernel, `output` that last one, `all` both; else a layer's name,
    which means the layers in it too: `lstm` has its weights in `lstm/lstm_cell`.

    Raises:
        InputError: it matches none.
    """
    layers = list(dict.fromkeys(w.layer for w in weights if w.role == "kernel"))
    groups = {"hidden": layers[:-1], "output": layers[-1:], "all": layers}
    meant = [w for w in weights if w.role in target.weights]
    if target.layers in groups:
        found = [w for w in meant if w.layer in groups[target.layers]]
    else:
        found = [w for w in meant if f"/{target.layers}/" in f"/{w.layer}/"]
    if not found:
        known = list(dict.fromkeys([*groups, *(name for layer in layers for name in (layer.split("/")[0], layer))]))
        raise InputError(
            "search.targets",
            f"{str(target)!r} matches no weight; layers may be {', '.join(known)}"
            f"{nearest(target.selectors[0], known)}, weights {', '.join(ROLE_NAMES)}",
        )
    return found


def l2_norm(weight: NDArray[np.float32]) -> float:
    """Return √Σw², summed in float64."""
    return float(np.sqrt(np.square(weight, dtype=np.float64).sum()))


def l1_norm(weight: NDArray[np.float32]) -> float:
    """Return Σ|w|, summed in float64."""
    return float(np.abs(weight, dtype=np.float64).sum())


def _weight(index: int, path: list[str], model_name: str) -> Weight:
    layer = path[1:-1] if path[0] == model_name and len(path) > 2 else path[:-1]
    return Weight(index=index, layer="/".join(layer), name=path[-1], role=ROLES.get(path[-1]))

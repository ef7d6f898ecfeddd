"""A training's penalties as keras.regularizers, by layer and by the argument of the layer that takes them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from regsearch.backend import load_keras
from regsearch.kept_penalties import short
from regsearch.spec import TrialSpec
from regsearch.trial import evaluator

if TYPE_CHECKING:
    import keras


def layer_regularizers(spec: TrialSpec) -> Mapping[str, Mapping[str, "keras.Regularizer"]]:
    """Return the penalties of a training as keras.regularizers: by the path of the layer, then by its argument.

    Args:
        spec: what is trained; of phases, the penalties of the last.

    Raises:
        InputError: the data or the model cannot be used, or a penalty matches no weight.
    """
    shared = evaluator(spec)
    table = shared.phases(spec)[-1].coefficients  # (weights, 2)
    found: dict[str, dict[str, keras.Regularizer]] = {}
    for weight in sorted(shared.trainer.weights, key=lambda w: (w.unit, w.index)):
        l1, l2 = table[weight.index]
        if (l1 or l2) and not weight.own:
            found.setdefault(_written(weight.layer), {})[argument(weight.name)] = _regularizer(short(l1), short(l2))
    return found


def argument(weight: str) -> str:
    """Return the argument of a Keras layer that takes the regularizer of one of its weights.

    >>> argument("kernel"), argument("recurrent_kernel"), argument("bias")
    ('kernel_regularizer', 'recurrent_regularizer', 'bias_regularizer')
    """
    return f"{weight.removesuffix('_kernel')}_regularizer"


def _written(path: str) -> str:
    """Return the path of the layer that takes the argument: of a recurrent cell, the layer around it."""
    outer, _, last = path.rpartition("/")
    return outer if outer and last.endswith("_cell") else path


def _regularizer(l1: float, l2: float) -> "keras.Regularizer":
    regularizers = load_keras().regularizers
    if l1 and l2:
        return regularizers.L1L2(l1, l2)
    return regularizers.L1(l1) if l1 else regularizers.L2(l2)

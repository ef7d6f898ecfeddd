"""A Keras optimizer whose update is a pure function: tensors in, tensors out.

On TensorFlow, Keras' optimizers assign tf.Variables through tf.distribute, which no XLA loop can carry as its state.
The methods that do so stand in one class, between those that every optimizer writes its update with and the neutral
ones of keras.optimizers.Optimizer; here the neutral ones come first again, `stateless_apply` among them.
"""

from functools import cache
from typing import Any

from regsearch.backend import load_keras
from regsearch.trainers.tensors import KerasOptimizer


def functional(optimizer: KerasOptimizer) -> KerasOptimizer:
    """Return an optimizer of the same settings that has `stateless_apply`, not built yet."""
    kind = type(optimizer)
    return clone(optimizer, type(kind.__name__, (kind, _neutral()), {}))


def clone(optimizer: KerasOptimizer, kind: Any = None, **changed: Any) -> KerasOptimizer:
    """Return an optimizer of the same settings, but for those changed, that has taken no step."""
    copied = (kind or type(optimizer)).from_config(optimizer.get_config() | changed)
    for name in ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"):  # no part of its configuration
        if hasattr(optimizer, name):
            setattr(copied, name, getattr(optimizer, name))
    return copied


@cache
def _neutral() -> Any:
    """Return a class in which what TensorFlow's optimizers override is as it was."""
    _, tensorflows, *others = load_keras().optimizers.Optimizer.__mro__
    base = next(each for each in others if "update_step" in vars(each))
    names = [name for name in vars(tensorflows) if not name.startswith("__") and name in vars(base)]
    return type("Neutral", (tensorflows,), {name: vars(base)[name] for name in names})

"""Which penalties on a Keras model's weights outlast saving and loading: told by a copy, made as loading makes one."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from regsearch.backend import load_keras
from regsearch.kept_penalties import tell_layers

if TYPE_CHECKING:
    import keras


def would_be_kept(model: "keras.Model") -> list[bool]:
    """Return for each trainable weight whether saving would keep a penalty on it, told by a copy of the model."""
    copy = _rebuilt(model)
    if copy is None:
        return [False] * len(model.trainable_variables)
    make = load_keras().regularizers.L1L2
    for i, variable in enumerate(copy.trainable_variables):
        variable.regularizer = make(0.0, float(i + 1))  # of its own, for some weights share one argument
    tell_layers(copy, copy.trainable_variables)
    return kept_by_saving(copy)


def kept_by_saving(model: "keras.Model") -> list[bool]:
    """Return for each trainable weight whether a model rebuilt from what is saved of this one has its penalty."""
    copy = _rebuilt(model)
    if copy is None:
        return [False] * len(model.trainable_variables)
    pairs = zip(model.trainable_variables, copy.trainable_variables, strict=True)
    return [_written(ours.regularizer) == _written(theirs.regularizer) for ours, theirs in pairs]


def _written(regularizer: Any) -> Any:
    return None if regularizer is None else load_keras().regularizers.serialize(regularizer)


def _rebuilt(model: "keras.Model") -> "keras.Model | None":
    """Return a model made from what Keras saves of another one; None where it cannot be made so, or not whole."""
    saving = load_keras().saving
    own = {type(layer).__name__: type(layer) for layer in model._flatten_layers()}
    try:
        with _random_state_kept():
            config = saving.serialize_keras_object(model)
            config.pop("compile_config", None)
            copy = saving.deserialize_keras_object(config, custom_objects=own, safe_mode=False)
    except Exception:  # of a class that does not say how it is made
        return None
    ours, theirs = ([tuple(v.shape) for v in each.trainable_variables] for each in (model, copy))
    return copy if ours == theirs else None


@contextmanager
def _random_state_kept() -> Iterator[None]:
    """Leave no trace in what Keras draws the seeds of initializers from."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)

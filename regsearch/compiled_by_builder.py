"""What a builder gave to its model's `compile`: only read, so that it can be taken over or refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from regsearch.backend import load_keras

if TYPE_CHECKING:
    import keras

TAKEN_APART = ("optimizer", "loss", "metrics", "weighted_metrics")  # arguments that have a field of their own
DEFAULTS = {"steps_per_execution": 1, "auto_scale_loss": True}


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """What a builder gave to `compile`; what it left out is None or empty.

    Args:
        optimizer: Keras' name of the class, as `SGD`; RMSprop where none was given, which is Keras' default.
        optimizer_config: its configuration, as Keras serializes it, but for what is None: learning_rate, clipnorm …; a
            schedule is a dict.
        loss: the loss's name, as `mean_squared_error`; of an own function or class its name.
        loss_config: options of a loss that was given as an object.
        is_own_loss: whether the loss is none of Keras' own.
        metrics: names of the metrics, weighted ones too.
        others: names of other arguments that it gave, as `loss_weights` or `steps_per_execution`.
    """

    optimizer: str | None = None
    optimizer_config: Mapping[str, Any] = field(default_factory=dict)
    loss: str | None = None
    loss_config: Mapping[str, Any] = field(default_factory=dict)
    is_own_loss: bool = False
    metrics: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def compiled_by_builder(model: "keras.Model") -> Compiled | None:
    """Return what the model was compiled with; None where it was not."""
    if not model.compiled:
        return None
    given = _given(model)
    optimizer = model.optimizer if "optimizer" in given else None
    loss = load_keras().losses.get(model.loss) if isinstance(model.loss, str) else model.loss
    metrics = [*_flat(given.get("metrics")), *_flat(given.get("weighted_metrics"))]
    return Compiled(
        optimizer=None if optimizer is None else type(optimizer).__name__,
        optimizer_config={} if optimizer is None else _as_written(optimizer.get_config()),
        loss=None if loss is None else _loss_name(loss),
        loss_config=_loss_config(loss),
        is_own_loss=loss is not None and not _is_keras(loss),
        metrics=tuple(map(_metric_name, metrics)),
        others=tuple(name for name in given if name not in TAKEN_APART),
    )


def _given(model: "keras.Model") -> dict[str, Any]:
    """Return the arguments of `compile` that differ from its defaults."""
    config = getattr(model, "_compile_config", None)  # Keras has no public way to what cannot be serialized
    arguments = dict(config.config) if config is not None else {"optimizer": model.optimizer, "loss": model.loss}
    arguments.pop("jit_compile", None)  # how it is computed, not what
    return {name: value for name, value in arguments.items() if value and value != DEFAULTS.get(name)}


def _as_written(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return an optimizer's configuration without its name; the rate is kept in float32, 1e-9 as 9.999999717e-10."""
    kept = {name: value for name, value in config.items() if name != "name" and value is not None}
    rate = kept.get("learning_rate")
    return kept | ({"learning_rate": float(str(np.float32(rate)))} if isinstance(rate, float) else {})


def _loss_name(loss: object) -> str:
    function = getattr(loss, "fn", loss)  # of Keras' loss classes, the function that they wrap
    return str(getattr(function, "__name__", None) or type(function).__name__)


def _loss_config(loss: object) -> dict[str, Any]:
    if not isinstance(loss, load_keras().losses.Loss) or not _is_keras(loss):
        return {}
    return dict(getattr(loss, "_fn_kwargs", {}))  # Huber's own configuration leaves delta out


def _is_keras(loss: object) -> bool:
    kind: Callable[..., object] | type = loss if callable(loss) and hasattr(loss, "__name__") else type(loss)
    return kind.__module__.split(".")[0] == "keras"


def _metric_name(metric: object) -> str:
    return (
        metric if isinstance(metric, str) else str(getattr(metric, "name", None) or getattr(metric, "__name__", metric))
    )


def _flat(metrics: object) -> list[object]:
    return [] if metrics is None else list(load_keras().tree.flatten(metrics))

"""Why a model must be trained by its own `fit`: it overrides how Keras trains, or its optimizer does more than step."""

from regsearch.backend import load_keras
from regsearch.trainers.compilation import Compilation
from regsearch.trainers.tensors import KerasOptimizer, Model

STEPS = (
    "train_step",
    "compute_loss",
    "compute_metrics",
    "make_train_function",
    "fit",
    "test_step",
)
KEPT = ("use_ema", "loss_scale_factor", "gradient_accumulation_steps")
BEYOND = ("LossScaleOptimizer", "MultiOptimizer", "ScheduleFreeAdamW")


def overridden(model: Model) -> tuple[str, ...]:
    """Return which of the methods that train a model are its own, not those of keras.Model."""
    keras, found = load_keras().Model, []
    for name in STEPS:
        owner = next((kind for kind in type(model).__mro__ if name in vars(kind)), None)
        if name in vars(model) or (owner is not None and not owner.__module__.startswith("keras.")):
            found.append(name)
    return tuple(name for name in found if hasattr(keras, name))


def why_fit(model: Model, compilation: Compilation) -> str | None:
    """Return why a model is to be trained by `fit`, as the end of 'because …'; None where it need not."""
    if own := overridden(model):
        return f"the model has its own {' and '.join(own)}"
    if compilation.run_eagerly:
        return "the builder compiled it with run_eagerly"
    return None if compilation.optimizer is None else _beyond_the_loop(compilation.optimizer)


def _beyond_the_loop(optimizer: KerasOptimizer) -> str | None:
    if type(optimizer).__name__ in BEYOND:
        return f"the builder compiled {type(optimizer).__name__}"
    kept = [name for name in KEPT if getattr(optimizer, name, None)]
    return f"the builder's optimizer has {' and '.join(kept)}" if kept else None

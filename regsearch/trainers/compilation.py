"""What a builder compiled its model with: taken over where the training settings are silent, said where not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from regsearch.backend import load_keras
from regsearch.errors import RAISED, InputError, ModelError, in_one_line
from regsearch.losses import LOSSES, keras_loss
from regsearch.notices import Notice
from regsearch.spec import Named, Task, TrainingSpec
from regsearch.trainers.functional import clone
from regsearch.trainers.optimizers import OPTIMIZERS, keras_optimizer
from regsearch.trainers.problem import Problem
from regsearch.trainers.schedules import keras_schedule
from regsearch.trainers.tensors import KerasOptimizer, LossFunction, Model, Tensor

FIELD = "model.builder"
ONE_BY_ONE = ("sum_over_batch_size", "mean")  # reductions that average over rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Compilation:
    """With what a model is trained: by the training settings, and by its builder where they are silent.

    Args:
        training: the settings; what was taken over is among them where they have a word for it.
        optimizer: what was taken over and they have no word for; to be cloned for each training.
        loss: (y, predictions) -> (rows,) loss of each row.
        loss_name: what it is called.
        run_eagerly: whether the builder wants no graph.
        notices: what was taken over and what was not.
    """

    training: TrainingSpec
    loss: LossFunction
    loss_name: str
    optimizer: KerasOptimizer | None = None
    run_eagerly: bool = False
    notices: tuple[Notice, ...] = ()

    def new_optimizer(self) -> KerasOptimizer:
        """Return an optimizer that has taken no step."""
        return keras_optimizer(self.training) if self.optimizer is None else clone(self.optimizer)


def compilation_of(model: Model, problem: Problem) -> Compilation:
    """Return with what a builder's model is trained.

    Raises:
        ModelError: the builder compiled something that cannot be taken over.
    """
    training = problem.training
    found = Compilation(training=training, loss=keras_loss(problem.loss), loss_name=problem.loss.name)
    if not model.compiled:
        return found
    taken, kept = [], []
    own = model.optimizer
    if own is not None and training.gives("optimizer"):
        if not _alike(own, keras_optimizer(training)):
            kept.append(f"optimizer {training.optimizer}, not {_described(own)}")
    elif own is not None:
        found = _with_optimizer(found, own)
        if not _alike(own, keras_optimizer(training)):
            taken.append(f"optimizer {_described(found.optimizer or keras_optimizer(found.training))}")
            if training.gives("learning_rate") or training.schedule is not None:
                kept.append(f"learning rate, not that of {_described(own)}")
    loss = _compiled_loss(model)
    if loss is not None and training.gives("loss"):
        kept.append(f"loss {found.loss_name}, not that which the builder compiled")
    elif loss is not None:
        found = _with_loss(found, loss, problem.data.task)
        if found.loss_name != problem.loss.name or (found.training.loss or problem.loss) != problem.loss:
            taken.append(f"loss {found.loss_name}")
    if model.run_eagerly:
        found = replace(found, run_eagerly=True)
        taken.append("run_eagerly")
    return replace(found, notices=tuple(_notices(taken, kept, _metric_names(model), problem.metric.name)))


def _notices(taken: list[str], kept: list[str], metrics: list[str], metric: str) -> Iterator[Notice]:
    if taken:
        yield Notice(code="compile-taken-over", message=f"as the builder compiled the model: {'; '.join(taken)}")
    if kept:
        yield Notice(
            code="compile-overruled",
            message=f"[training] overrules what the builder compiled: {'; '.join(kept)}; left out there, that counts",
        )
    if others := [name for name in metrics if name not in (metric, "acc")]:
        unused = f"the builder's metrics {', '.join(others)} are not shown"
        yield Notice(code="compile-metrics", message=f"scored by {metric}; {unused}")


def _with_optimizer(found: Compilation, own: KerasOptimizer) -> Compilation:
    """Return it with the builder's optimizer, its rate that of the settings where they give one."""
    if getattr(own, "_exclude_from_weight_decay", None):
        problem = "excludes variables from weight decay by themselves; exclude them by var_names"
        raise ModelError(FIELD, f"the compiled optimizer {problem}, or name the optimizer in [training]")
    training = found.training
    given = training.schedule is not None or training.gives("learning_rate")
    settings = _as_settings(own, training)
    if settings is not None:
        if given:
            settings = replace(settings, learning_rate=training.learning_rate, schedule=training.schedule)
        return replace(found, training=settings)
    try:
        rate = {"learning_rate": keras_schedule(training) or float(training.learning_rate)} if given else {}
        return replace(found, optimizer=clone(own, **rate))
    except RAISED as error:  # of a class of the user's own
        remedy = "name one in [training]"
        raise ModelError(FIELD, f"the compiled optimizer cannot be copied: {in_one_line(error)}; {remedy}") from error


def _as_settings(own: KerasOptimizer, training: TrainingSpec) -> TrainingSpec | None:
    """Return the settings that give an optimizer like this one; None where there are none."""
    name = next((name for name, method in OPTIMIZERS.items() if method.keras == type(own).__name__), None)
    config = own.get_config()
    rate = config.get("learning_rate")
    if name is None or not isinstance(rate, float):
        return None
    short = float(f"{rate:.7g}")  # Keras gives the nearest float32: 0.001 as 0.0010000000474974513
    options = {key: config[key] for key, option in OPTIMIZERS[name].options.items() if config[key] != option.default}
    try:
        settings = replace(
            training,
            optimizer=name,
            learning_rate=short if np.float32(short) == np.float32(rate) else rate,
            schedule=None,
            optimizer_options=tuple(options.items()),
        )
        return settings if _alike(own, keras_optimizer(settings)) else None
    except InputError:  # an option beyond what a sweep file may say
        return None


def _alike(a: KerasOptimizer, b: KerasOptimizer) -> bool:
    """Whether two optimizers move weights alike."""
    pattern = "_exclude_from_weight_decay_pattern"
    if type(a) is not type(b) or getattr(a, pattern, None) != getattr(b, pattern, None):
        return False
    return bool(a.get_config() | {"name": ""} == b.get_config() | {"name": ""})


def _described(optimizer: KerasOptimizer) -> str:
    rate = optimizer.get_config().get("learning_rate")
    return f"{type(optimizer).__name__}({rate:g})" if isinstance(rate, float) else type(optimizer).__name__


def _compiled_loss(model: Model) -> object:
    """Return the loss that a model was compiled with, a string, function or object; None for none."""
    compiled = model._compile_loss
    if compiled is None:
        return None
    if compiled._user_loss_weights is not None:
        raise ModelError(FIELD, "compiles loss_weights, which cannot be taken over; leave them out, or scale the loss")
    loss = compiled._user_loss
    if isinstance(loss, list | tuple | dict):
        loss = next(iter(loss.values() if isinstance(loss, dict) else loss), None)
    try:
        return load_keras().losses.get(loss)
    except ValueError:
        raise ModelError(FIELD, f"compiles the loss {loss!r}, which Keras does not know") from None


def _with_loss(found: Compilation, loss: object, task: Task) -> Compilation:
    """Return it with the builder's loss: by name where it is one of Keras' that a sweep file may name."""
    reduction = getattr(loss, "reduction", "sum_over_batch_size")
    if reduction not in ONE_BY_ONE:
        raise ModelError(FIELD, f"compiles a loss with reduction={reduction!r}; only a mean can be taken over")
    function, options = getattr(loss, "fn", loss), getattr(loss, "_fn_kwargs", {})
    name = getattr(function, "__name__", type(loss).__name__)
    known = LOSSES.get(name) if getattr(function, "__module__", "").startswith("keras.") else None
    if known is None:
        return replace(found, loss=_by_row(loss), loss_name=name)
    if task not in known.tasks:
        fitting = ", ".join(name for name, other in LOSSES.items() if task in other.tasks)
        raise ModelError(FIELD, f"compiles the loss {name!r}, which does not fit a {task} target; use {fitting}")
    if options.get("from_logits"):
        raise ModelError(FIELD, f"compiles {name} with from_logits=True; let the model give probabilities instead")
    plain = {key: value for key, value in options.items() if key in known.options}
    named = Named(name=name, options=tuple(plain.items()))
    return replace(found, training=replace(found.training, loss=named), loss=keras_loss(named), loss_name=name)


def _by_row(loss: object) -> LossFunction:
    """Return a loss of the user's own as (y, predictions) -> (rows,), whatever it averages itself."""
    call = getattr(loss, "call", loss)

    def by_row(y: Tensor, prediction: Tensor) -> Tensor:
        ops = load_keras().ops
        found = call(y, prediction)  # type: ignore[operator]
        if len(found.shape) == 0:
            return ops.broadcast_to(found, ops.shape(y)[:1])
        return ops.mean(found, axis=tuple(range(1, len(found.shape)))) if len(found.shape) > 1 else found

    by_row.__name__ = getattr(loss, "__name__", type(loss).__name__)
    return by_row


def _metric_names(model: Model) -> list[str]:
    compiled = model._compile_metrics
    given = load_keras().tree.flatten([compiled._user_metrics, compiled._user_weighted_metrics]) if compiled else []
    return [each if isinstance(each, str) else getattr(each, "name", type(each).__name__) for each in given if each]

"""The lines of a script that compile a model and train it, rows in the order in which the sweep took them."""

from collections.abc import Sequence
from typing import Any

from regsearch.input_slices import ModelInputs
from regsearch.losses import LOSSES
from regsearch.script.code import Code, arguments, literal
from regsearch.script.network import Penalties
from regsearch.script.scaled_inputs import inputs_code
from regsearch.spec import EarlyStopping, Named, TrainingSpec
from regsearch.trainers.optimizers import OPTIMIZERS
from regsearch.trainers.schedules import bound_schedule

Phase = tuple[int, Penalties]  # epochs, and the penalties meanwhile


def optimizer_code(training: TrainingSpec, weight_decay: float) -> str:
    """Return the constructor of Keras' optimizer for a training, a configuration's weight decay added to its own."""
    method, options = OPTIMIZERS[training.optimizer], dict(training.optimizer_options)
    if weight_decay:
        own = {name: option.default for name, option in method.options.items() if name.endswith("weight_decay")}
        for name in {"weight_decay", *own}:
            options[name] = (options.get(name, own.get(name, 0.0)) or 0.0) + weight_decay
    rate = repr(float(training.learning_rate))
    if training.schedule is not None:
        rate = _schedule(training)
    given = arguments(options)
    return f"keras.optimizers.{method.keras}(learning_rate={rate}{', ' if given else ''}{given})"


def loss_code(loss: Named, *, as_object: bool) -> str:
    """Return a loss as `compile` takes it: by name, or as an object of Keras'."""
    if not loss.options and not as_object:
        return literal(loss.name)
    return f"keras.losses.{_class_name(loss.name)}({arguments(dict(loss.options))})"


def is_one_hot(loss: Named) -> bool:
    """Whether a loss takes classes as (rows, classes) of 0 and 1."""
    return LOSSES[loss.name].one_hot


def loop_code(
    phases: Sequence[Phase],
    inputs: ModelInputs,
    *,
    loss: str,
    stopping: EarlyStopping | None,
    weighted: bool,
    labels: str,
    restored: str,
    code: Code,
) -> None:
    """Add the training: a loop over epochs, and over batches of rows in a new order in each.

    Args:
        phases: epochs and penalties of each stretch of it.
        inputs: how the model takes rows.
        loss: what `compile` is given.
        stopping: when it ends early.
        weighted: whether rows have `weights`.
        labels: what is trained on, `labels`, or `y` itself.
        restored: the expression of predictions `outputs` in the labels' own units.
        code: what the lines are added to.
    """
    indent = ""
    if len(phases) > 1:
        _add_phases(phases, loss, code)
        indent = "    "
    body = list(_epoch(inputs, labels, weighted))
    if stopping is None:
        lines = [f"for epoch in range({'epochs' if len(phases) > 1 else 'EPOCHS'}):", *(f"    {e}" for e in body)]
        code.add(*(indent + line for line in lines))
        return
    code.add("best_loss, best_weights, waited = np.inf, None, 0", "for epoch in range(EPOCHS):")
    code.add(*(f"    {line}" for line in body))
    code.add(
        f"    outputs = model.predict_on_batch({inputs_code(inputs, 'validation')})",
        f"    now = float(loss({labels if restored == 'outputs' else 'y'}[validation], {restored}))",
        f"    if now < best_loss{f' - {stopping.min_delta!r}' if stopping.min_delta else ''}:",
        "        best_loss, best_weights, waited = now, model.get_weights(), 0",
        "    else:",
        "        waited += 1",
        "    if waited >= PATIENCE:",
        "        break",
        "model.set_weights(best_weights)",
    )


def _add_phases(phases: Sequence[Phase], loss: str, code: Code) -> None:
    """Add the beginning of the loop over phases; the optimizer goes on from where it is."""
    places = sorted({place for _, penalties in phases for place in penalties})
    code.add("PHASES = [  # epochs, and the penalties on the model's variables meanwhile")
    for epochs, penalties in phases:
        given = ", ".join(f"{place}: {regularizer}" for place, regularizer in penalties.items())
        code.add(f"    ({epochs}, {{{given}}}),")
    code.add(
        "]",
        "for epochs, penalties in PHASES:",
        f"    for i in {places}:",
        "        model.trainable_variables[i].regularizer = penalties.get(i)",
        f"    model.compile(optimizer=optimizer, loss={loss})  # again, for penalties are read here",
    )


def _epoch(inputs: ModelInputs, labels: str, weighted: bool) -> list[str]:
    weights = ", sample_weight=weights[batch]" if weighted else ""
    return [
        "rows = train[order.permutation(len(train))]",
        "for start in range(0, len(rows), BATCH_SIZE):",
        "    batch = rows[start : start + BATCH_SIZE]",
        f"    model.train_on_batch({inputs_code(inputs, 'batch')}, {labels}[batch]{weights})",
    ]


def _schedule(training: TrainingSpec) -> str:
    assert training.schedule is not None
    schedule, _ = bound_schedule(training.schedule)
    given: dict[str, Any] = dict(training.schedule.options)
    name = f"keras.optimizers.schedules.{schedule.keras}"
    rate = float(training.learning_rate)
    if "boundaries" in given:
        return f"{name}({literal(list(given['boundaries']))}, {literal([rate, *given['values']])})"
    return f"{name}({rate!r}, {arguments(given)})"


def _class_name(loss: str) -> str:
    return {"kl_divergence": "KLDivergence"}.get(loss, "".join(part.capitalize() for part in loss.split("_")))

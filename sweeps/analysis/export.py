"""The best configuration, ready to use: as TOML, JSON, CSV or Python."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tomli_w

from regsearch.errors import InputError
from regsearch.spec import Configuration, Penalty, Target
from regsearch.target_scaling import SCALABLE
from regsearch.trainers.optimizers import OPTIMIZERS
from sweeps.analysis.answer import Answer
from sweeps.analysis.script_export import to_script
from sweeps.analysis.setting import setting
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.config import SweepConfig

FIGURES: tuple[str, ...] = (
    "sweep",
    "metric",
    "rule",
    "regularizer",
    "lambda",
    "lambda_l1",
    "lambda_l2",
    "target",
    "variant",
    "stage",
)
FIGURES += ("n", "mean", "std", "se", "se_rows", "se_total", "train_mean", "constant_score")  # columns of the CSV


def to_json(answer: Answer) -> str:
    """Return the answer's configuration and scores as JSON."""
    return _as_json(answer.to_dict())


def to_csv(answer: Answer) -> str:
    """Return its figures as CSV: the columns' names, and one row; what is not known is empty."""
    found = answer.to_dict()
    target = answer.winner.configuration.target if answer.has_winner else None
    row = {name: found[name] for name in FIGURES} | {"target": None if target is None else str(target)}
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows([row.keys(), row.values()])
    return lines.getvalue()


def to_toml(answer: Answer) -> str:
    """Return the same as TOML; what is not known is left out."""
    return _as_toml(answer.to_dict())


def to_python(answer: Answer) -> str:
    """Return the lines of Keras that put the winner to use."""
    winner = answer.winner.configuration
    title = f"# {answer.sweep}: {winner}" + (f", on {winner.target}\n" if winner.target else "\n")
    lines = list(_keras(winner, answer.config))
    return (
        title
        + _units(answer.config)
        + ("import keras\n\n" if any("keras." in line for line in lines) else "")
        + "".join(lines)
    )


def _as_json(plain: dict[str, Any]) -> str:
    return json.dumps(plain, indent=2) + "\n"


def _as_toml(plain: dict[str, Any]) -> str:
    return tomli_w.dumps(_without_none(plain))


FORMATS: dict[str, Callable[[dict[str, Any]], str]] = {"json": _as_json, "toml": _as_toml}
SCRIPT, MODEL = "py", "keras"


def export(answer: Answer, to: Path, snapshot: SweepSnapshot) -> None:
    """Write the best configuration to a file, in place of one that is there; the ending says how.

    Args:
        answer: what won.
        to: the file: .json or .toml for the configuration and its scores, .py for a Keras script that trains it. A
            trained model is written by `keras_export`.
        snapshot: what the answer was made of.

    Raises:
        InputError: the ending is unknown, there is no winner to export, or the file cannot be written.
    """
    suffix = suffix_of(to)
    answer.require_winner()
    if suffix == SCRIPT:
        write_file(to, to_script(answer, to, snapshot))
    else:
        write_file(to, FORMATS[suffix](setting(answer, snapshot, to.parent)))


def suffix_of(to: Path) -> str:
    """Return the ending of a file that something is to be exported to, without its dot.

    Raises:
        InputError: it is none of those that are known.
    """
    suffix, known = to.suffix.removeprefix("."), (*FORMATS, SCRIPT, MODEL)
    if suffix not in known:
        raise InputError("--to", f"{to} may end in {', '.join('.' + name for name in known)}")
    return suffix


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(str(path), f"cannot be written: {error.strerror}") from None


def _units(config: SweepConfig) -> str:
    """Return a comment on the labels that λ was found for, where these may not be the user's own."""
    loss = config.training_spec.loss
    scalable = loss is None or loss.name in SCALABLE
    if config.task != "regression" or config.data.scale_target is False or not scalable:
        return ""
    return "# Found for a target with mean 0 and standard deviation 1, unless `regsearch check` says otherwise.\n"


def _keras(winner: Configuration, config: SweepConfig) -> Iterator[str]:
    match winner.regularizer:
        case "none":
            yield "regularizer = None\n"
        case "weight_decay":
            training = config.training_spec
            options = {"learning_rate": training.learning_rate, **dict(training.optimizer_options)}
            given = ", ".join(f"{name}={value!r}" for name, value in options.items())
            name = OPTIMIZERS[training.optimizer].keras
            yield f"optimizer = keras.optimizers.{name}({given}, weight_decay={winner.weight_decay!r})\n"
        case "early_stopping":
            stopping = config.early_stopping
            given = f'monitor="val_loss", patience={stopping.patience}, min_delta={stopping.min_delta!r}'
            yield f"callback = keras.callbacks.EarlyStopping({given}, restore_best_weights=True)\n"
        case _:
            yield from _penalties(winner)


def _penalties(winner: Configuration) -> Iterator[str]:
    if winner.schedule is not None:
        yield "phases = [  # epochs, and the regularizer to train on with\n"
        for phase in winner.phases:
            yield f"    ({phase.epochs}, {_l1l2(phase.penalties[0]) if phase.penalties else None}),\n"
        yield f"]  # as {_arguments(winner.penalties[0].target)}\n"
        return
    for penalty in winner.penalties:
        note = f"as {_arguments(penalty.target)}"
        if winner.lambdas:
            note += f" of {penalty.target.layers}"
        if winner.ratio != 1:
            layer, factor = ("last", 1 / winner.ratio) if winner.ratio > 1 else ("first", winner.ratio)
            note += f" of the {layer} layer; {factor:.4g} times that with every layer farther from it"
        yield f"regularizer = {_l1l2(penalty)}  # {note}\n"


def _l1l2(penalty: Penalty) -> str:
    return f"keras.regularizers.L1L2(l1={penalty.l1!r}, l2={penalty.l2!r})"


def _arguments(target: Target) -> str:
    return ", ".join(f"{name}_regularizer" for name in target.weights)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value

"""A model's card: what it is, on what it was trained, how certain its score is, what it leans on, and its limits.

After Mitchell et al. 2019, Model Cards for Model Reporting.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from regsearch.data import DataSet
from regsearch.data.columns import Column
from regsearch.fitted import FittedModel, Rows
from regsearch.importance import Importances
from regsearch.in_memory import is_in_memory, label_of
from regsearch.whole_model.raw_rows import category_values, column_features, input_names, is_text
from sweeps.analysis.answer import Answer
from sweeps.analysis.brief import brief_answer
from sweeps.analysis.snapshot import SweepSnapshot

EMPTY = '`""`'
FAR = 1_000  # standard deviations from 0, where float32 has four digits left
LISTED = 10  # categories, classes or features, at most
SHOWN_VERSIONS = ("keras", "tensorflow", "numpy", "regsearch", "python")


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelFacts:
    """What is known of an exported model beside the sweep's answer.

    Args:
        file: its name.
        refit: which rows it was trained on.
        members: the trainings in it.
        scored: a training of the same configuration on the train rows, with its validation score.
        together: what the members score together on the validation rows; None where these are not the same for all.
        data: with its rows.
        importances: what `scored` leans on; None where rows are no features, or have too many.
    """

    file: str
    refit: Rows
    members: tuple[FittedModel, ...]
    scored: FittedModel
    together: float | None
    data: DataSet
    importances: Importances | None


def model_card(answer: Answer, snapshot: SweepSnapshot, facts: ModelFacts) -> str:
    """Return a model's card as Markdown."""
    sections = (
        (f"# {facts.file}: the best model of {answer.sweep}", _what(answer, snapshot, facts)),
        ("## Use", _use(facts)),
        ("## What goes in", _inputs(facts)),
        ("## What comes out", _outputs(facts.data)),
        ("## How sure", _sure(answer, snapshot, facts)),
        ("## What it leans on", _leans_on(answer, facts)),
        ("## Limits", _limits(answer, snapshot, facts)),
    )
    return "\n\n".join("\n".join([title, "", *lines]) for title, lines in sections) + "\n"


def _what(answer: Answer, snapshot: SweepSnapshot, facts: ModelFacts) -> Iterator[str]:
    winner, first, spec = answer.winner, facts.members[0], snapshot.config
    target = f" on {winner.configuration.target}" if winner.configuration.target else ""
    chosen = answer.chosen or f"the best by the rule {answer.rule}"
    weights = int(sum(np.prod(v.shape) for v in first.model.trainable_variables))
    subsets = snapshot.checks.get("subsets", {})
    counted = subsets.get("train", 0) + (subsets.get("validation", 0) if facts.refit == "all" else 0)
    rows = "train rows" if facts.refit == "train" else "train and validation rows"
    yield f"- A Keras network of {weights:,} trainable weights (builder `{_named(spec.model.builder)}`), with what is"
    yield "  done to rows before it and to its outputs after it."
    yield f"- Regularization: {winner.configuration}{target}; {chosen}."
    many = f"{counted:,} " if counted else ""
    count = len(facts.members)
    seeds = ", ".join(str(member.repeat.seed) for member in facts.members[:LISTED]) + (", …" if count > LISTED else "")
    if count > 1:
        yield f"- {count} trainings whose outputs are averaged."
    yield f"- Trained for {first.repeat.epochs:,} epochs on {many}{rows} of `{_named(spec.data.source)}`, with"
    which = "seeds" if count > 1 else "a seed"
    yield f"  {which} that no scored repeat had ({seeds}): the luckiest of those would not do so well again."
    versions = ", ".join(f"{name} {snapshot.versions[name]}" for name in SHOWN_VERSIONS if name in snapshot.versions)
    yield f"- Found with {versions}."


def _named(source: str) -> str:
    """Return what a reader calls data or a builder."""
    return f"{label_of(source)}, in memory" if is_in_memory(source) else source


def _use(facts: ModelFacts) -> Iterator[str]:
    yield from ("```python", "import keras", "import numpy as np", "")
    yield f'model = keras.saving.load_model("{facts.file}")'
    columns = [each.column for each in column_features(facts.data)]
    if columns:
        called = input_names(column.name for column in columns)
        yield "outputs = model({"
        yield from (f"    {called[column.name]!r}: np.array({_example(column, facts.data)})," for column in columns)
        yield "})  # one row; more of them in longer arrays"
    elif facts.data.inputs:
        shapes = ", ".join(f"{each.name!r}: np.zeros({(1, *each.shape)})" for each in facts.data.inputs)
        yield f"outputs = model({{{shapes}}})"
    else:
        yield f"outputs = model(np.zeros({(1, *facts.data.x.shape[1:])}))"
    yield "```"
    yield ""
    yield "It needs Keras and TensorFlow alone. `model.predict` takes the same in batches."
    if _loses_digits(facts):
        yield ""
        yield "`predict` rounds numbers to float32 before the model sees them, and these data have more digits than"
        yield "that: call the model itself, `model(rows)`, as above."


def _loses_digits(facts: ModelFacts) -> bool:
    """Return whether numbers lie so far from 0 that float32 would blur them."""
    scales = [each.standard for each in facts.members[0].preparation.inputs if each.standard is not None]
    far = any((np.abs(each.mean) > FAR * each.std).any() for each in scales)
    return facts.data.x.dtype == np.float64 and far


def _example(column: Column, data: DataSet) -> str:
    if is_text(column):
        return f"[{column.categories[0]!r}], object"
    if column.encoding != "numbers":
        return f"[{float(category_values(column)[0])!r}]"
    (place,) = (each.start for each in column_features(data) if each.column.name == column.name)
    values = data.x.reshape(len(data.x), -1)[:, place]
    return f"[{float(values[np.isfinite(values)][0])!r}]"


def _inputs(facts: ModelFacts) -> Iterator[str]:
    data = facts.data
    if not data.columns:
        for each in data.slices:
            name = f"`{each.name}`: " if data.inputs else ""
            shape = " x ".join(map(str, each.shape))
            yield f"- {name}rows of {shape} numbers, in the units of the data: the model scales them itself."
        return
    yield from ("| column | holds | where it is missing |", "|---|---|---|")
    flat = data.x.reshape(len(data.x), -1)
    called = input_names(each.column.name for each in column_features(data))
    for column, start, _ in column_features(data):
        missing = f"{EMPTY if is_text(column) else 'NaN'}: {column.filling}" if column.filling else "not allowed"
        if column.encoding == "numbers":
            values = flat[:, start]
            kind = "true and false, as 1 and 0:" if column.kind == "booleans" else "numbers,"
            holds = f"{kind} {np.nanmin(values):.6g} to {np.nanmax(values):.6g} in the data"
        else:
            names = [repr(each) for each in column.categories[:LISTED]]
            more = f" and {len(column.categories) - LISTED} more" if len(column.categories) > LISTED else ""
            holds = f"{'strings' if is_text(column) else 'numbers'}: {', '.join(names)}{more}"
        yield f"| `{called[column.name]}` | {holds} | {missing} |"


def _outputs(data: DataSet) -> Iterator[str]:
    names = [f"`{name}`" for name in data.class_names]
    match data.task:
        case "binary":
            yield f"One number per row: the probability of {names[1] if names else 'class 1'}" + (
                f"; of {names[0]} it is 1 minus that." if names else "."
            )
        case "multiclass":
            listed = f": {', '.join(names)}" if names else ""
            yield f"{data.n_outputs} numbers per row: the probability of each class, in this order{listed}."
        case "multilabel":
            listed = f": {', '.join(names)}" if names else ""
            yield f"{data.n_outputs} numbers per row: the probability of each label{listed}."
        case _:
            what = "One number" if data.n_outputs == 1 else f"{data.n_outputs} numbers"
            yield f"{what} per row, in the target's own units."


def _sure(answer: Answer, snapshot: SweepSnapshot, facts: ModelFacts) -> Iterator[str]:
    metric, scored = answer.config.metric, facts.scored.repeat.validation
    yield from (f"- {line}" for line in brief_answer(answer))
    if answer.constant_score is not None:
        yield f"- The best constant prediction has {metric} {answer.constant_score:.4f}."
    if scored is not None:
        which = (
            "This training" if facts.refit == "train" and len(facts.members) == 1 else "One training on the train rows"
        )
        yield f"- {which} has {metric} {scored.score:.6f} on its validation rows."
    if facts.together is not None:
        yield f"- Together the {len(facts.members)} have {metric} {facts.together:.6f} on the validation rows."
    if facts.refit == "all":
        yield "- No row was left to score the model itself, which was trained on more rows than what is scored here."


def _leans_on(answer: Answer, facts: ModelFacts) -> Iterator[str]:
    found = facts.importances
    if found is None:
        yield "Not told: rows are images or sequences, or have more than 100 features."
        return
    yield f"How much {answer.config.metric} is lost on {found.rows:,} validation rows where a column is shuffled"
    yield "(scikit-learn's `permutation_importance`; ± std over shuffles). Of columns that say the same, none may seem"
    yield "needed."
    yield ""
    yield from ("| feature | loss |", "|---|---|")
    order = np.argsort(-found.mean, kind="stable")
    for i in order[:LISTED]:
        yield f"| `{found.names[i]}` | {found.mean[i]:.4f} ± {found.std[i]:.4f} |"
    if len(order) > LISTED:
        yield f"| {len(order) - LISTED} more | at most {found.mean[order[LISTED]]:.4f} each |"


def _limits(answer: Answer, snapshot: SweepSnapshot, facts: ModelFacts) -> Iterator[str]:
    yield f"- It is good for rows like those of `{_named(answer.config.data.source)}`: of others nothing is known."
    columns = [each.column for each in column_features(facts.data)]
    if any(is_text(column) for column in columns):
        yield "- A string that is none of its column's categories is an error, not a guess."
    if any(not is_text(column) and column.encoding != "numbers" for column in columns):
        yield "- A number that is none of its column's categories makes the outputs NaN."
    if any(not column.filling for column in columns):
        yield "- Where no missing value is allowed, a missing string is an error; a missing number makes outputs NaN."
    if any(column.encoding == "numbers" for column in columns):
        yield "- Numbers far outside of their range in the data are taken as they are."
    if snapshot.checks.get("subsets", {}).get("test") and (answer.against is None or answer.against.test is None):
        yield "- It was not confirmed on the test rows: `regsearch confirm` does that."
    yield from (f"- {notice.message}." for notice in answer.notices)

"""From X and y in a notebook to what a sweep found."""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from regsearch.data.kept_data import keep_data
from regsearch.errors import InputError
from regsearch.in_memory import keep_function
from regsearch.spec import Target
from sweeps.config import SweepConfig
from sweeps.config.toml_file import parse
from sweeps.given_rows import GivenRows, Parts, as_table, given_rows, is_dataset, read_whole, with_subsets
from sweeps.run import finish, write_files
from sweeps.runtime.progress import Progress
from sweeps.runtime.showing import shown_progress
from sweeps.runtime.sweep import create
from sweeps.search_result import SearchResult
from sweeps.steps import database_url
from sweeps.study_page import Ending, published

ARGUMENTS = {  # what a key of a sweep file is called here
    "search.lambda": "lambdas",
    "data.target": "y",
    "data.group": "groups",
    "data.weights": "sample_weight",
    "data.source": "X",
    "model.builder": "build",
}
IN_MEMORY = re.compile(r"'memory:(\w+)-[0-9a-f]+'")
NUMBERED = re.compile(r"\.\d+$")  # of a list's items
SECTIONS = ("data", "model", "training", "search", "evaluation")

Layers = str | Target | Mapping[str, Any]


def search(
    X: Any,
    y: Any = None,
    build: Callable[..., Any] | str | None = None,
    *,
    regularizers: str | Sequence[str] = ("none", "l1", "l2", "l1_l2"),
    lambdas: tuple[float, float] = (1e-6, 1e-1),
    targets: Layers | Sequence[Layers] = "hidden",
    strategy: str = "coarse-to-fine",
    split: Mapping[str, Any] | None = None,
    validation_data: Sequence[Any] | None = None,
    test_data: Sequence[Any] | None = None,
    groups: Any = None,
    sample_weight: Any = None,
    encode: str | Mapping[str, Any] | None = None,
    missing: str | Mapping[str, str] | None = None,
    epochs: int = 1000,
    batch_size: int = 32,
    repeats: int = 10,
    metric: Callable[..., Any] | str | None = None,
    greater_is_better: bool | None = None,
    seed: int = 0,
    more: Mapping[str, Mapping[str, Any]] | None = None,
    name: str = "search",
    storage: str | Path | None = None,
    out: str | Path | None = None,
    progress: Progress | bool = True,
) -> SearchResult:
    """Find the weight regularization that makes a network generalize, for rows in memory.

    The search, the repeats, the confirmation on test rows and the answer are those of a sweep file; see
    docs/sweep-file.md. Without `storage` nothing is left on disk.

    Args:
        X: (rows, *shape of one row) numbers; a dict of such arrays for a model of several inputs; a DataFrame, whose
            categories and missing values follow the rules of tables; or a tf.data.Dataset of batches (x, y), which is
            read whole.
        y: (rows,) classes or numbers, (rows, labels) of 0 and 1, (rows, targets) of numbers; or the name of X's column,
            or several.
        build: what builds the network: any callable that returns a new keras.Model, called with those of input_shape,
            n_outputs, output_activation and task that it names; or "mlp", "cnn", "lstm"; None for "mlp".
        regularizers: of none, l1, l2, l1_l2, weight_decay, early_stopping.
        lambdas: the lowest and the highest, on a log scale.
        targets: the weights that penalties act on: layers by group, name, kind, number or glob ("hidden", "conv_*"),
            whose kernels are meant; a Target, or {"layers": …, "weights": …}; or several of these.
        strategy: how the next configuration is chosen: coarse-to-fine, grid, random, qmc, tpe …
        split: how rows are split, as in {"validation": 0.25, "test": 0.25}, which is the default, or {"folds": 5}.
        validation_data: (X, y) or (X, y, sample_weight) to choose by, instead of a split.
        test_data: likewise, to confirm on; without it, validation_data leave nothing to confirm on.
        groups: (rows,) equal for rows that must stay in one subset; or a column's name.
        sample_weight: (rows,) how much each row counts in the training loss; or a column's name.
        encode: what becomes of a DataFrame's columns that are no numbers: "one-hot" or "ordinal", of all or by column.
        missing: what becomes of missing values: "impute", "drop" (the row), "mean", "median" or "most-frequent", of all
            columns or by column.
        epochs: of each training.
        batch_size: rows per step.
        repeats: trainings of each configuration, each with its own seed.
        metric: what to choose by: a name, or any callable that takes the labels and the predictions of all rows, which
            are (rows,) each or (rows, outputs), and returns a number, or one per row; None for accuracy of classes and
            r2 of a regression.
        greater_is_better: whether more of a metric that is a callable is better; None for yes.
        seed: of initial weights, permutations and splits.
        more: further keys of a sweep file by section, as in {"training": {"optimizer": "sgd"}}.
        name: of the sweep, where it is stored.
        storage: the database to keep it in, a URL or an SQLite file's Path; None to keep it in no file. Other processes
            can read it there, and cannot work on it, since rows and function live in this one.
        out: a folder for pictures and the best configuration; None to write none.
        progress: True for a display, under a notebook's cell or on stderr; False for none; or a Progress of your own.

    Returns:
        What was found: the answer, tables, pictures, and the winner as a trained model.

    Raises:
        DataError: the rows are not of one length, sparse, no numbers, or hold NaN for which there is no rule.
        ModelError: `build` raises, returns no keras.Model, one that is trained already, or one that does not fit y.
        InputError: another argument is out of range; nothing was written.
        RegsearchError: the work cannot go on.

    Example:
        >>> found = regsearch.search(X, y, epochs=20, repeats=2, strategy="grid", lambdas=(1e-3, 1e-2), progress=False)
        >>> found.predict(X[:3]).shape
        (3,)
    """
    others = {"validation": validation_data, "test": test_data}
    x = as_table(X) if missing is not None else X
    rows = _rows(Parts(x=x, y=y, groups=groups, sample_weight=sample_weight), others, split)
    data = keep_data(rows.data)
    builder = keep_function(build) if callable(build) else None
    score = keep_function(metric) if callable(metric) else None
    tables: dict[str, dict[str, Any]] = {
        "data": {"source": data.name, **rows.keys, **_given(split=split, encode=encode, missing=missing)},
        "model": {"builder": builder.name if builder else build or "mlp"},
        "training": {"epochs": epochs, "batch_size": batch_size},
        "search": {
            "strategy": strategy,
            "regularizers": [regularizers] if isinstance(regularizers, str) else list(regularizers),
            "lambda": _range(lambdas),
            "targets": _targets(targets),
        },
        "evaluation": {
            "repeats": repeats,
            **_given(metric=score.name if score else metric, greater_is_better=greater_is_better),
        },
    }
    with _named_as_arguments():
        config = parse({"name": name, "seed": seed, **_with_more(tables, more or {})})
        found = _searched(config, storage, progress)
    written = write_files(found.snapshot, found.answer, Path(out)) if out else ()
    return replace(found, written=written, needs=tuple(each for each in (data, builder, score) if each is not None))


def _given(**keys: Any) -> dict[str, Any]:
    """Return what was given of some keys; a mapping as the dict that a sweep file has."""
    return {n: dict(v) if isinstance(v, Mapping) else v for n, v in keys.items() if v is not None}


def _rows(parts: Parts, others: Mapping[str, Any], split: Mapping[str, Any] | None) -> GivenRows:
    """Return the rows to search on, those of other subsets among them."""
    given = {name: rows for name, rows in others.items() if rows is not None}
    if is_dataset(parts.x):
        for name in ("y", "groups", "sample_weight"):
            if getattr(parts, name) is not None:
                raise InputError(name, "goes with arrays; a tf.data.Dataset gives all in its batches")
        parts = read_whole(parts.x)
    given = {name: _pair(rows) for name, rows in given.items()}
    if not given:
        return given_rows(parts)
    if "validation" not in given:
        raise InputError("test_data", "goes with validation_data; else write split = {'test': 0.25}")
    if split is not None:
        raise InputError("split", "goes without validation_data, which is a split already")
    if parts.groups is not None:
        raise InputError("groups", "go with a split that is drawn, not with validation_data")
    return given_rows(with_subsets(parts, given))


def _pair(rows: Any) -> Any:
    if not is_dataset(rows):
        return rows
    whole = read_whole(rows)
    return (whole.x, whole.y) if whole.sample_weight is None else (whole.x, whole.y, whole.sample_weight)


def _searched(config: SweepConfig, storage: str | Path | None, progress: Progress | bool) -> SearchResult:
    """Search to the end, in a database that goes again where none is given."""
    with _database(storage) as url, shown_progress(progress) as shown, create(config, url) as sweep:
        with nullcontext(Ending()) if storage is None else published(sweep, shown.note) as ending:
            snapshot, found = finish(sweep, progress=shown)
            ending.snapshot = snapshot
        return SearchResult(snapshot=snapshot, answer=found)


@contextmanager
def _database(storage: str | Path | None) -> Iterator[str | None]:
    if storage is not None:
        yield database_url(storage)
        return
    with tempfile.TemporaryDirectory(prefix="regsearch-") as folder:
        yield database_url(Path(folder) / "search.db")


@contextmanager
def _named_as_arguments() -> Iterator[None]:
    """Name in errors the argument that a key of a sweep file was given by."""
    try:
        yield
    except InputError as error:
        section, _, key = error.field.partition(".")
        known = next((name for prefix, name in ARGUMENTS.items() if error.field.startswith(prefix)), None)
        field = known or (key if section in SECTIONS and key else "X" if error.field == "data" else error.field)
        raise type(error)(NUMBERED.sub("", field), IN_MEMORY.sub(r"\1()", error.problem)) from error


def _range(lambdas: Any) -> dict[str, float]:
    if isinstance(lambdas, Mapping):
        return dict(lambdas)
    if isinstance(lambdas, str) or np.ndim(lambdas) != 1 or len(lambdas) != 2:
        raise InputError("lambdas", f"must be the lowest and the highest lambda, as (1e-6, 1e-1), got {lambdas!r}")
    low, high = lambdas
    return {"low": float(low), "high": float(high)}


def _targets(targets: Any) -> list[dict[str, Any]]:
    given = [targets] if isinstance(targets, str | Target | Mapping) else list(targets)
    return [_target(each) for each in given]


def _target(target: Any) -> dict[str, Any]:
    if isinstance(target, Target):
        layers = target.layers if isinstance(target.layers, str) else list(target.layers)
        return {"layers": layers, "weights": list(target.weights)}
    return dict(target) if isinstance(target, Mapping) else {"layers": target}


def _with_more(tables: dict[str, dict[str, Any]], more: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the tables with further keys; a section of another name is refused with the tables' own."""
    for section, keys in more.items():
        if section not in tables:
            raise InputError("more", f"has a section {section!r}; it may have {', '.join(tables)}")
        if twice := sorted(set(keys) & set(tables[section])):
            raise InputError("more", f"has {section}.{twice[0]}, which is an argument of its own")
        tables[section] |= keys
    return tables

"""From the estimator's parameters to what a sweep file would say, checked by the same rules."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from regsearch.errors import InputError
from regsearch.in_memory import digest_of, is_in_memory
from regsearch.loading import digest, resolve
from regsearch.spec import Target, Task
from sweeps.config import SweepConfig
from sweeps.config.toml_file import parse_tables, restore

PARAMETERS = {  # what a key of a sweep file is called here
    "search.lambda": "lambda_range",
    "search.trials": "n_trials",
    "evaluation.repeats": "n_repeats",
    "model.builder": "build_fn",
    "model.": "options",
    "data.source": "X",
    "data.split": "cv",
}
SECTIONS = ("data", "model", "training", "search", "evaluation")
IN_MEMORY = re.compile(r"'memory:(\w+)-[0-9a-f]+'")
STAND_IN = "moons"  # a sweep names its data; the rows come from `fit`, and these are never loaded


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to search and how; the fields are parameters of RegularizationSearchCV, None for a sweep's default."""

    builder: str
    options: Mapping[str, Any] | None
    training: Mapping[str, Any]
    regularizers: Sequence[str] | str
    strategy: str
    lambda_range: Any
    n_trials: int | None
    targets: Any
    n_repeats: int
    seed: int

    def config(self, task: Task) -> SweepConfig:
        """Return them as a sweep on data of this task.

        Raises:
            InputError: one of them is not what it may be.
        """
        training = {name: _plain(value) for name, value in self.training.items() if value is not None}
        search: dict[str, Any] = {
            "strategy": self.strategy,
            "regularizers": [self.regularizers] if isinstance(self.regularizers, str) else list(self.regularizers),
            "lambda": _range(self.lambda_range),
            "targets": _targets(self.targets),
        }
        if self.n_trials is not None:
            search["trials"] = _plain(self.n_trials)
        tables = {
            "name": "estimator",
            "seed": self.seed,
            "data": {"source": STAND_IN, "split": {"train": 30, "validation": 70}},
            "model": {"builder": self.builder, **(self.options or {})},
            "training": training,
            "search": search,
            "evaluation": {"repeats": _plain(self.n_repeats), "resample": False},
        }
        model = parse_tables({**tables, "training": {}}).model
        files = {model.file: _content(model.file)} if model.file else {}
        given = tuple(sorted({"optimizer", "learning_rate", "loss"} & set(training))) if files else ()
        return restore({**tables, "found": {"task": task, "files": files, "given": given}})


def check_builder(build_fn: Any) -> None:
    """Refuse what builds nothing: a network itself, which would be called as a function, and what is no name.

    Raises:
        ValueError: it is no function and no name.
    """
    if hasattr(build_fn, "trainable_weights") and not isinstance(build_fn, type):
        raise ValueError("build_fn: is a network; it must be a function that returns a new one")
    if not callable(build_fn) and not isinstance(build_fn, str):
        raise ValueError(f"build_fn: must be a function that returns a keras.Model, or a name, got {build_fn!r}")


@contextmanager
def errors_of_scikit_learn() -> Iterator[None]:
    """Raise what is wrong with an argument as a ValueError that names it, as scikit-learn's estimators do."""
    try:
        yield
    except InputError as error:
        field = error.field
        known = next((name for prefix, name in PARAMETERS.items() if field.startswith(prefix)), None)
        section, _, key = field.partition(".")
        name = known or (key.partition(".")[0] if section in SECTIONS and key else "X" if field == "data" else field)
        problem = IN_MEMORY.sub(r"\1()", error.problem)
        raise ValueError(f"{name}: {problem}" if name else problem) from error


@contextmanager
def random_state_kept() -> Iterator[None]:
    """Leave the process' own random numbers as they were: Keras is seeded through them."""
    ours, numpys = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(ours)
        np.random.set_state(numpys)


def _plain(value: Any) -> Any:
    """Return a number of NumPy's as Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _content(file: str) -> str:
    return digest_of(file) if is_in_memory(file) else digest(resolve(file, ""), field="model.builder")


def _range(given: Any) -> dict[str, float]:
    if isinstance(given, str) or np.ndim(given) != 1 or len(given) != 2:
        raise InputError("lambda_range", f"must be the lowest and the highest lambda, as (1e-6, 1e-1), got {given!r}")
    low, high = given
    return {"low": float(low), "high": float(high)}


def _targets(given: Any) -> list[dict[str, Any]]:
    return [_target(each) for each in ([given] if isinstance(given, str | Target | Mapping) else given)]


def _target(given: Any) -> dict[str, Any]:
    if isinstance(given, Target):
        layers = given.layers if isinstance(given.layers, str) else list(given.layers)
        return {"layers": layers, "weights": list(given.weights)}
    return dict(given) if isinstance(given, Mapping) else {"layers": given}

"""A small database with the same content each time: two sweeps whose scores follow from their lambdas."""

from dataclasses import replace
from typing import Any

import numpy as np

import storage
from regsearch.results import Comparison, Curve, Repeat, Scores, WeightNorm
from regsearch.spec import REGULARIZERS, Configuration, EarlyStopping, Target

HIDDEN, OUTPUT = Target(), Target(layers="output")
ROWS = 70  # of the validation part: scores are so many of them
MOONS = {  # how many rows are right on average, and how much the repeats differ
    Configuration(): (64, 0),
    Configuration.tied("l1", 1e-2, HIDDEN): (60, 2),
    Configuration.tied("l1", 1e-3, HIDDEN): (66, 1),
    Configuration.tied("l2", 1e-1, HIDDEN): (58, 2),
    Configuration.tied("l2", 1e-2, HIDDEN): (65, 1),
    Configuration.tied("l2", 1e-3, HIDDEN): (66, 0),
    Configuration.tied("l2", 1e-3, OUTPUT): (64, 1),
    Configuration.tied("weight_decay", 1e-2, HIDDEN): (65, 1),
}
DIGITS = {
    Configuration(): (60, 2),
    Configuration.tied("l2", 1e-3, HIDDEN): (63, 1),
    Configuration.tied("l2", 1e-3, OUTPUT): (62, 2),
    Configuration.tied("l2", 1e-4, HIDDEN): (61, 2),
    Configuration(regularizer="early_stopping", early_stopping=EarlyStopping(patience=5)): (62, 1),
}


def fill(url: str) -> None:
    """Make the schema and write both sweeps."""
    engine = storage.connect(url, write=True)
    storage.upgrade(engine)
    records = storage.Records(engine)
    moons = _sweep(records, "moons", MOONS)
    _sweep(records, "digits", DIGITS)
    best, none = moons[Configuration.tied("l2", 1e-3, HIDDEN)], moons[Configuration()]
    for one, right in ((best, 0.9357), (none, 0.9229)):
        for index in range(3):
            test = Scores(score=right + 0.001 * (index - 1), loss=0.2)
            records.add_repeat(one, "confirm", _repeat(index, 65, 0.0, test=test), "worker-1")
    shown = Comparison(
        subset="test", repeats=3, rows=5000, difference=0.0128, se_seed=0.0004, se_rows=0.0025, se=0.0025
    )
    records.add_comparison(1, best, none, shown)
    lost = replace(_repeat(3, 0, 0.0), status="diverged", train=None, validation=None, reason="the loss became NaN")
    records.add_repeat(moons[Configuration.tied("l1", 1e-2, HIDDEN)], "search", lost, "worker-2")
    engine.dispose()


def _sweep(records: storage.Records, name: str, found: dict[Configuration, tuple[int, int]]) -> dict[Any, int]:
    versions = {"regsearch": "0.1.0", "keras": "3.15.0", "tensorflow": "2.21.0"}
    search = {"regularizers": REGULARIZERS, "targets": [{"layers": "hidden"}, {"layers": "output"}]}
    config = {"name": name, "data": {"source": "moons"}, "search": search}
    sweep = records.register_sweep(name=name, config=config, config_hash="0" * 64, versions=versions)
    ids = {}
    for number, (configuration, (right, spread)) in enumerate(found.items()):
        key = f"{number:064d}"
        one = records.begin_trial(sweep, number, configuration, key=key, stage="coarse").configuration_id
        ids[configuration] = one
        for index in range(3):
            repeat = _repeat(index, right + spread * (index - 1), configuration.lambda_ or 0.0)
            records.add_repeat(one, "search", repeat, f"worker-{number % 2 + 1}")
        records.set_state(one, "complete")
    return ids


def _repeat(index: int, right: int, strength: float, **more: Any) -> Repeat:
    losses = np.float32([0.7, 0.3, 0.25])
    curve = Curve(
        epochs=np.int32([1, 500, 1000]),
        train_loss=losses,
        train_score=1 - losses / 2,
        validation_loss=losses + 0.125,
        validation_score=np.float32([0.5, 0.75, right / ROWS]),
    )
    norms = tuple(
        WeightNorm(
            layer=layer, weight="kernel", unit=unit, kinds=("Dense",), l1_before=8.0 * size, l2_before=float(size),
            l1_after=16.0 * size / (1 + 100 * strength), l2_after=2.0 * size / (1 + 100 * strength),
        )
        for unit, (layer, size) in enumerate((("hidden", 4), ("output", 2)))
    )  # fmt: skip
    scores = {"train": Scores(score=1 - strength / 4, loss=0.25), "validation": Scores(score=right / ROWS, loss=0.375)}
    values: dict[str, Any] = {"repeat": index, "seed": 1000 + index, "status": "ok", "epochs": 1000, "seconds": 0.25}
    return Repeat(**values | scores | more, curve=curve, weight_norms=norms)

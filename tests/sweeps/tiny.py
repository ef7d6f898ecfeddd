"""Tiny sweeps whose results are made up, so that nothing is trained and every number can be worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import storage
from regsearch.results import Curve, Repeat, RowScores, Scores, WeightNorm
from regsearch.spec import Configuration, Purpose, Schedule, Target
from storage.queries import Results
from storage.records import Records, State
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.config import SweepConfig
from sweeps.config.toml_file import parse

HIDDEN = Target()
OUTPUT = Target(layers="output")
NONE = Configuration()


def tied(regularizer: Any, value: float, target: Target = HIDDEN) -> Configuration:
    return Configuration.tied(regularizer, value, target)


def scheduled(name: str, value: float) -> Configuration:
    """L2 that begins halfway through ten epochs."""
    return replace(tied("l2", value), schedule=Schedule(name=name, phases=((5, 0.0), (5, value))))


def config(**tables: Any) -> SweepConfig:
    return parse({"name": "tiny", "data": {"source": "moons"}, **tables})


def repeat(
    number: int,
    validation: float,
    train: float = 1.0,
    *,
    curve: Mapping[str, Sequence[float]] | None = None,
    norms: Mapping[tuple[str, str], tuple[float, float]] | None = None,
    rows: Sequence[float] | None = None,
    test_rows: Sequence[float] | None = None,
) -> Repeat:
    """One made-up training; `norms` are √Σw² before and after by layer and weight, `rows` scores row by row."""
    layers = list(dict.fromkeys(layer for layer, _ in norms or {}))
    return Repeat(
        repeat=number,
        seed=number,
        status="ok",
        epochs=10,
        seconds=0.1,
        train=Scores(score=train, loss=0.1),
        validation=Scores(score=validation, loss=0.2),
        curve=None if curve is None else _curve(curve),
        weight_norms=tuple(_norm(*key, *value, layers.index(key[0])) for key, value in (norms or {}).items()),
        validation_rows=None if rows is None else _rows(rows),
        test=None if test_rows is None else Scores(score=float(np.mean(test_rows)), loss=0.2),
        test_rows=None if test_rows is None else _rows(test_rows),
    )


def diverged(number: int) -> Repeat:
    return Repeat(repeat=number, seed=number, status="diverged", epochs=1, seconds=0.1, reason="the loss is not finite")


class Tiny:
    """A database to fill with a sweep's made-up results, and to read."""

    def __init__(self, url: str, sweep: SweepConfig) -> None:
        self.config, self.url = sweep, url
        engine = storage.connect(url, write=True)
        storage.upgrade(engine)
        self.records = Records(engine)
        versions = {"regsearch": "0", "keras": "0", "tensorflow": "0"}
        self.id = self.records.register_sweep(
            name=sweep.name, config=sweep.to_dict(), config_hash=sweep.hash(), versions=versions
        )
        self.results: Results = storage.open(url)

    def add(
        self,
        configuration: Configuration,
        *repeats: Repeat,
        stage: str = "coarse",
        state: State = "complete",
        purpose: Purpose = "search",
    ) -> int:
        key = self.config.trial_spec(configuration).key()
        found = self.records.register_configuration(self.id, configuration, key=key, stage=stage)
        for one in repeats:
            self.records.add_repeat(found, purpose, one, "test")
        self.records.set_state(found, state)
        return found

    def snapshot(self, *row_scores_of: int) -> SweepSnapshot:
        return load_snapshot(self.results, self.config.name, row_scores_of=row_scores_of)

    def close(self) -> None:
        self.results.close()
        self.records.engine.dispose()


def _curve(values: Mapping[str, Sequence[float]]) -> Curve:
    series = {name: np.asarray(value, np.float32) for name, value in values.items() if name != "epochs"}
    return Curve(epochs=np.asarray(values["epochs"], np.int32), **series)


def _norm(layer: str, weight: str, before: float, after: float, unit: int) -> WeightNorm:
    numbers = {"l1_before": 0.0, "l2_before": before, "l1_after": 0.0, "l2_after": after}
    return WeightNorm(layer=layer, weight=weight, unit=unit, kinds=("Dense",), **numbers)


def _rows(scores: Sequence[float]) -> RowScores:
    return RowScores(rows=np.arange(len(scores), dtype=np.uint32), scores=np.asarray(scores, np.float32))

"""A confirmation: fresh seeds, test scores, and recorded comparisons, on both databases; trainings are made up."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import regsearch.trial
from regsearch.errors import InputError, RegsearchError
from regsearch.results import Repeat
from regsearch.seeds import repeat_seed
from regsearch.spec import TrialSpec
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.runtime.confirmation import confirm, refuse_without_test_rows
from sweeps.runtime.sweep import Sweep, register
from sweeps.runtime.worker import work
from tests.sweeps.small import small
from tests.sweeps.tiny import diverged, repeat

RIGHT = {1e-3: 6, 1e-2: 9, 1e-1: 8}  # of 10 validation rows, and of 10 test rows one fewer; 5 without a penalty


class Trainer:
    """Stands in for trainings, and counts them."""

    def __init__(self, broken: float | None = None) -> None:
        self.count, self.broken = 0, broken

    def __call__(
        self, spec: TrialSpec, seeds: Mapping[int, int], *, test: bool, threads: int | None
    ) -> Iterator[Repeat]:
        lambda_ = max((p.l2 for p in spec.penalties), default=0.0)
        right = RIGHT.get(lambda_, 5)
        for index, seed in seeds.items():
            self.count += 1
            rows, test_rows = (np.arange(10) < n for n in (right, right - 1))
            made = repeat(index, right / 10, rows=rows, test_rows=test_rows if test else None)
            yield Repeat(**vars(diverged(index) if lambda_ == self.broken else made) | {"seed": seed})


@pytest.fixture
def searched(database_url: str) -> Iterator[Sweep]:
    """A sweep of l2 alone, searched."""
    config = small(search={"regularizers": ["l2"], "strategy": "grid"})
    with register(config, database_url) as sweep:
        work(sweep, evaluate=Trainer())
        yield sweep


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    trainer = Trainer()
    monkeypatch.setattr(regsearch.trial, "evaluate", trainer)
    return trainer


def test_the_best_and_a_control_are_trained_on_fresh_seeds(searched: Sweep, trainer: Trainer) -> None:
    confirm(searched, repeats=4)
    repeats = searched.results.repeats("small", "confirm")
    assert repeats.groupby("lambda_l2")["repeat"].count().to_dict() == {0.0: 4, 1e-2: 4}
    assert sorted(set(repeats["seed"])) == sorted(repeat_seed(3, "confirm", i) for i in range(4))
    assert not {*repeats["seed"]} & {*searched.results.repeats("small", "search")["seed"]}
    assert repeats.groupby("lambda_l2")["test_score"].mean().to_dict() == pytest.approx({0.0: 0.4, 1e-2: 0.8})
    board = searched.results.leaderboard("small").set_index("lambda_l2")
    assert (board["stage"][0.0], board["n"][0.0]) == ("control", 3)  # the search had left it out
    assert trainer.count == 3 + 2 * 4


def test_comparisons_are_recorded_once_on_validation_and_test_rows(searched: Sweep, trainer: Trainer) -> None:
    confirm(searched, top=2)
    trained, table = trainer.count, searched.results.comparisons("small")
    lambdas = searched.results.leaderboard("small").set_index("configuration_id")["lambda_l2"]
    found = {(lambdas[row.configuration_id], row.part): row.difference for row in table.itertuples()}
    assert found == pytest.approx(
        {(1e-2, "validation"): 0.4, (1e-2, "test"): 0.4, (1e-1, "validation"): 0.3, (1e-1, "test"): 0.3}
    )
    assert {lambdas[i] for i in table["baseline_id"]} == {0.0}
    # A gain of 1 on 4 of 10 rows, whatever the seed: variance 4·6/10/9/10, and 1/10² for a row that was not seen.
    best = table[table["difference"] > 0.35]
    assert best["se_rows"].tolist() == pytest.approx(2 * [(24 / 900 + 1 / 100) ** 0.5])
    assert best["se_seed"].tolist() == pytest.approx([0, 0], abs=1e-15)

    confirm(searched, top=2)
    assert trainer.count == trained
    assert searched.results.comparisons("small").equals(table)


def test_a_confirmation_that_diverged_is_not_compared_on_test_rows(searched: Sweep, trainer: Trainer) -> None:
    trainer.broken = 1e-2
    confirm(searched)
    assert searched.results.comparisons("small")["part"].tolist() == ["validation"]


def test_without_test_rows_there_is_nothing_to_confirm_on(database_url: str) -> None:
    with register(small(), database_url) as sweep:
        sweep.records.add_checks(sweep.id, {"subsets": {"train": 30, "validation": 70, "test": 200}})
        refuse_without_test_rows(sweep)
    with register(small(name="bare"), database_url) as sweep:
        refuse_without_test_rows(sweep)  # made before subsets were counted
        sweep.records.add_checks(sweep.id, {"subsets": {"train": 30, "validation": 70}})
        with pytest.raises(InputError, match=r"data\.split: leaves no test rows, .* as in test = 0\.25"):
            refuse_without_test_rows(sweep)


def test_without_a_baseline_there_is_nothing_to_compare_with(searched: Sweep, trainer: Trainer) -> None:
    trainer.broken = 0.0
    with pytest.raises(RegsearchError, match="training without regularization diverged"):
        confirm(searched)


def test_an_unfinished_search_confirms_the_baseline_alone(database_url: str, trainer: Any) -> None:
    with register(small(), database_url) as sweep:
        confirm(sweep)
        assert set(sweep.results.repeats("small", "confirm")["regularizer"]) == {"none"}
        assert sweep.results.comparisons("small").empty


def test_looks_at_test_rows_are_counted_over_all_sweeps_that_have_the_same(database_url: str, trainer: Trainer) -> None:
    config, looks = {"regularizers": ["l2"], "strategy": "grid"}, {}
    for name, digest in (("one", "a"), ("two", "a"), ("other", "b"), ("before", "")):
        with register(small(name=name, search=config), database_url, {"test_digest": digest}) as sweep:
            work(sweep, evaluate=Trainer())
            confirm(sweep, top=2 if name == "one" else 1)
            looks[name] = load_snapshot(sweep.results, name).looks
    assert [(each.comparisons, each.sweeps) for each in looks.values()] == [(2, 1), (3, 2), (1, 1), (1, 1)]

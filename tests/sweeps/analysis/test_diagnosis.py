"""What a network needs: each finding from results made for it, and the interval of the gap by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from regsearch.results import Repeat
from sweeps.analysis.answer import answer
from sweeps.analysis.diagnosis import Diagnosis, diagnosis
from sweeps.analysis.diagnosis_sentence import describe_diagnosis
from sweeps.config import SweepConfig
from tests.sweeps.small import small
from tests.sweeps.tiny import NONE, Tiny, diverged, repeat, tied

FLAT = (0.7, 0.4, 0.21, 0.2, 0.2)
FALLING = (0.7, 0.6, 0.5, 0.4, 0.3)
JUMPING = (0.7, 0.2, 0.2, 0.2, 0.6)


def trained(index: int, train: float, rows: Sequence[float], losses: Sequence[float] = FLAT) -> Repeat:
    ones = [1.0] * len(losses)
    curve = {"epochs": [10, 20, 30, 40, 50], "train_loss": losses, "train_score": ones}
    curve |= {"validation_loss": losses, "validation_score": ones}
    return repeat(
        index, float(np.mean(rows)), train, rows=rows, curve=curve, norms={("hidden_1", "kernel"): (1.0, 2.0)}
    )


WEAK = {"regularizer": "l2", "lambda": 1e-1}


def right(count: int, of: int = 100) -> list[float]:
    return [float(i < count) for i in range(of)]


@pytest.fixture
def diagnosed(sweep: Any) -> Any:
    """Return a function that makes a sweep of {configuration: repeats} and diagnoses it."""

    def make(found: dict[Any, list[Repeat]], config: SweepConfig | None = None, **checks: Any) -> tuple[Any, str]:
        tiny: Tiny = sweep(config or small())
        tiny.records.add_checks(tiny.id, checks)
        for configuration, repeats in found.items():
            state = "diverged" if any(r.status == "diverged" for r in repeats) else "complete"
            tiny.add(configuration, *repeats, state=state)
        snapshot = tiny.snapshot()
        said = diagnosis(snapshot)
        return said, "" if said is None else describe_diagnosis(said, snapshot.config)

    return make


def test_a_gap_has_the_error_of_seeds_and_of_validation_rows(diagnosed: Any) -> None:
    rows = [right(80), right(84)]
    found, _ = diagnosed({NONE: [trained(i, 1.0, each) for i, each in enumerate(rows)]})
    # Gaps 0.20 and 0.16: their mean's variance over seeds is 0.02²; rows gain 0, 0.5 (4 of them) or 1 (16).
    by_row = 1 - np.mean(rows, axis=0)
    v_seed, v_rows = 0.0004, by_row.var(ddof=1) / 100 + 1 / 100**2
    assert found.gap == pytest.approx(0.18) and found.rows == 100
    reach = (found.interval.high - found.interval.low) / 2
    assert 1.96 * v_rows**0.5 < reach < 13 * (v_seed + v_rows) ** 0.5  # t of 1 degree of freedom at most
    assert (found.interval.low + found.interval.high) / 2 == pytest.approx(0.18)


def test_train_above_validation_overfits_and_names_what_lambdas_do(diagnosed: Any) -> None:
    found, said = diagnosed(
        {
            NONE: [trained(i, 1.0, right(85)) for i in range(3)],
            tied("l2", 1e-2): [trained(i, 0.97, right(90)) for i in range(3)],
            tied("l2", 1e-1): [trained(i, 0.9, right(88)) for i in range(3)],
        }
    )
    assert found.finding == "overfitting"
    assert said.startswith(
        "The network overfits without regularization: train accuracy 1.0000, validation 0.8500, a gap of +0.1500 "
        "(95 %, for this training set: +0.0"
    )
    assert said.endswith("With l2 1e-2 0.9700 and 0.9000, with l2 1e-1 0.9000 and 0.8800.")
    assert found.to_dict()["strongest"] == {"configuration": "l2 1e-1", "train": 0.9, "validation": pytest.approx(0.88)}


def test_a_range_that_ends_before_it_bites_is_said(diagnosed: Any) -> None:
    weak = {NONE: right(85), tied("l2", 1e-2): right(85), tied("l2", 1e-1): right(85)}
    _, said = diagnosed({c: [trained(i, 1.0, rows) for i in range(3)] for c, rows in weak.items()})
    assert said.endswith("Even 1e-1 leaves the train accuracy as it is: raise search.lambda.high.")


def test_one_configuration_has_no_range_to_widen(diagnosed: Any) -> None:
    alone = small(search={name: None for name in ("regularizers", "lambda")} | {"configuration": WEAK})
    _, said = diagnosed({c: [trained(i, 1.0, right(85)) for i in range(3)] for c in (NONE, tied("l2", 1e-1))}, alone)
    assert said.endswith("Even 1e-1 leaves the train accuracy as it is.")


def test_nothing_overfits(diagnosed: Any) -> None:
    found, said = diagnosed({NONE: [trained(i, 0.91, right(90)) for i in range(3)]}, constant_score=0.5)
    assert found.finding == "nothing overfits" and found.interval.low < 0 < found.interval.high
    assert said.startswith("Nothing overfits, as far as 100 validation rows can tell: train accuracy 0.9100")
    assert "There is little that a penalty could win." in said


@pytest.mark.parametrize(
    ("losses", "finding", "advice"),
    [
        (FALLING, "not converged", "still fell by 29 % in the last quarter of the epochs: raise training.epochs"),
        (JUMPING, "not settled", "lower training.learning_rate"),
    ],
)
def test_an_optimizer_that_is_not_done(losses: Any, finding: str, advice: str, diagnosed: Any) -> None:
    found, said = diagnosed({NONE: [trained(i, 0.91, right(90), losses) for i in range(3)]})
    assert found.finding == finding and advice in said  # from 0.425 at epoch 37.5 to 0.3


def test_no_better_than_a_constant_underfits(diagnosed: Any) -> None:
    found, said = diagnosed({NONE: [trained(i, 0.5, right(50)) for i in range(3)]}, constant_score=0.52)
    assert found.finding == "underfitting" and said.startswith("The network underfits: ")


def test_a_middling_penalty_that_costs_shows_underfitting(diagnosed: Any) -> None:
    found, _ = diagnosed(
        {
            NONE: [trained(i, 0.81, right(80)) for i in range(3)],
            tied("l2", 1e-2): [trained(i, 0.6, right(60)) for i in range(3)],
            tied("l2", 1e-1): [trained(i, 0.5, right(50)) for i in range(3)],
        },
        constant_score=0.4,
    )
    assert found.finding == "underfitting"


def test_one_repeat_has_no_interval(diagnosed: Any) -> None:
    found, said = diagnosed({NONE: [trained(0, 1.0, right(60))]})
    assert found.interval is None and found.finding == "nothing overfits"
    assert "a gap of +0.4000 (no interval: of one repeat, or too few rows)" in said


def test_a_loss_overfits_the_other_way_round(diagnosed: Any) -> None:
    rows = [0.5 + 0.01 * i for i in range(50)]
    config = small(evaluation={"metric": "log_loss"})
    found, said = diagnosed({NONE: [trained(i, 0.01, rows) for i in range(3)]}, config)
    assert found.finding == "overfitting" and found.gap == pytest.approx(np.mean(rows) - 0.01)
    assert "for this training set: at least +0." in said and found.to_dict()["interval"][1] is None


def test_trainings_that_diverged_are_said(diagnosed: Any) -> None:
    found, said = diagnosed({NONE: [diverged(0)], tied("l2", 1e-1): [trained(0, 0.9, right(88))]})
    assert found.finding == "diverged" and found.none is None
    assert "diverged" in said and "lower training.learning_rate" in said
    assert found.to_dict()["interval"] is None


def test_before_anything_is_trained_nothing_is_known(diagnosed: Any) -> None:
    assert diagnosed({tied("l2", 1e-1): [trained(0, 0.9, right(88))]}) == (None, "")


def test_it_is_in_the_answer(sweep: Any) -> None:
    tiny: Tiny = sweep(small())
    tiny.add(NONE, *(trained(i, 1.0, right(85)) for i in range(3)))
    found = answer(tiny.snapshot())
    assert isinstance(found.diagnosis, Diagnosis)
    assert found.to_dict()["diagnosis"]["finding"] == "overfitting"

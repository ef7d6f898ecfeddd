"""The answer, from results that were made up."""

from typing import Any

import pytest

from sweeps.analysis.answer import Against
from sweeps.analysis.candidates import CONTROL
from sweeps.analysis.export import to_json, to_python, to_toml


def test_a_control_is_compared_with_but_never_chosen(made: Any) -> None:
    found = made({"none": (CONTROL, [99, 99], [50, 50]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])})
    assert str(found.winner.configuration) == "l2 1e-2"
    assert found.against is not None and found.against.baseline.stage == CONTROL


def test_norms_stand_side_by_side(made: Any) -> None:
    found = made({"none": ("coarse", [90], []), ("l2", 1e-2): ("coarse", [92], [])})
    (norm,) = found.norms
    assert (norm.before, norm.without, norm.with_) == (2.0, len("none"), len(str(("l2", 1e-2))))


def test_it_is_exported_with_its_uncertainty(made: Any) -> None:
    found = made({"none": ("coarse", [90, 91], [50, 51]), ("l2", 1e-2): ("coarse", [92, 93], [80, 82])})
    plain = found.to_dict()
    assert plain["regularizer"] == "l2" and plain["lambda"] == 0.01 and plain["n"] == 2
    assert plain["mean"] == pytest.approx(0.925) and plain["se"] == pytest.approx(plain["std"] / 2**0.5)
    assert plain["se_total"] == pytest.approx((plain["se"] ** 2 + plain["se_rows"] ** 2) ** 0.5)
    assert plain["against_none"]["test"]["separated"] is True
    test = plain["against_none"]["test"]
    assert (test["part"], test["finding"], test["scope"]) == ("test", "better", "for this training set")
    assert test["interval"][0] < test["difference"] < test["interval"][1] and test["p_value"] < 0.01
    assert plain["not_separable"] == ["l2 1e-2", "no regularization"]  # two of a hundred rows
    assert "keras.regularizers.L1L2(l1=0.0, l2=0.01)  # as kernel_regularizer" in to_python(found)


def test_where_no_regularization_wins_the_best_penalty_is_held_against_it(made: Any) -> None:
    regularized = {("l2", 1e-2): ("coarse", [92], [70]), ("l2", 1e-1): ("coarse", [9], [])}
    found = made({"none": ("coarse", [95], [90]), **regularized})
    assert found.winner.configuration.regularizer == "none"
    assert isinstance(found.against, Against) and str(found.against.contender.configuration) == "l2 1e-2"
    assert found.against.test.comparison.difference == pytest.approx(-0.2)
    assert to_json(found).count("null") and "lambda =" not in to_toml(found).partition("[against_none]")[0]
    assert "regularizer = None" in to_python(found)


def test_the_best_decade_is_of_the_first_stage_and_the_winner_of_all(made: Any) -> None:
    coarse = {("l2", 1e-2): ("coarse", [92], []), ("l2", 1e-3): ("coarse", [90], [])}
    found = made({**coarse, ("l2", 2e-2): ("fine", [95], [])})
    assert (found.best_decade.lambda_, found.winner.lambda_, found.against) == (1e-2, 2e-2, None)
    assert [len(stage) for stage in (found.coarse, found.fine, found.published)] == [2, 1, 0]


def test_what_the_winners_gain_owes_to_its_choice(made: Any) -> None:
    """Chosen at 92 against 90; with fresh seeds 0 and 0 of 100 validation rows, 80 and 70 of the test rows."""
    found = made({"none": ("coarse", [90, 90], [70, 70]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])})
    optimism = found.against.optimism
    assert (optimism.chosen, optimism.fresh_seeds, optimism.confirmed) == pytest.approx((0.02, 0.0, 0.1))


def test_all_that_is_recorded_as_confirmed_is_claimed_together(made: Any) -> None:
    others = {("l2", 1e-1): ("coarse", [91, 91], [75, 75])}
    found = made({"none": ("coarse", [90, 90], [70, 70]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80]), **others})
    assert [str(c.configuration) for c, _ in found.against.confirmed] == ["l2 1e-2", "l2 1e-1"]
    # A gain of 10 of 100 rows: se √(0.1·0.9/99 + 1/100²) = 0.0318, t_99 = 3.148, p = 0.0022; of two claims twice that.
    assert found.against.test.claim.p_value == pytest.approx(0.00435, abs=1e-5)

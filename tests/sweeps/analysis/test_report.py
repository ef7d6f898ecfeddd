"""What the answer says: from results that were made up, so that every verdict can be seen."""

import io
from dataclasses import replace
from typing import Any

from rich.console import Console

from sweeps.analysis.answer import Answer
from sweeps.analysis.candidates import CONTROL
from sweeps.analysis.report import describe_best_decade, describe_limits, describe_no_winner, show
from tests.sweeps.small import small


def text(found: Answer, **options: Any) -> str:
    screen = io.StringIO()
    show(found, console=Console(file=screen, width=100), **options)
    return " ".join(screen.getvalue().split())


def test_rows_that_cannot_separate_and_test_rows_that_can(made: Any) -> None:
    found = made({"none": ("coarse", [90, 90], [50, 50]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])})
    said = text(found, written=["somewhere"])
    # Two rows of 100 differ by one: 0.02·0.98/99 = 0.000198 and 1/100² for a row not seen: se 0.0173, t_99 1.984.
    assert "On the 100 validation rows: +0.0200 accuracy, 2.0 of 100 rows (95 %: -0.0143 to +0.0543)." in said
    assert "Standard errors: ±0.0000 by the seeds, ±0.0173 by which rows these are." in said
    # 100·(2.8016·0.01726/0.02)² = 585.
    assert "Not shown: these rows cannot separate the two. About 580 validation rows would show a gain of" in said
    # 30 of 100: 0.3·0.7/99 + 1/100² = 0.00222, se 0.0471; 1.984 of them are 0.0935.
    assert "On the 100 test rows: +0.3000 accuracy, 30.0 of 100 rows (95 %: +0.2065 to +0.3935)." in said
    assert "l2 1e-2 beats no regularization, for this training set (95 %)." in said
    assert "Test accuracy ± std: 0.8000 ± 0.0000 with, 0.5000 ± 0.0000 without (n=2 fresh seeds)." in said
    assert "Gain in accuracy when chosen +0.0200, with fresh seeds on the same rows +0.0000, on test" in said
    assert said.endswith("Written: somewhere")


def test_a_winner_that_loses_on_test_rows_is_said_to_lose(made: Any) -> None:
    said = text(made({"none": ("coarse", [90, 90], [80, 80]), ("l2", 1e-2): ("coarse", [92, 92], [50, 50])}))
    assert "l2 1e-2 loses to no regularization, for this training set" in said


def test_where_repeats_draw_their_own_rows_nothing_is_said_of_one_training_set(made: Any) -> None:
    config = small(data={"split": {"validation": 0.3, "test": 0.3}})
    said = text(made({"none": ("coarse", [9, 9], [5, 5]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])}, config))
    assert "l2 1e-2 beats no regularization, for networks trained on a part of these rows (95 %)." in said
    assert "On the 100 validation rows: +0.8300 accuracy (95 %:" in said  # repeats have rows of their own
    assert "On the 100 test rows: +0.7500 accuracy, 75.0 of 100 rows (95 %:" in said


def test_before_a_confirmation_it_says_so(made: Any) -> None:
    said = text(made({"none": ("coarse", [90], []), ("l2", 1e-2): ("coarse", [92], [])}))
    assert "Not confirmed on test data yet: `regsearch confirm small`." in said


def test_no_regularization_can_win(made: Any) -> None:
    found = made({"none": ("coarse", [95, 95], [90, 90]), ("l2", 1e-2): ("coarse", [92, 92], [90, 90])})
    said = text(found)
    assert "Winner: no regularization: mean validation accuracy 0.9500" in said
    assert "so there is no fine grid" in said
    assert "They do equally well on these rows." in said  # the best penalty against none, on the test part


def test_ties_are_explained(made: Any) -> None:
    found = made({("l2", 1e-2): ("coarse", [92], []), ("l2", 1e-3): ("coarse", [92], []), "none": ("coarse", [9], [])})
    assert describe_best_decade(found) == (
        "Best order of magnitude: l2 1e-2, because its mean validation accuracy is the highest (0.9200), "
        "as that of l2 1e-3; ties go to the larger lambda, then to l2 before l1 before l1_l2."
    )


def test_the_fine_stage_says_what_it_looked_into(made: Any) -> None:
    coarse = {("l2", 1e-2): ("coarse", [92], []), ("l1", 1e-2): ("coarse", [91], [])}
    one = made(coarse | {("l2", 2e-2): ("fine", [90], []), ("l2", 3e-3): ("fine", [90], [])})
    assert "Inside it: 2 values of l2 from 3e-3 to 2e-2." in text(one)
    both = made(coarse | {("l2", 2e-2): ("fine", [90], []), ("l1", 2e-2): ("fine", [90], [])})
    assert "Inside the best orders: 3 settings of l2, l1 from 3e-3 to 2e-2." in text(both)  # the first two are there


def test_a_control_is_in_no_table(made: Any) -> None:
    found = made({"none": (CONTROL, [99, 99], [50, 50]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])})
    assert "none" not in text(found).partition("Winner")[0]


def test_one_repeat_makes_no_claim(made: Any) -> None:
    said = text(made({"none": ("coarse", [90], [50]), ("l2", 1e-2): ("coarse", [92], [80])}))
    assert "On the 100 test rows: +0.3000 accuracy, 30.0 of 100 rows. Standard errors: ±? by the seeds" in said
    assert "No claim: of one repeat, what another seed would change is unknown." in said
    assert "beats" not in said and "n=1" in said and "std, n=1" not in said


def test_none_that_cannot_be_told_from_the_winner_is_said_first(made: Any) -> None:
    two = {("l2", 1e-2): ("coarse", [92, 92], []), ("l2", 1e-3): ("coarse", [91, 91], [])}
    said = text(made({"none": ("coarse", [90, 90], []), ("l1", 1e-1): ("coarse", [20, 20], []), **two}))
    first = "No regularization cannot be told from the winner on the validation rows. Winner: l2 1e-2"
    assert first in said
    assert (
        "Not separable from it on the validation rows: 2 of 3 others, no regularization among them; "
        "the strongest penalty is l2 1e-2, the simplest no regularization." in said
    )


def test_a_winner_that_all_can_be_told_from(made: Any) -> None:
    said = text(made({"none": ("coarse", [50, 50], []), ("l2", 1e-2): ("coarse", [92, 92], [])}))
    assert "Not separable" not in said and "cannot be told" not in said


def test_several_that_were_confirmed_are_claimed_together(made: Any) -> None:
    two = {("l2", 1e-2): ("coarse", [92, 92], [80, 80]), ("l2", 1e-3): ("coarse", [91, 91], [49, 49])}
    said = text(made({"none": ("coarse", [90, 90], [50, 50]), **two}))
    assert "Confirmed; all 2 claims against no regularization together hold at 95 %:" in said
    assert "Comparisons recorded on these test rows so far: 2; each makes it likelier" in said
    assert "l2 1e-2 +0.3000 +0.2065 to +0.3935 beats l2 1e-3 -0.0100" in said and "not shown to differ" in said


def test_few_rows_of_a_fragile_metric_are_said(made: Any) -> None:
    config = small(evaluation={"metric": "auc", "repeats": 2})
    said = text(made({"none": ("coarse", [90, 90], []), ("l2", 1e-2): ("coarse", [20, 20], [])}, config))
    assert "few rows decide auc: with fewer than 300, as here, intervals are rough." in said


def test_the_strongest_that_is_the_simplest_too_is_named_once(made: Any) -> None:
    two = {("l2", 1e-2): ("coarse", [92, 92], []), ("l2", 1e-1): ("coarse", [91, 91], [])}
    said = text(made({"none": ("coarse", [50, 50], []), **two}))
    assert "1 of 2 others; the strongest penalty is l2 1e-1, and the simplest." in said


def test_equal_scores_are_told_and_no_edge_is(made: Any) -> None:
    found = made({"none": ("coarse", [50, 50], []), ("l2", 1e-2): ("coarse", [50, 50], [])})
    assert describe_limits(found)[0].startswith("Warning: all 2 configurations have the same mean validation accuracy,")
    lost = describe_no_winner(replace(found, constant_score=0.6))
    assert lost.startswith("No winner: all 2 configurations") and "edge" not in " ".join(describe_limits(found))


def test_a_metric_of_the_users_own_may_go_the_other_way(made: Any) -> None:
    config = small().model_copy(update={"evaluation": small().evaluation.model_copy(update={"metric": "m.py:up"})})
    found = made({"none": ("coarse", [50, 50], []), ("l2", 1e-2): ("coarse", [40, 40], [])})
    lost = describe_no_winner(replace(found, config=config, constant_score=0.6))
    assert lost.endswith("Or else less of m.py:up is better: set evaluation.greater_is_better.")

"""What the answer says: from results that were made up, so that every verdict can be seen."""

import io
from typing import Any

from rich.console import Console

from sweeps.analysis.answer import Answer
from sweeps.analysis.candidates import CONTROL
from sweeps.analysis.report import describe_best_decade, show
from tests.sweeps.small import small


def text(found: Answer, **options: Any) -> str:
    screen = io.StringIO()
    show(found, console=Console(file=screen, width=100), **options)
    return " ".join(screen.getvalue().split())


def test_rows_that_cannot_separate_and_test_rows_that_can(made: Any) -> None:
    found = made({"none": ("coarse", [90, 90], [50, 50]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])})
    said = text(found, written=["somewhere"])
    # Two rows of 100 differ by one: difference 0.02, sd √(0.02·0.98·100/99) = 0.1407, se 0.0141.
    assert "On the 100 validation rows: +0.0200 accuracy, 2.0 of 100 rows (±0.0000 by the seeds, ±0.0141 by" in said
    assert "Within the uncertainty (95 %: ±0.0276): these rows cannot separate the two." in said
    # 30 of 100: sd √(0.3·0.7·100/99) = 0.4606, se 0.0461; 1.96 of them are 0.0903.
    assert "l2 1e-2 beats no regularization, for this training set (95 %: ±0.0903)." in said
    assert "Test accuracy: 0.8000 ± 0.0000 with, 0.5000 ± 0.0000 without (n=2 fresh seeds)." in said
    assert said.endswith("Written: somewhere")


def test_a_winner_that_loses_on_test_rows_is_said_to_lose(made: Any) -> None:
    said = text(made({"none": ("coarse", [90, 90], [80, 80]), ("l2", 1e-2): ("coarse", [92, 92], [50, 50])}))
    assert "l2 1e-2 loses to no regularization, for this training set" in said


def test_where_repeats_draw_their_own_rows_nothing_is_said_of_one_training_set(made: Any) -> None:
    config = small(data={"split": {"validation": 0.3, "test": 0.3}})
    said = text(made({"none": ("coarse", [9, 9], [5, 5]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])}, config))
    assert "l2 1e-2 beats no regularization (95 %" in said
    assert "On the 100 validation rows: +0.8300 accuracy (" in said  # each repeat has rows of its own: none to count
    assert "On the 100 test rows: +0.7500 accuracy, 75.0 of 100 rows (" in said


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

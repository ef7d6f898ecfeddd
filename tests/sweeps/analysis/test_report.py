"""What the answer says in words: from results that were made up, so that every verdict can be seen."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import storage
from regsearch.results import Comparison, Repeat, RowScores, Scores, WeightNorm
from regsearch.spec import Configuration, Target
from sweeps.analysis.answer import Answer, answer
from sweeps.analysis.export import to_json, to_python, to_toml
from sweeps.analysis.report import describe_best_decade, show
from sweeps.analysis.selection import CONTROL
from sweeps.config import SweepConfig
from tests.sweeps.small import small

ROWS = 100


def repeat(index: int, right: int, test: int | None = None, norm: float = 1.0) -> Repeat:
    """A repeat that gets the first `right` of 100 validation rows right, and `test` of 100 test rows."""

    def rows(count: int) -> RowScores:
        return RowScores(rows=np.arange(ROWS, dtype=np.uint32), scores=(np.arange(ROWS) < count).astype(np.float32))

    return Repeat(
        repeat=index,
        seed=index,
        status="ok",
        epochs=60,
        seconds=0.1,
        train=Scores(score=1.0, loss=0.1),
        validation=Scores(score=right / ROWS, loss=0.2),
        validation_rows=rows(right),
        test=None if test is None else Scores(score=test / ROWS, loss=0.2),
        test_rows=None if test is None else rows(test),
        weight_norms=(
            WeightNorm(
                layer="hidden_1",
                weight="kernel",
                unit=0,
                kinds=("Dense",),
                l1_before=1,
                l2_before=2,
                l1_after=1,
                l2_after=norm,
            ),
        ),
    )


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """Write configurations with their scores, and return the sweep's answer."""
    url = f"sqlite:///{tmp_path}/a.db"
    engine = storage.connect(url, write=True)
    storage.upgrade(engine)
    records = storage.Records(engine)

    def make(found: dict[Any, tuple[str, list[int], list[int]]], config: SweepConfig | None = None) -> Answer:
        config = config or small()
        sweep = records.register_sweep(name="small", config=config.to_dict(), config_hash="x", versions={})
        for what, (stage, scores, test) in found.items():
            c = Configuration() if what == "none" else Configuration.tied(*what, Target())
            key = config.trial_spec(c).key()
            configuration = records.register_configuration(sweep, c, key=key, stage=stage)
            for i, right in enumerate(scores):
                records.add_repeat(configuration, "search", repeat(i, right, norm=len(str(what))), "w")
            for i, right in enumerate(test):
                records.add_repeat(configuration, "confirm", repeat(i, 0, right), "w")
            records.set_state(configuration, "complete")
        with storage.open(url) as results:
            return answer(results, "small", config)

    yield make
    engine.dispose()


def text(found: Answer, **options: Any) -> str:
    screen = io.StringIO()
    show(found, console=Console(file=screen, width=100), **options)
    return " ".join(screen.getvalue().split())


def test_rows_that_cannot_separate_and_test_rows_that_can(made: Any) -> None:
    found = made({"none": ("coarse", [90, 90], [50, 50]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])})
    said = text(found, written=["somewhere"])
    # Two rows of 100 differ by one: difference 0.02, sd √(0.02·0.98·100/99) = 0.1407, se 0.0141.
    assert "On the 100 validation rows: +0.0200 accuracy, 2.0 of 100 rows (±0.0000 by the seeds, ±0.0141 by" in said
    assert "Chance alone goes that far (95 %: ±0.0276): these rows cannot separate the two." in said
    # 30 of 100: sd √(0.3·0.7·100/99) = 0.4606, se 0.0461; 1.96 of them are 0.0903.
    assert "l2 1e-2 beats no regularization, for this training set (95 %: ±0.0903)." in said
    assert "Test accuracy: 0.8000 ± 0.0000 with, 0.5000 ± 0.0000 without (n=2 fresh seeds)." in said
    assert said.endswith("Written: somewhere")


def test_a_winner_that_loses_on_the_test_part_is_said_to_lose(made: Any) -> None:
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
    assert to_json(found).count("null") and "lambda =" not in to_toml(found).partition("[against_none]")[0]
    assert "regularizer = None" in to_python(found)


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


def test_a_control_is_compared_with_but_never_chosen(made: Any) -> None:
    found = made({"none": (CONTROL, [99, 99], [50, 50]), ("l2", 1e-2): ("coarse", [92, 92], [80, 80])})
    assert str(found.winner.configuration) == "l2 1e-2"
    assert found.against is not None and found.against.baseline.stage == CONTROL
    assert "none" not in text(found).partition("Winner")[0]


def test_norms_stand_side_by_side(made: Any) -> None:
    found = made({"none": ("coarse", [90], []), ("l2", 1e-2): ("coarse", [92], [])})
    (norm,) = found.norms
    assert (norm.before, norm.without, norm.with_) == (2.0, len("none"), len(str(("l2", 1e-2))))


def test_exports_hold_the_winner_and_run(made: Any) -> None:
    found = made({"none": ("coarse", [90, 91], [50]), ("l2", 1e-2): ("coarse", [92, 93], [80])})
    plain = found.to_dict()
    assert plain["regularizer"] == "l2" and plain["lambda"] == 0.01 and plain["n"] == 2
    assert plain["mean"] == pytest.approx(0.925) and plain["se"] == pytest.approx(plain["std"] / 2**0.5)
    assert plain["se_total"] == pytest.approx((plain["se"] ** 2 + plain["se_rows"] ** 2) ** 0.5)
    assert plain["against_none"]["test"]["separated"] is True
    assert "keras.regularizers.L1L2(l1=0.0, l2=0.01)  # as kernel_regularizer" in to_python(found)


def test_a_comparison_that_was_recorded_is_the_one_that_is_shown(made: Any, tmp_path: Path) -> None:
    found = made({"none": ("coarse", [90], []), ("l2", 1e-2): ("coarse", [92], [])})
    engine = storage.connect(f"sqlite:///{tmp_path}/a.db", write=True)
    told = Comparison(part="validation", repeats=1, rows=100, difference=0.5, se_seed=None, se_rows=0.1, se=0.1)
    storage.Records(engine).add_comparison(1, found.winner.id, found.against.baseline.id, told)
    engine.dispose()
    with storage.open(f"sqlite:///{tmp_path}/a.db") as results:
        again = answer(results, "small", small())
    assert again.against is not None and again.against.validation == told

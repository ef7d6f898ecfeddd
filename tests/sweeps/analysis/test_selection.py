"""Choosing, on rows in a database; nothing is trained."""

from itertools import permutations

import numpy as np
import pytest

from regsearch.errors import RegsearchError
from regsearch.results import Comparison, Repeat, RowScores, Scores
from regsearch.spec import Configuration, Target
from storage.database import connect
from storage.queries import Results
from storage.records import Records
from storage.schema import upgrade
from sweeps.analysis.selection import (
    CONTROL,
    Candidate,
    Doubt,
    best_of,
    by_stage,
    candidates,
    choose,
    compare_candidates,
    doubt_of,
    finished,
    separates,
    strongest_within_one_se,
)
from sweeps.config.toml_file import parse

HIDDEN, OUTPUT = Target(), Target(layers="output")
ACCURACY = parse({"name": "s", "data": {"source": "moons"}})
LOG_LOSS = parse({"name": "s", "data": {"source": "moons"}, "evaluation": {"metric": "log_loss"}})


def candidate(regularizer="l2", value=1e-3, mean=0.9, *, target=HIDDEN, stage="coarse", se=0.01):
    configuration = Configuration.tied(regularizer, value, target)
    return Candidate(
        id=0, configuration=configuration, stage=stage, n=10, mean=mean, std=None, se=se, train_mean=1.0, train_std=None
    )


class Database:
    """A sweep's rows, written as a worker writes them."""

    def __init__(self, path):
        url = f"sqlite:///{path / 'sweep.db'}"
        engine = connect(url, write=True)
        upgrade(engine)
        self.records, self.results = Records(engine), Results(connect(url, write=False))
        self.sweep_id = self.records.register_sweep(name="s", config={}, config_hash="h", versions={})

    def add(self, configuration, scores, *, stage="coarse", state="complete", status="ok", purpose="search"):
        """`scores` is (repeats, rows) of row scores on the validation part."""
        key = f"{configuration} {configuration.target}"
        found = self.records.register_configuration(self.sweep_id, configuration, key=key, stage=stage)
        for i, rows in enumerate(np.asarray(scores, np.float32)):
            mean = Scores(score=float(rows.mean()), loss=0.0)
            kept = RowScores(rows=np.arange(len(rows), dtype=np.uint32), scores=rows)
            good = {"train": mean, "validation": mean, "validation_rows": kept} if status == "ok" else {}
            repeat = Repeat(repeat=i, seed=i, status=status, epochs=1, seconds=0.1, **good)
            self.records.add_repeat(found, purpose, repeat, "host:1")
        self.records.set_state(found, state)
        return found

    def close(self):
        self.records.engine.dispose()
        self.results.close()


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path)
    yield opened
    opened.close()


def l2(value):
    return Configuration.tied("l2", value, HIDDEN)


def test_more_or_less_is_better():
    low, high = candidate(value=1e-2, mean=0.1), candidate(value=1e-4, mean=0.2)
    assert best_of([low, high], greater_is_better=True) is high
    assert best_of([low, high], greater_is_better=False) is low
    assert best_of([], greater_is_better=True) is None


@pytest.mark.parametrize("greater_is_better", [True, False])
def test_ties_go_to_the_larger_lambda_then_l2_then_l1_then_l1_l2_then_none(greater_is_better):
    order = [
        candidate("l1", 1e-2),
        candidate("l2", 1e-3),
        candidate("l1", 1e-3),
        candidate("l1_l2", 1e-3),
        candidate("l2", 1e-4),
        candidate("none", 0),
    ]
    for first in range(len(order)):
        left = order[first:]
        for shuffled in list(permutations(left))[:: max(1, len(left) ** 2)]:
            assert best_of(shuffled, greater_is_better=greater_is_better) is left[0]


def test_scores_apart_by_rounding_alone_are_a_tie():
    """0.1 + 0.2 is not 0.3 in binary; 1e-9 more is a difference."""
    weak, strong = candidate(value=1e-4, mean=0.1 + 0.2), candidate(value=1e-2, mean=0.3)
    assert best_of([weak, strong], greater_is_better=True) is strong
    better = candidate(value=1e-4, mean=0.3 + 1e-9)
    assert best_of([better, strong], greater_is_better=True) is better
    zero, tiny = candidate(value=1e-4, mean=0.0), candidate(value=1e-2, mean=-1e-9)
    assert best_of([zero, tiny], greater_is_better=True) is zero


def test_one_se_takes_the_largest_lambda_within_one_standard_error():
    """Best 0.90 with se 0.02: 0.88 is within, 0.879 is not."""
    best, near = candidate(value=1e-4, mean=0.90), candidate(value=1e-3, mean=0.88)
    far = candidate(value=1e-2, mean=0.879)
    doubt = Doubt(se_seed=None, se_rows=0.02, se=0.02)
    found = [best, far, near, candidate(value=1e-5, mean=0.89)]
    assert strongest_within_one_se(best, found, doubt, greater_is_better=True) is near
    loss = [candidate(value=1e-4, mean=0.10), candidate(value=1e-3, mean=0.119), candidate(value=1e-2, mean=0.121)]
    assert strongest_within_one_se(loss[0], loss, doubt, greater_is_better=False) is loss[1]


def test_one_se_keeps_the_regularizer_and_the_target():
    best = candidate("l2", 1e-4)
    others = [candidate("l1", 1e-2), candidate("l2", 1e-2, target=OUTPUT)]
    doubt = Doubt(se_seed=1.0, se_rows=1.0, se=1.0)
    assert strongest_within_one_se(best, [best, *others], doubt, greater_is_better=True) is best


def test_one_se_of_an_unknown_doubt_is_the_best():
    best, worse = candidate(value=1e-4, mean=0.9), candidate(value=1e-2, mean=0.899)
    doubt = Doubt(se_seed=None, se_rows=None, se=None)
    assert strongest_within_one_se(best, [best, worse], doubt, greater_is_better=True) is best


def test_only_complete_configurations_of_the_search_are_chosen_from(database):
    kept = database.add(l2(1e-3), [[1, 0], [1, 0]])
    control = database.add(Configuration(), [[1, 1], [1, 1]], stage=CONTROL)
    database.add(l2(1e-1), [[1, 1]], state="diverged", status="diverged")
    database.add(l2(1e-2), [[1, 1], [1, 1]], state="open")
    database.add(l2(1e-5), [[1, 1], [1, 1]], state="failed")
    assert [c.id for c in candidates(database.results, "s")] == [kept]
    assert {c.id for c in finished(database.results, "s")} == {kept, control}
    (found,) = candidates(database.results, "s")
    assert (found.configuration, found.stage, found.n, found.mean) == (l2(1e-3), "coarse", 2, 0.5)
    assert (found.std, found.se, found.lambda_) == (0.0, 0.0, 1e-3)


def test_repeats_of_a_confirmation_take_no_part_in_choosing(database):
    a, b = l2(1e-3), l2(1e-2)
    database.add(a, [[1, 1], [1, 0]])
    database.add(b, [[1, 0], [1, 0]])
    database.add(b, [[1, 1], [1, 1]], purpose="confirm")
    assert choose(database.results, "s", ACCURACY).configuration == a
    assert choose(database.results, "s", LOG_LOSS).configuration == b


def test_nothing_to_choose_from(database):
    with pytest.raises(RegsearchError, match="no configuration of sweep 's' is finished yet"):
        choose(database.results, "s", ACCURACY)


def test_doubt_by_hand(database):
    """Rows [[1, 1, 0, 0], [1, 0, 0, 0]].

    Means of repeats 1/2 and 1/4: sd = 0.25/√2, se_seed = 0.25/2. Means of rows 1, 1/2, 0, 0: mean 3/8, squares of
    deviations 25/64 + 1/64 + 9/64 + 9/64 = 44/64, sd = √(44/192), se_rows = sd/2.
    """
    database.add(l2(1e-3), [[1, 1, 0, 0], [1, 0, 0, 0]])
    (found,) = candidates(database.results, "s")
    doubt = doubt_of(database.results, found)
    assert doubt.se_seed == pytest.approx(0.125)
    assert doubt.se_rows == pytest.approx((44 / 192) ** 0.5 / 2)
    assert doubt.se == pytest.approx((0.125**2 + 44 / 192 / 4) ** 0.5)


def test_doubt_of_a_single_repeat_is_about_rows_alone(database):
    database.add(l2(1e-3), [[1, 1, 0, 0]])
    (found,) = candidates(database.results, "s")
    doubt = doubt_of(database.results, found)
    assert doubt.se_seed is None
    assert doubt.se == doubt.se_rows == pytest.approx((1 / 3) ** 0.5 / 2)  # sd of two 1 and two 0 is √(1/3)


def test_choosing_by_each_rule(database):
    """70 rows as in the case study: 66 right is 0.943, 65 is 0.929; one row is 0.014, se_rows about 0.028."""

    def right(n):
        return [[1] * n + [0] * (70 - n)] * 2

    database.add(l2(1e-3), right(66))
    database.add(l2(1e-2), right(65))
    database.add(l2(1e-1), right(58))
    database.add(Configuration.tied("l1", 1e-1, HIDDEN), right(66 - 1))
    assert choose(database.results, "s", ACCURACY, "mean").configuration == l2(1e-3)
    assert choose(database.results, "s", ACCURACY, "one-se").configuration == l2(1e-2)


def test_two_of_seventy_rows_separate_nothing_though_seeds_agree(database):
    """Gains of 1 on 2 of 70 rows: difference 2/70, sd √(2·68/70/69), se_rows = sd/√70 = 0.0200: 1.4 of it."""
    a = database.add(l2(1e-3), [[1] * 66 + [0] * 4] * 3)
    b = database.add(Configuration(), [[1] * 64 + [0] * 6] * 3)
    found = compare_candidates(database.results, a, b, purpose="search", part="validation")
    assert found.difference == pytest.approx(2 / 70)
    assert found.se_seed == pytest.approx(0.0, abs=1e-15)
    assert found.se_rows == pytest.approx((2 * 68 / 70 / 69) ** 0.5 / 70**0.5)
    assert not separates(found)


@pytest.mark.parametrize(
    ("difference", "se", "told_apart"),
    [(0.0197, 0.01, True), (-0.0197, 0.01, True), (0.0195, 0.01, False), (1.0, None, False), (0.0, 0.0, False)],
)
def test_separated_at_95_percent(difference, se, told_apart):
    comparison = Comparison(part="test", repeats=3, rows=3, difference=difference, se_seed=se, se_rows=None, se=se)
    assert separates(comparison) is told_apart


def test_stages_are_sorted_for_reading():
    none, a, b = candidate("none", 0), candidate("l2", 1e-2), candidate("l2", 1e-3)
    one, fine = candidate("l1", 1e-1), candidate(value=2e-3, stage="fine")
    finer = candidate(value=1.1e-3, stage="fine-2")
    published = candidate("l2", 5e-4, stage="literature")
    stages = by_stage([finer, b, one, published, fine, none, a])
    assert stages.coarse == (none, a, b, one)
    assert stages.finer == (fine, finer)
    assert stages.published == (published,)

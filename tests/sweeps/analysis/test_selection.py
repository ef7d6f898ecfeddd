"""Choosing, on snapshots of made-up rows; nothing is trained."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from regsearch.errors import InputError, RegsearchError
from sweeps.analysis.selection import best_on_each_schedule, best_regularized, choose, not_separable, uncertainty_of
from sweeps.runtime.sweep import open_sweep
from sweeps.runtime.worker import work
from tests.sweeps.tiny import NONE, OUTPUT, config, repeat, scheduled, tied

LOG_LOSS = {"metric": "log_loss"}
REGRESSION = {"source": "diabetes"}


def add(tiny, configuration, *repeats, **how):
    """Each repeat is given by its validation rows' scores."""
    return tiny.add(configuration, *(repeat(i, sum(r) / len(r), rows=r) for i, r in enumerate(repeats)), **how)


def right(n):
    return [[1] * n + [0] * (70 - n)] * 2


def test_choosing_by_each_rule(sweep):
    """70 rows as in the case study: 66 right is 0.943, 65 is 0.929; one row is 0.014, se_rows about 0.028."""
    tiny = sweep(config())
    for configuration, n in ((tied("l2", 1e-3), 66), (tied("l2", 1e-2), 65), (tied("l2", 1e-1), 58)):
        add(tiny, configuration, *right(n))
    add(tiny, tied("l1", 1e-1), *right(65))
    snapshot = tiny.snapshot()
    assert choose(snapshot).configuration == choose(snapshot, "mean").configuration == tied("l2", 1e-3)
    assert choose(snapshot, "one-se").configuration == tied("l2", 1e-2)


def by_rows(*means):
    """Scores of two repeats on ten rows each; those of one configuration differ by ±0.02 from row to row."""
    return [[mean + 0.02 * (-1) ** row for row in range(10)] for mean in means]


def test_one_se_takes_the_largest_lambda_within_one_standard_error(sweep):
    """Differences from the best in two repeats: 0 and 0.2, mean 0.1, se 0.1, and 0.21 and 0.23, mean 0.22, se 0.01."""
    tiny = sweep(config(evaluation={"metric": "brier"}))
    add(tiny, tied("l2", 1e-4), *by_rows(0.1, 0.1))
    add(tiny, tied("l2", 1e-2), *by_rows(0.31, 0.33))
    add(tiny, tied("l2", 1e-3), *by_rows(0.1, 0.3))
    add(tiny, tied("l2", 1e-5), *by_rows(0.11, 0.11))
    snapshot = tiny.snapshot()
    assert choose(snapshot).configuration == tied("l2", 1e-4)
    assert choose(snapshot, "one-se").configuration == tied("l2", 1e-3)


def test_one_se_looks_at_the_difference_and_not_at_what_both_share(sweep):
    """Rows are easy or hard for both: an unpaired error of 0.16 would let 0.1 pass."""
    tiny = sweep(config(evaluation={"metric": "mse"}, data=REGRESSION))
    for value, mean in ((1e-4, 0.0), (1e-2, 0.1)):
        add(tiny, tied("l2", value), *([mean + row % 2 + 1e-3 * row * mean for row in range(10)] for _ in range(2)))
    assert choose(tiny.snapshot(), "one-se").configuration == tied("l2", 1e-4)


def test_one_se_keeps_the_family(sweep):
    tiny = sweep(config(search={"targets": [{"layers": "hidden"}, {"layers": "output"}]}))
    add(tiny, tied("l2", 1e-4), *right(60))
    for other in (tied("l1", 1e-2), tied("l2", 1e-2, OUTPUT)):
        add(tiny, other, *right(59))
    assert choose(tiny.snapshot(), "one-se").configuration == tied("l2", 1e-4)


def test_one_se_of_an_unknown_uncertainty_is_the_best(sweep):
    tiny = sweep(config())
    tiny.add(tied("l2", 1e-4), repeat(0, 0.9))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.899))
    assert choose(tiny.snapshot(), "one-se").configuration == tied("l2", 1e-4)


def test_what_cannot_be_told_from_the_winner(sweep):
    """Of 70 rows the winner gets 60 right: one fewer is not separable, thirty fewer are."""
    tiny = sweep(config())
    for configuration, n in ((tied("l2", 1e-3), 60), (NONE, 59), (tied("l1", 1e-1), 30)):
        add(tiny, configuration, *right(n))
    snapshot = tiny.snapshot()
    found = not_separable(snapshot, choose(snapshot))
    assert [c.configuration for c in found] == [tied("l2", 1e-3), NONE]


def test_selecting_never_reads_test_rows(sweep):
    """All that a confirmation found is taken away; what is left is enough to select by."""
    tiny = sweep(config())
    for value, n in ((1e-3, 60), (1e-2, 59)):
        add(tiny, tied("l2", value), *right(n))
        add(tiny, tied("l2", value), *right(n), purpose="confirm")
    whole = tiny.snapshot()
    details = {i: SimpleNamespace(validation_rows=one.validation_rows) for i, one in whole.details.items()}
    snapshot = replace(whole, details=details, comparisons=None)
    best = choose(snapshot)
    assert choose(snapshot, "one-se").configuration == tied("l2", 1e-2)
    assert len(not_separable(snapshot, best)) == 2 and len(best_regularized(snapshot, 2)) == 2


@pytest.mark.parametrize(("evaluation", "better"), [({}, 1e-3), (LOG_LOSS, 1e-2)])
def test_repeats_of_a_confirmation_take_no_part_in_choosing(sweep, evaluation, better):
    tiny = sweep(config(evaluation=evaluation))
    add(tiny, tied("l2", 1e-3), [1, 1], [1, 0])
    add(tiny, tied("l2", 1e-2), [1, 0], [1, 0])
    add(tiny, tied("l2", 1e-2), [1, 1], [1, 1], purpose="confirm")
    assert choose(tiny.snapshot()).configuration == tied("l2", better)


def test_the_uncertainty_is_that_of_the_candidates_own_rows(sweep):
    """Means of repeats are 1/2 and 1/4: sd = 0.25/√2, se_seed = 0.25/2; se_rows as in test_uncertainty."""
    tiny = sweep(config())
    add(tiny, tied("l2", 1e-3), [1, 1, 0, 0], [1, 0, 0, 0])
    snapshot = tiny.snapshot()
    found = uncertainty_of(snapshot, choose(snapshot))
    assert (found.se_seed, found.se_rows) == (pytest.approx(0.125), pytest.approx((44 / 192) ** 0.5 / 2))


def test_nothing_to_choose_from(sweep):
    with pytest.raises(RegsearchError, match="no configuration of sweep 'tiny' is finished yet"):
        choose(sweep(config()).snapshot())


def test_an_unknown_rule_is_refused(sweep):
    with pytest.raises(InputError, match="rule: must be one of mean, one-se, got 'best'"):
        choose(sweep(config()).snapshot(), "best")


def test_the_best_regularized_are_ranked_with_ties_to_the_larger_lambda(sweep):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.99))
    for value, score in ((1e-4, 0.9), (1e-3, 0.95), (1e-2, 0.9)):
        tiny.add(tied("l2", value), repeat(0, score))
    snapshot = tiny.snapshot()
    assert [c.lambda_ for c in best_regularized(snapshot, 2)] == [1e-3, 1e-2]
    assert [c.lambda_ for c in best_regularized(snapshot, 9)] == [1e-3, 1e-2, 1e-4]


def test_the_best_on_each_schedule_in_the_order_of_names(sweep):
    tiny = sweep(config(training={"epochs": 10}))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.99))
    for name, value, score in (("rising", 1e-2, 0.8), ("late", 1e-3, 0.7), ("rising", 1e-1, 0.9)):
        tiny.add(scheduled(name, value), repeat(0, score))
    found = [(c.configuration.variant, c.lambda_) for c in best_on_each_schedule(tiny.snapshot())]
    assert found == [("late", 1e-3), ("rising", 1e-1)]


class Sealed:
    """Details of which whatever is of the confirmation must not be read."""

    def __init__(self, details):
        self._details = details

    def __getattr__(self, name):
        assert name in ("curves", "validation_rows", "train_scores"), f"selection read {name}"
        return getattr(self._details, name)


def test_selection_reads_nothing_of_the_test_part(sweep):
    tiny = sweep(config())
    for configuration, n in ((NONE, 60), (tied("l2", 1e-3), 66), (tied("l2", 1e-2), 65), (tied("l1", 1e-2), 58)):
        add(tiny, configuration, *right(n))
        confirmed = [repeat(i, n / 70, rows=right(n)[0], test_rows=[0, 1, 1]) for i in range(2)]
        tiny.add(configuration, *confirmed, purpose="confirm")
    snapshot = tiny.snapshot(*range(1, 5))
    sealed = replace(
        snapshot, details={i: Sealed(each) for i, each in snapshot.details.items()}, comparisons=None, looks=None
    )
    with pytest.raises(AssertionError, match="selection read test_rows"):
        sealed.row_scores(choose(sealed), "test")
    for rule in ("mean", "one-se"):
        assert choose(sealed, rule) == choose(snapshot, rule)
    assert best_regularized(sealed, 3) == best_regularized(snapshot, 3)
    assert not_separable(sealed, choose(sealed)) == not_separable(snapshot, choose(snapshot))
    assert uncertainty_of(sealed, choose(sealed)) == uncertainty_of(snapshot, choose(snapshot))


def test_a_search_has_nothing_of_the_test_part_to_read(sweep):
    """What trains in a search is not asked for test scores; see Evaluate in sweeps.runtime.worker."""
    tiny, asked = sweep(config(search={"strategy": "grid", "regularizers": ["none"]})), []

    def evaluate(spec, seeds, *, test, threads):
        asked.append(test)
        return (repeat(i, 0.9, rows=right(63)[0]) for i in seeds)

    with open_sweep("tiny", tiny.url) as opened:
        work(opened, evaluate=evaluate)
    assert asked == [False]

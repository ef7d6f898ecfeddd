"""When no claim can be made."""

import numpy as np

from regsearch.statistics.metric_error import metric_error
from regsearch.statistics.paired_error import paired_error
from regsearch.statistics.refusal import caution, refusal

GAINS = np.random.default_rng(1).normal(size=(4, 50))


def test_one_repeat_and_one_row():
    assert "one repeat" in refusal(paired_error(GAINS[:1]), "mse")
    assert "one row" in refusal(paired_error(GAINS[:, :1]), "mse")
    assert "one group of rows" in refusal(paired_error(GAINS, groups=np.zeros(50, int)), "mse")
    assert refusal(paired_error(GAINS), "mse") is None


def test_few_rows_in_time():
    assert "fewer than 100 rows in time order, here 50" in refusal(paired_error(GAINS), "mse", in_time=True)
    assert refusal(paired_error(np.tile(GAINS, 2)), "mse", in_time=True) is None


def test_what_was_not_seen_outweighs_what_was():
    """Two networks that are sure and right on every row: nothing is known of the rows on which they are not."""
    sure, surer = (-np.log(np.full((3, 100), p)) for p in (0.99, 0.9999))
    error = metric_error("log_loss", sure + 1e-6 * np.arange(100), surer)
    assert "one more row of the rare kind would outweigh these 100" in refusal(error, "log_loss")
    unsure = np.random.default_rng(2).exponential(size=(2, 3, 100))
    assert refusal(metric_error("log_loss", *unsure), "log_loss") is None


def test_accuracy_has_its_interval_even_where_no_row_differs():
    assert refusal(metric_error("accuracy", np.ones((3, 50)), np.ones((3, 50))), "accuracy") is None
    assert "outweigh" in refusal(metric_error("auc", np.ones((3, 50)), np.ones((3, 50))), "auc")


def test_few_rows_are_said():
    assert "fewer than 300" in caution(paired_error(GAINS), "auc")
    assert caution(paired_error(GAINS), "accuracy") is None
    assert caution(paired_error(np.zeros((2, 300))), "log_loss") is None

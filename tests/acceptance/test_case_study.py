"""The classic case study's published figures, on real trainings."""

import numpy as np
import pytest

from regsearch.seeds import repeat_seed
from regsearch.spec import Configuration, Target
from regsearch.trial import evaluate
from sweeps.config import toml_file

# Jason Brownlee, "How to Use Weight Decay to Reduce Overfitting of Neural Network in Keras"
# (machinelearningmastery.com): accuracy on 30 train and 70 test rows of make_moons(100, noise=0.2, random_state=1); the
# 70 are our validation part.
PUBLISHED = [
    # lambda, train, test
    (None, 1.000, 0.914),
    (1e-1, 0.967, 0.829),
    (1e-2, 1.000, 0.943),
    (1e-3, 1.000, 0.943),
    (1e-4, 1.000, 0.929),
    (1e-5, 1.000, 0.929),
    (1e-6, 1.000, 0.914),
]
TOLERANCE = 0.015  # one of 70 rows is 0.0143


@pytest.mark.parametrize(("l2", "train", "test"), PUBLISHED, ids=[f"l2 {row[0]}" for row in PUBLISHED])
def test_published_accuracy(l2, train, test):
    config = toml_file.load("moons")
    configuration = Configuration() if l2 is None else Configuration.tied("l2", l2, Target())
    seeds = {i: repeat_seed(config.seed, "search", i) for i in range(config.evaluation.repeats)}
    repeats = list(evaluate(config.trial_spec(configuration), seeds))
    assert (len(repeats), {repeat.status for repeat in repeats}) == (10, {"ok"})
    assert {repeat.epochs for repeat in repeats} == {4000}
    assert np.mean([repeat.train.score for repeat in repeats]) == pytest.approx(train, abs=TOLERANCE)
    assert np.mean([repeat.validation.score for repeat in repeats]) == pytest.approx(test, abs=TOLERANCE)

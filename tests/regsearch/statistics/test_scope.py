"""Which networks a claim is about."""

import pytest

from regsearch.statistics.scope import Scope


@pytest.mark.parametrize(
    ("drawn", "words", "overlap"),
    [
        ("seeds", "for this training set of 1,000 rows", 1.0),
        ("splits", "for networks trained on 1,000 of these 2,500 rows", 0.4),
        ("training sets", "for new training sets of 1,000 rows", 0.0),
    ],
)
def test_in_words(drawn, words, overlap):
    scope = Scope(drawn=drawn, train_rows=1000, pool_rows=2500)
    assert str(scope) == words and scope.overlap == overlap

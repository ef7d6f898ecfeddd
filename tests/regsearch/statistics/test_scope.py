"""Which networks a claim is about."""

import pytest

from regsearch.statistics.scope import Scope


@pytest.mark.parametrize(
    ("drawn", "words", "unknown"),
    [
        ("seeds", "for this training set", "for this training set"),
        ("splits", "for networks trained on 1,000 of these 2,500 rows", "for networks trained on a part of these rows"),
        ("training sets", "for new training sets of 1,000 rows", "for new training sets"),
    ],
)
def test_in_words(drawn, words, unknown):
    assert str(Scope(drawn=drawn, train_rows=1000, pool_rows=2500)) == words
    assert str(Scope(drawn=drawn)) == unknown

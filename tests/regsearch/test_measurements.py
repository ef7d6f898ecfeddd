"""What is measured on trained models beside what tests of trials see."""

from regsearch.measurements import evenly_spread


def test_rows_scored_are_spread_evenly():
    assert evenly_spread(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert evenly_spread(101, 3).tolist() == [0, 50, 100]
    assert len(set(evenly_spread(10**6, 2000).tolist())) == 2000

"""How long one training may take."""

from threading import Event

from regsearch.trainers.time_limit import TimeLimit


def test_the_time_runs_from_the_first_look_and_another_sign_counts_too() -> None:
    now, other = [100.0], Event()
    limit = TimeLimit(10, other, stopwatch=lambda: now[0])
    now[0] = 500.0  # while the model was built
    assert not limit.is_set()
    now[0] = 510.0
    assert not limit.is_set() and not limit.passed
    other.set()
    assert limit.is_set() and not limit.passed
    now[0] = 510.1
    assert limit.is_set() and limit.passed

"""How long it still takes."""

import pytest

from sweeps.runtime.pace import Pace, format_duration


def test_the_rate_is_that_since_the_first_repeat_of_this_run_ended() -> None:
    pace = Pace()
    readings = [(0.0, 7), (90.0, 7), (100.0, 8), (110.0, 9), (130.0, 11)]  # 7 were there before; 100 s of start-up
    known = []
    for at_s, repeats in readings:
        pace.add(at_s, repeats)
        known.append(pace.seconds_for(6))
    assert known == [None, None, None, 60.0, 60.0]  # 1 in 10 s, then 3 in 30 s


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (12.4, "12 s"), (89, "89 s"), (180, "3 min"), (7500, "2 h 5 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words

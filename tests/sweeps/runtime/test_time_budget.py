"""How long a sweep was worked on, and when its time is up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from sweeps.runtime.time_budget import Clock, clock, worked_s

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def workers(*rows: tuple[Any, Any, Any]) -> pd.DataFrame:
    """Workers that began, were last heard of and ended so many seconds ago; None for one that has not ended."""
    ago = [[None if s is None else NOW - timedelta(seconds=s) for s in row] for row in rows]
    return pd.DataFrame(ago, columns=["started_at", "heartbeat_at", "ended_at"]).astype("datetime64[us, UTC]")


@pytest.mark.parametrize(
    ("rows", "seconds"),
    [
        ([], 0),
        ([(0, 0, None)], 0),  # one that has just joined
        ([(90, 5, None)], 90),  # one that lives
        ([(500, 300, None)], 200),  # one that was killed: until it was last heard of
        ([(500, 200, 200), (90, 5, None)], 390),  # nobody worked for 110 seconds
        ([(500, 200, 200), (400, 100, 100)], 400),  # side by side
        ([(500, 100, 100), (400, 200, 200)], 400),  # one inside the other
        ([(400, 200, 200), (500, 400, 400)], 300),  # one after the other, in no order
    ],
)
def test_seconds_in_which_somebody_worked(rows: list[Any], seconds: int) -> None:
    assert worked_s(workers(*rows), NOW) == seconds


def test_time_is_up_once_it_was_worked_for_so_long() -> None:
    before = workers((500, 400, 400), (0, 0, None))
    assert clock(100.0, before, NOW).is_up
    assert not clock(500.0, before, NOW).is_up
    assert not clock(None, before, NOW).is_up and not Clock().is_up

"""How many cases a fuzz test runs: a few seconds' worth, or with REGSEARCH_FUZZ=N, N times as many."""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("REGSEARCH_FUZZ", "1"))


def cases(count: int) -> settings:
    """Return settings for so many cases, the same in every run unless REGSEARCH_FUZZ asks for more."""
    slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(
        max_examples=count * TIMES, deadline=None, derandomize=TIMES == 1, database=None, suppress_health_check=slow
    )

from collections.abc import Callable
from typing import Any

import pytest

from regsearch.results import Repeat
from sweeps.analysis.answer import Answer, answer
from sweeps.analysis.comparisons import compare_candidates
from sweeps.config import SweepConfig
from tests.sweeps.small import small
from tests.sweeps.tiny import HIDDEN, NONE, repeat, tied

ROWS = 100


def right(index: int, rows: int, test: int | None = None, norm: float = 1.0) -> Repeat:
    """A repeat that gets the first `rows` of 100 validation rows right, and `test` of 100 test rows."""

    def scores(count: int) -> list[float]:
        return [float(i < count) for i in range(ROWS)]

    norms = {("hidden_1", "kernel"): (2.0, norm)}
    of_test = None if test is None else scores(test)
    return repeat(index, rows / ROWS, norms=norms, rows=scores(rows), test_rows=of_test)


@pytest.fixture
def made(sweep: Any) -> Callable[..., Answer]:
    """Return a function that makes configurations by rows right of 100, {what: (stage, search, confirmation)}."""

    def make(found: dict[Any, tuple[str, list[int], list[int]]], config: SweepConfig | None = None) -> Answer:
        tiny = sweep(config or small())
        for what, (stage, scores, test) in found.items():
            configuration = NONE if what == "none" else tied(*what, HIDDEN)
            repeats = [right(i, rows, norm=len(str(what))) for i, rows in enumerate(scores)]
            tiny.add(configuration, *repeats, stage=stage)
            tiny.add(configuration, *(right(i, 0, rows) for i, rows in enumerate(test)), purpose="confirm")
        regularized = [c for c in tiny.snapshot().finished if not c.is_baseline]
        snapshot = tiny.snapshot(*(c.id for c in regularized))
        for candidate in regularized if snapshot.baseline else ():
            if compared := compare_candidates(snapshot, candidate, snapshot.baseline, "test"):
                tiny.records.add_comparison(tiny.id, candidate.id, snapshot.baseline.id, compared)
        return answer(tiny.snapshot())

    return make

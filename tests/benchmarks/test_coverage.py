"""A small version of benchmarks/coverage.py: every kind of interval, and twenty equal configurations in every scope."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import coverage
from benchmarks.coverage import coverage_table, covered, false_share
from benchmarks.coverage_cases import Case, Draw, area, autoregressive, cases
from benchmarks.false_claims import SETTINGS, Setting
from regsearch.scoring import METRICS
from regsearch.statistics.paired_error import paired_error

FIRST = {case.kind: case for case in reversed(list(cases()))}  # of each kind, its first setting
SMALL = {"AUC": 150, "fixed split": 300}


@pytest.mark.parametrize("kind", FIRST)
def test_intervals_hold_the_truth(kind: str) -> None:
    found = covered(FIRST[kind], SMALL.get(kind, 250))
    assert found.passes and found.wrong <= 0.08 * found.drawn


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.rows == 319], ids=str)
def test_equals_are_seldom_said_to_differ(setting: Setting) -> None:
    assert false_share(setting, 150) <= 0.05 + 3 * (0.05 * 0.95 / 150) ** 0.5


def test_without_paying_for_the_search_they_would_be() -> None:
    """That the simulation has the flaw that `searched` mends: unpaid, the pool favours the winner."""
    setting = Setting(drawn="training sets", from_pool=True, rows=5000)
    honest = false_share(setting, 200)
    assert honest <= 0.05
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.false_claims.Rules", lambda **given: coverage.Rules(scope=given["scope"]))
        assert false_share(setting, 200) > 0.08


def test_an_interval_that_is_too_narrow_falls_short() -> None:
    def draw(rng: np.random.Generator) -> Draw:
        return Draw(truth=0.0, estimate=paired_error(rng.normal(size=(10, 1)) + 0.1 * rng.normal(size=(10, 40)) + 1.0))

    found = covered(Case(kind="wrong", setting="a bias of 1", draw=draw), 200)
    assert not found.passes and found.share < 0.93


def test_a_case_that_is_always_refused_passes_and_says_so() -> None:
    def draw(rng: np.random.Generator) -> Draw:
        return Draw(truth=9.0, estimate=paired_error(rng.normal(size=(2, 9))), refusal="too few")

    found = covered(Case(kind="refused", setting="none", draw=draw), 10)
    assert found.passes and "| refused | none | – | 100 | 0.0 |" in coverage_table([found])


def test_truths_are_what_they_are_said_to_be() -> None:
    rng = np.random.default_rng(1)
    y = (rng.random((4000, 1)) < 0.5).astype(int)
    seen = 2.5 * y + rng.normal(size=(4000, 1)) + 0.6 * rng.normal(size=(4000, 1))
    assert METRICS["auc"].rows(np, y, seen).mean() == pytest.approx(area(2.5, 0.6), abs=0.01)
    x = autoregressive(rng, 50_000, 0.8)
    assert np.corrcoef(x[1:], x[:-1])[0, 1] == pytest.approx(0.8, abs=0.01)


def test_it_all_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    few = [FIRST["R²"], replace(FIRST["accuracy"], least=0.5)]
    monkeypatch.setattr(coverage, "cases", lambda: few)
    monkeypatch.setattr(coverage, "SETTINGS", SETTINGS[:1])
    assert coverage.main(["--cases", "20"]) == 0
    printed = capsys.readouterr().out
    assert "| R² | 50 rows" in printed and "| seeds, 319 test rows, top 1 |" in printed
    monkeypatch.setattr(coverage, "cases", lambda: [replace(FIRST["R²"], least=1.0, draw=_never)])
    assert coverage.main(["--cases", "20"]) == 1


def _never(rng: np.random.Generator) -> Draw:
    return Draw(truth=99.0, estimate=paired_error(rng.normal(size=(3, 9))))

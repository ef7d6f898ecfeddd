"""The benchmark of trainings runs from start to end; no test judges what it finds."""

import json
import math
from types import SimpleNamespace

import pytest

from benchmarks import training
from benchmarks.machine import cpus
from benchmarks.measure import Figure, Ratio, Report
from regsearch.models import BUILDERS

LAYERS = ["MLP 64-128-64-10", "CNN, Conv2D 16 and 32", "LSTM(32), 8 steps"]
ROWS = [
    [
        "fit as written",
        "fit tuned: XLA, 100 steps a call",
        "a loop over a compiled step",
        "scikit-learn's MLPClassifier",
        "arithmetic limit of one core",
        "ours, trainings one by one",
        "ours, repeats on 1 thread",
    ],
    [
        *[f"{name}, {how}" for name in LAYERS for how in ("fit as written", "ours")],
        "MLP without Dropout, ours",
        "MLP with Dropout(0.5) twice, ours",
    ],
    [f"{name} {how}" for name in ("case study", "digits MLP") for how in ("with its curve", "without")],
]
BARS = {  # (at least, at most)
    "fit as written / ours": (2000, None),
    "fit tuned: XLA, 100 steps a call / ours": (12, None),
    "scikit-learn's MLPClassifier / ours": (20, None),
    **{f"{name}, fit as written / ours": (10, None) for name in LAYERS},
    "with Dropout / without, ours": (None, 3),
    "case study with its curve / without": (None, 1.15),
    "digits MLP with its curve / without": (None, 1.15),
    **({"ours, repeats on 1 thread / on 2": (1.8, None)} if cpus() > 1 else {}),
}


def test_quick_mode_measures_every_row(capsys, tmp_path):
    builders = dict(BUILDERS)
    assert training.main(["--quick", "--json", str(tmp_path / "raw.json")]) == 0
    reports = json.loads((tmp_path / "raw.json").read_text(encoding="utf-8"))["reports"]
    printed = capsys.readouterr().out
    for report, rows in zip(reports, ROWS, strict=True):
        figures = {figure["name"]: figure for figure in report["figures"]}
        assert set(rows) <= set(figures)
        assert all(math.isfinite(s) and s > 0 for figure in figures.values() for s in figure["seconds"])
        assert all(name in printed for name in [report["title"], *figures])
    ratios = [ratio for report in reports for ratio in report["ratios"]]
    assert all(math.isfinite(ratio["value"]) and ratio["value"] > 0 and ratio["name"] in printed for ratio in ratios)
    assert {r["name"]: (r["at_least"], r["at_most"]) for r in ratios if r["passed"] is not None} == BARS
    assert builders == BUILDERS  # the benchmark's own are gone again


@pytest.mark.parametrize(("arguments", "value", "status"), [([], 9.0, 1), ([], 10.0, 0), (["--quick"], 9.0, 0)])
def test_the_exit_status_is_1_where_a_bar_is_missed(arguments, value, status):
    figure = Figure(name="a", seconds=(1.0,), cores=(1.0,))
    ratio = Ratio(name="a / b", value=value, at_least=10.0)
    report = Report(title="A section", unit="step", figures=(figure,), ratios=(ratio,))
    section = SimpleNamespace(Sizes=tuple, QUICK=None, report=lambda sizes: report)
    assert training.main(arguments, [section]) == status

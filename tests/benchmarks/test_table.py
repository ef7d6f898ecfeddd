"""Reports as text and as JSON."""

import json

from benchmarks.measure import Figure, Ratio, Report
from benchmarks.table import missed, text, write_json

REPORT = Report(
    title="A section",
    unit="epoch",
    figures=(
        Figure(name="slow", seconds=(45e-3, 47e-3, 44e-3), cores=(1.3, 1.2, 1.4)),
        Figure(name="fast", seconds=(12.34e-6, 13e-6, 12e-6), cores=(1.0, 1.0, 1.0)),
    ),
    ratios=(
        Ratio(name="slow / fast", value=3646.7, at_least=2000.0),
        Ratio(name="fast / limit", value=3.085),
        Ratio(name="with / without", value=1.2, at_most=1.15),
    ),
    notes=("One core.",),
)


def words(report, **options):
    return [line.split() for line in text(report, **options).splitlines()]


def test_a_report_in_words():
    assert words(REPORT) == [
        ["A", "section", "µs", "a", "epoch", "fastest", "…", "slowest", "cores"],
        ["slow", "45,000", "44,000", "…", "47,000", "1.3"],
        ["fast", "12.3", "12.0", "…", "13.0", "1.0"],
        ["=", "slow", "/", "fast", "3,647x", ">=", "2000x", "pass"],
        ["=", "fast", "/", "limit", "3.08x"],
        ["=", "with", "/", "without", "1.20x", "<=", "1.15x", "FAIL"],
        ["One", "core."],
    ]


def test_columns_stand_under_each_other():
    assert len({len(line) for line in text(REPORT).splitlines()[:4]}) == 1


def test_no_verdict_where_none_is_asked_for():
    assert not {"pass", "FAIL"} & {word for line in words(REPORT, judged=False) for word in line}


def test_only_missed_bars_count_as_missed():
    assert [ratio.name for ratio in missed([REPORT, REPORT])] == ["with / without"] * 2


def test_json_holds_every_round_and_every_bar(tmp_path):
    write_json(tmp_path / "raw.json", {"CPU": "some"}, [REPORT])
    raw = json.loads((tmp_path / "raw.json").read_text(encoding="utf-8"))
    (section,) = raw["reports"]
    assert raw["machine"] == {"CPU": "some"}
    assert section["figures"][0] == {"name": "slow", "seconds": [45e-3, 47e-3, 44e-3], "cores": [1.3, 1.2, 1.4]}
    assert [(r["value"], r["at_least"], r["at_most"], r["passed"]) for r in section["ratios"]] == [
        (3646.7, 2000.0, None, True),
        (3.085, None, None, None),
        (1.2, None, 1.15, False),
    ]

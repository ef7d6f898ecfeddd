"""Print reports as text, and write their raw figures as JSON."""

import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import Figure, Ratio, Report

VERDICT = {True: "pass", False: "FAIL", None: ""}


def text(report: Report, *, judged: bool = True) -> str:
    """Return a report as lines of text: medians with the fastest and slowest round, then ratios with their bars.

    Args:
        report: what was measured.
        judged: whether to say which ratios meet their bar.
    """
    columns = f"{'µs a ' + report.unit:>14}{'fastest … slowest':>24}{'cores':>7}"
    figures = [_figure(figure) for figure in report.figures]
    ratios = [_ratio(ratio, judged) for ratio in report.ratios]
    return "\n".join([f"{report.title:<58}{columns}", *figures, *ratios, *_notes(report), ""])


def missed(reports: Iterable[Report]) -> list[Ratio]:
    """Return the ratios that do not meet their bar."""
    return [ratio for report in reports for ratio in report.ratios if ratio.passed is False]


def write_json(path: Path, machine: Mapping[str, str], reports: Iterable[Report]) -> None:
    """Write every round's figures, and the ratios with their bars."""
    plain = [asdict(report) | {"ratios": [_plain(ratio) for ratio in report.ratios]} for report in reports]
    path.write_text(json.dumps({"machine": dict(machine), "reports": plain}, indent=1) + "\n", encoding="utf-8")


def _figure(figure: Figure) -> str:
    spread = f"{_us(min(figure.seconds))} … {_us(max(figure.seconds))}"
    cores = statistics.median(figure.cores)
    return f"  {figure.name:<56}{_us(figure.median):>14}{spread:>24}{cores:>7.1f}"


def _ratio(ratio: Ratio, judged: bool) -> str:
    bar = ""
    if ratio.at_least is not None:
        bar = f">= {ratio.at_least:g}x"
    elif ratio.at_most is not None:
        bar = f"<= {ratio.at_most:g}x"
    verdict = VERDICT[ratio.passed] if judged else ""
    return f"  {'= ' + ratio.name:<56}{_three_digits(ratio.value) + 'x':>14}{bar:>24}{verdict:>7}"


def _notes(report: Report) -> list[str]:
    return [f"  {note}" for note in report.notes]


def _us(seconds: float) -> str:
    return _three_digits(seconds * 1e6)


def _three_digits(value: float) -> str:
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{decimals}f}"


def _plain(ratio: Ratio) -> dict[str, object]:
    return asdict(ratio) | {"passed": ratio.passed}

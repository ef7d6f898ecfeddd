"""How fast regsearch trains: `python -m benchmarks.training`, about five minutes on two slow cores."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import case_study, curves, layers
from benchmarks.machine import facts
from benchmarks.table import missed, text, write_json

SECTIONS = (case_study, layers, curves)


def main(arguments: Sequence[str] | None = None, sections: Sequence[Any] = SECTIONS) -> int:
    """Print every section as it ends; return 1 where a bar is missed, but in quick mode."""
    options = _parser().parse_args(arguments)
    machine = facts()
    print(*(f"{name}: {value}" for name, value in machine.items()), sep="\n", end="\n\n")
    print("Medians over rounds, in each of which every contender of a section runs once; ratios are medians of the")
    print("ratio within a round. Cores are CPU time over wall-clock time.\n", flush=True)
    reports = []
    for section in sections:
        report = section.report(section.QUICK if options.quick else section.Sizes())
        print(text(report, judged=not options.quick), flush=True)
        reports.append(report)
    if options.json:
        write_json(options.json, machine, reports)
    return 1 if missed(reports) and not options.quick else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="too few epochs to mean anything: does it all run?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round's figures there")
    return parser


if __name__ == "__main__":
    sys.exit(main())

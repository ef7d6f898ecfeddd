"""How often intervals hold the truth, and how often what is equal is said to differ: `python -m benchmarks.coverage`.

Some minutes of one core; prints the tables of docs/statistics.md, and returns 1 where one falls short.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.coverage_cases import Case, cases
from benchmarks.coverage_gap_cases import gap_cases
from benchmarks.false_claims import SETTINGS, Setting, beats
from regsearch.statistics.claim import Rules, claims
from regsearch.statistics.scope import Scope

CASES = 2_000
MOST_FALSE = 0.05
RULES = Rules(scope=Scope(drawn="seeds", train_rows=100, pool_rows=250))


@dataclass(frozen=True, kw_only=True)
class Covered:
    """What a case's intervals did.

    Args:
        case: what was simulated.
        drawn: how many comparisons.
        claims: how many of them allowed a claim.
        held: how many of these had an interval that holds the truth.
        wrong: how many of all were said to be better or worse where the truth is not.
    """

    case: Case
    drawn: int
    claims: int
    held: int
    wrong: int

    @property
    def share(self) -> float:
        """The share of intervals that hold the truth; NaN without any."""
        return self.held / self.claims if self.claims else float("nan")

    @property
    def passes(self) -> bool:
        """Whether enough of them do, within three standard errors of the simulation."""
        error = 3 * (self.case.least * (1 - self.case.least) / max(self.claims, 1)) ** 0.5
        return self.claims == 0 or self.share >= self.case.least - error


def covered(case: Case, number: int, *, seed: int = 0) -> Covered:
    """Return what intervals do in this many comparisons."""
    rng = np.random.default_rng([seed, len(case.setting)])
    claimed = held = wrong = 0
    for _ in range(number):
        draw = case.draw(rng)
        (claim,) = claims([draw.estimate], [draw.refusal], RULES)
        if claim.interval is not None:
            claimed += 1
            held += claim.interval.holds(draw.truth)
            wrong += {"better": draw.truth <= 0, "worse": draw.truth >= 0}.get(claim.finding, False)
    return Covered(case=case, drawn=number, claims=claimed, held=held, wrong=wrong)


def false_share(setting: Setting, number: int, *, seed: int = 0) -> float:
    """Return how often one of twenty equal configurations is said to beat none."""
    rng = np.random.default_rng([seed, setting.rows, setting.top])
    return float(np.mean([beats(setting, rng) for _ in range(number)]))


def coverage_table(found: Iterable[Covered]) -> str:
    """Return coverage as Markdown."""
    lines = ["| interval | setting | covers, % | no claim, % | wrong claims, % |", "|---|---|---|---|---|"]
    for one in found:
        refused, wrong = 1 - one.claims / one.drawn, one.wrong / one.drawn
        share = "–" if one.claims == 0 else f"{one.share:.1%}"[:-1]
        lines.append(f"| {one.case.kind} | {one.case.setting} | {share} | {refused * 100:.0f} | {wrong * 100:.1f} |")
    return "\n".join(lines)


def false_table(found: Iterable[tuple[Setting, float]]) -> str:
    """Return false claims as Markdown."""
    lines = [f"| {setting} | {share * 100:.1f} |" for setting, share in found]
    return "\n".join(["| twenty equal configurations; repeats draw | false “beats”, % |", "|---|---|", *lines])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=CASES, help="simulated comparisons of each kind")
    number = parser.parse_args(arguments).cases
    found = [covered(case, number) for case in (*cases(), *gap_cases())]
    print(coverage_table(found), end="\n\n", flush=True)
    false = [(setting, false_share(setting, max(number // 2, 1))) for setting in SETTINGS]
    print(false_table(false))
    error = 3 * (MOST_FALSE * (1 - MOST_FALSE) / max(number // 2, 1)) ** 0.5
    short = [one.case.setting for one in found if not one.passes]
    short += [str(setting) for setting, share in false if share > MOST_FALSE + error]
    print(*(f"falls short: {one}" for one in short), sep="\n", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())

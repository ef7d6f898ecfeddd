"""Two sweeps' winners beside one another, in words."""

from collections.abc import Iterator

from rich.console import Console

from sweeps.analysis.candidates import Candidate
from sweeps.analysis.report import stdout
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.verdicts import describe_comparison
from sweeps.analysis.versus import Versus


def show_versus(found: Versus, snapshot: SweepSnapshot, console: Console | None = None) -> None:
    """Print how two sweeps compare.

    Args:
        found: how.
        snapshot: of the first of them.
        console: where to; None for stdout.
    """
    console = console or stdout()
    for line in _lines(found, snapshot):
        console.print(line, highlight=False, markup=False)


def _lines(found: Versus, snapshot: SweepSnapshot) -> Iterator[str]:
    for sweep, winner in ((found.a, found.winner_a), (found.b, found.winner_b)):
        yield f"{sweep}: {_winner(winner, found.metric)}"
    name, other = (
        f"{sweep} ({winner.configuration})" for sweep, winner in ((found.a, found.winner_a), (found.b, found.winner_b))
    )
    yield f"\n{name} against {other}, paired by seed and row:"
    for compared in (found.validation, found.test):
        if compared is not None:
            yield describe_comparison(compared, snapshot.config, name, other)
    if found.validation is None:
        yield "They share no repeat and no row of which scores are kept."
    if found.test is None:
        yield f"Not both are confirmed on test rows: `regsearch confirm {found.a}`, `regsearch confirm {found.b}`."


def _winner(winner: Candidate, metric: str) -> str:
    spread = f"n={winner.n}" if winner.std is None else f"± {winner.std:.4f} (std, n={winner.n})"
    return f"{winner.configuration}, mean validation {metric} {winner.mean:.4f} {spread}"

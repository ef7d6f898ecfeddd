"""Confirm a choice: fresh seeds, and the test part, which took no part in choosing."""

from typing import Literal

from regsearch.errors import RegsearchError
from regsearch.spec import Configuration, Purpose
from sweeps.analysis.selection import CONTROL, Candidate, best_of, candidates, compare_candidates, finished
from sweeps.runtime.progress import Progress, Silent
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.worker import How, evaluate_missing


def confirm(
    sweep: Sweep,
    *,
    top: int = 1,
    repeats: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Train the best configurations, and none, on fresh seeds; score the test part; record how they compare.

    Args:
        sweep: a sweep whose search is over.
        top: how many of the best to confirm.
        repeats: fresh seeds for each; None for as many as the search had. Repeats that are there already are kept.
        threads: trainings at once; None for one a CPU.
        progress: told what happens.

    Raises:
        RegsearchError: no configuration has all its repeats yet.
    """
    how = How(threads=threads, progress=progress or Silent())
    baseline = _baseline(sweep, how)
    chosen = best_regularized(sweep, top)
    for candidate in [baseline, *chosen]:
        name, begun = f"confirm {candidate.configuration}", sweep.records.begun(candidate.id, "confirm")
        evaluate_missing(sweep, candidate.configuration, begun, "confirm", name=name, how=how, repeats=repeats)
    for candidate in chosen:
        _record_comparisons(sweep, candidate, baseline)


def best_regularized(sweep: Sweep, top: int) -> list[Candidate]:
    """Return the `top` best configurations that do regularize, the best first."""
    left = [c for c in candidates(sweep.results, sweep.name) if c.configuration.regularizer != "none"]
    ranked: list[Candidate] = []
    while left and len(ranked) < top:
        best = best_of(left, greater_is_better=sweep.config.greater_is_better)
        assert best is not None
        ranked.append(best)
        left.remove(best)
    return ranked


def _baseline(sweep: Sweep, how: How) -> Candidate:
    """Return the configuration without regularization, evaluated now where the search left it out."""
    none = Configuration()
    configuration_id = sweep.register(none, CONTROL)
    begun = sweep.records.begun(configuration_id, "search")
    evaluate_missing(sweep, none, begun, "search", name=f"{CONTROL} {none}", how=how)
    found = [c for c in finished(sweep.results, sweep.name) if c.id == configuration_id]
    if not found:
        raise RegsearchError("training without regularization diverged; there is nothing to compare with")
    return found[0]


def _record_comparisons(sweep: Sweep, candidate: Candidate, baseline: Candidate) -> None:
    pairs: tuple[tuple[Purpose, Literal["validation", "test"]], ...] = (("search", "validation"), ("confirm", "test"))
    for purpose, part in pairs:
        try:
            found = compare_candidates(sweep.results, candidate.id, baseline.id, purpose=purpose, part=part)
        except ValueError:  # there is no test part, or a confirmation diverged
            continue
        sweep.records.add_comparison(sweep.id, candidate.id, baseline.id, found)

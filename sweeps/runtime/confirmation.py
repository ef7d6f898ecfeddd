"""Confirm a choice: fresh seeds, and the test rows, which took no part in choosing."""

from collections.abc import Sequence

from regsearch.errors import InputError, RegsearchError
from regsearch.results import ScoredSubset
from regsearch.spec import Configuration
from sweeps.analysis.candidates import CONTROL, Candidate
from sweeps.analysis.comparisons import compare_candidates
from sweeps.analysis.selection import best_regularized
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.runtime.progress import Progress, Silent
from sweeps.runtime.referencing import compare_with_models
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.worker import How, evaluate_missing

COMPARED: tuple[ScoredSubset, ...] = ("validation", "test")


def confirm(
    sweep: Sweep,
    *,
    top: int = 1,
    repeats: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Train the best configurations, and none, on fresh seeds; score the test rows; record how they compare.

    Args:
        sweep: a sweep whose search is over.
        top: how many of the best to confirm.
        repeats: fresh seeds for each; None for as many as the search had. Repeats that are there already are kept.
        threads: trainings at once; None for one per CPU.
        progress: told what happens.

    Raises:
        RegsearchError: no configuration has all its repeats yet.
    """
    how = How(threads=threads, progress=progress or Silent())
    none = Configuration()  # where the search left it out, it is evaluated now
    begun = sweep.records.begun(sweep.register(none, CONTROL), "search")
    evaluate_missing(sweep, none, begun, "search", name=f"{CONTROL} {none}", how=how)
    snapshot = load_snapshot(sweep.results, sweep.name)
    confirm_each(sweep, snapshot.baseline, best_regularized(snapshot, top), how=how, repeats=repeats)
    compare_with_models(sweep, progress=how.progress)


def confirm_each(
    sweep: Sweep, baseline: Candidate | None, chosen: Sequence[Candidate], *, how: How, repeats: int | None = None
) -> None:
    """Confirm these configurations, and no regularization, as `confirm` does."""
    if baseline is None:
        raise RegsearchError("training without regularization diverged; there is nothing to compare with")
    for candidate in [baseline, *chosen]:
        name, begun = f"confirm {candidate.configuration}", sweep.records.begun(candidate.id, "confirm")
        evaluate_missing(sweep, candidate.configuration, begun, "confirm", name=name, how=how, repeats=repeats)
    confirmed = load_snapshot(sweep.results, sweep.name, row_scores_of=[c.id for c in chosen])
    for candidate in chosen:
        for subset in COMPARED:
            found = compare_candidates(confirmed, candidate, baseline, subset)
            if found is not None:  # there are test rows, and the confirmation did not diverge
                sweep.records.add_comparison(sweep.id, candidate.id, baseline.id, found)


def refuse_without_test_rows(sweep: Sweep) -> None:
    """Refuse to confirm a sweep whose data have no test rows.

    Raises:
        InputError: there are none; the message says how to set some apart.
    """
    subsets = load_snapshot(sweep.results, sweep.name).checks.get("subsets", {})
    if subsets and not subsets.get("test"):
        problem = "leaves no test rows, on which alone a winner can be confirmed; set some apart, as in test = 0.25"
        raise InputError("data.split", f"{problem}, in a sweep of another name")

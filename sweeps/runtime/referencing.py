"""Compare the winner with models that are no networks, trained on the same rows."""

from typing import Any

from regsearch.comparison import INDEPENDENT, difference_error
from regsearch.reference_models import reference_scores
from regsearch.results import ScoredSubset
from regsearch.scoring import summarize
from regsearch.seeds import repeat_seed
from regsearch.spec import Purpose
from regsearch.spec.plain import to_plain
from sweeps.analysis.references import CHECK
from sweeps.analysis.selection import choose
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.runtime.progress import Progress
from sweeps.runtime.sweep import Sweep


def compare_with_models(sweep: Sweep, *, progress: Progress) -> None:
    """Train the models of [compare] in the winner's repeats, and record how the winner compares with each.

    That is on the test rows, by the confirmation's repeats; where there are none, on validation rows by the search's.

    Args:
        sweep: one that is confirmed.
        progress: told that it happens.
    """
    from regsearch.trial import evaluator

    models = sweep.config.compare.baselines
    if not models:
        return
    snapshot = load_snapshot(sweep.results, sweep.name)
    winner = choose(snapshot, "mean")
    subset: ScoredSubset = "validation" if snapshot.row_scores(winner, "test").empty else "test"
    purpose: Purpose = "search" if subset == "validation" else "confirm"
    rows, config = snapshot.row_scores(winner, subset), sweep.config
    seeds = {int(i): repeat_seed(config.seed, purpose, int(i)) for i in rows["repeat"].unique()}
    trials, found = evaluator(sweep.trial_spec(winner.configuration)), list[dict[str, Any]]()
    for model in models:
        progress.note(f"{model}: {len(seeds)} repeats on the rows of {winner.configuration}")
        scored = reference_scores(model, trials, seeds, subset=subset)
        dependence = snapshot.dependence or INDEPENDENT
        error = difference_error(rows, scored.rows, metric=config.metric, dependence=dependence)
        found.append({"model": model, "scores": to_plain(summarize(scored.scores)), "error": to_plain(error)})
    key = {"configuration_id": winner.id, "subset": subset, "models": found}
    sweep.records.set_check(sweep.id, CHECK, key)

"""One configuration against another, paired by repeat and by row."""

from typing import Any

import pandas as pd

from regsearch.comparison import compare
from regsearch.results import Comparison, ScoredSubset
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.snapshot import SweepSnapshot


def compare_candidates(
    snapshot: SweepSnapshot, candidate: Candidate, baseline: Candidate, subset: ScoredSubset
) -> Comparison | None:
    """Compare two configurations on validation rows of the search, or on test rows of the confirmation.

    Returns:
        None where they share no repeat and row: before a confirmation, and where there are no test rows.
    """
    scores, of_baseline = (snapshot.row_scores(one, subset) for one in (candidate, baseline))
    return compare(scores, of_baseline, subset=subset)


def shown_comparison(
    snapshot: SweepSnapshot, candidate: Candidate, baseline: Candidate, subset: ScoredSubset
) -> Comparison | None:
    """Return the comparison as it was recorded, else as `compare_candidates` makes it of the rows that are there."""
    made = compare_candidates(snapshot, candidate, baseline, subset)
    if made is None:
        return None
    table = snapshot.comparisons
    same = (table["configuration_id"] == candidate.id) & (table["baseline_id"] == baseline.id)
    rows = table[same & (table["part"] == subset) & (table["repeats"] == made.repeats)]
    return made if rows.empty else _recorded(rows.iloc[-1], subset)


def _recorded(row: "pd.Series[Any]", subset: ScoredSubset) -> Comparison:
    errors = {name: None if pd.isna(row[name]) else float(row[name]) for name in ("se_seed", "se_rows", "se")}
    repeats, rows, difference = int(row["repeats"]), int(row["rows"]), float(row["difference"])
    return Comparison(subset=subset, repeats=repeats, rows=rows, difference=difference, **errors)

"""Read a sweep's snapshot: the one place of the analysis that sees a database."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from storage.queries import Results
from storage.sweep_reader import SweepReader
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.selection import best_candidate, best_on_each_schedule, best_regularized, choose
from sweeps.analysis.snapshot import Abandoned, SweepSnapshot
from sweeps.config.toml_file import restore

SCORES = ("n", "mean", "std", "se", "train_mean", "train_std")


def load_snapshot(results: Results, name: str, *, row_scores_of: Collection[int] = ()) -> SweepSnapshot:
    """Read all that a sweep's answer and pictures are made of, in one transaction.

    Row scores, the large part, are read of the configurations that an answer compares.

    Args:
        results: the database.
        name: the sweep's name.
        row_scores_of: ids of further configurations whose row scores are wanted.

    Raises:
        UnknownSweep: there is none of that name.
        StorageError: the database failed.
    """
    with results.at_one_moment(name) as reader:
        snapshot = _without_details(reader)
        best, compared = best_candidate(snapshot), set(row_scores_of)
        compared |= {c.id for c in (snapshot.baseline, best, *best_regularized(snapshot, 1)) if c is not None}
        if compared:
            snapshot = replace(snapshot, details=reader.details(compared))
        if best is not None and (largest := choose(snapshot, "one-se").id) not in compared:
            snapshot = replace(snapshot, details={**snapshot.details, **reader.details([largest])})
        scheduled = [c.id for c in best_on_each_schedule(snapshot)]
        return replace(snapshot, phases=reader.phases(scheduled)) if scheduled else snapshot


def _without_details(reader: SweepReader) -> SweepSnapshot:
    rows = reader.configurations()
    return SweepSnapshot(
        config=restore(reader.sweep.config),
        finished=tuple(_candidate(row) for row in rows if row["state"] == "complete"),
        abandoned=tuple(
            Abandoned(configuration=row["configuration"], reason=row["reason"])
            for row in rows
            if row["state"] == "failed"
        ),
        comparisons=reader.comparisons(),
        checks=reader.sweep.checks or {},
        notices=reader.notices(),
        weight_norms=reader.weight_norms(),
        details={},
        phases=pd.DataFrame(),
    )


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        id=row["configuration_id"],
        configuration=row["configuration"],
        stage=row["stage"],
        **{name: row[name] for name in SCORES},
    )

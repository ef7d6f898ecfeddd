"""Read a sweep's snapshot: the one place of the analysis that sees a database."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from regsearch.errors import InputError
from storage.queries import Results
from storage.sweep_reader import SweepReader
from sweeps.analysis.candidates import Candidate, by_score
from sweeps.analysis.diagnosis import middling
from sweeps.analysis.row_dependence import dependence_of
from sweeps.analysis.selection import best_on_each_schedule, best_regularized
from sweeps.analysis.snapshot import Abandoned, SweepSnapshot
from sweeps.config.toml_file import restore

MOST_COMPARED = 100  # configurations, the best, that are held against the winner row by row
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

    Example:
        >>> with regsearch.open_results() as results:
        ...     snapshot = regsearch.load_snapshot(results, "small")
        >>> len(snapshot.finished)  # one of them the control
        3
    """
    with results.at_one_moment(name) as reader:
        snapshot = _without_details(reader)
        ranked = by_score(snapshot.candidates, greater_is_better=snapshot.config.greater_is_better)
        shown = (snapshot.baseline, *ranked[:MOST_COMPARED], *snapshot.confirmed, *best_regularized(snapshot, 1))
        shown += (middling(snapshot),)
        if compared := {*row_scores_of, *(c.id for c in shown if c is not None)}:
            snapshot = replace(snapshot, details=reader.details(compared))
        scheduled = [c.id for c in best_on_each_schedule(snapshot)]
        return replace(snapshot, phases=reader.phases(scheduled)) if scheduled else snapshot


def trial_of(results: Results, snapshot: SweepSnapshot, number: int) -> Candidate:
    """Return the finished configuration of a trial's number.

    Raises:
        InputError: there is no trial of that number, or its configuration is not finished.
    """
    table = results.trials(snapshot.name, columns=["number", "state", "configuration_id"])
    row = table[table["number"] == number]
    if row.empty:
        known = table["number"].dropna()
        there = f"0 to {int(known.max())}" if len(known) else "none yet"
        raise InputError("trial", f"there is no trial {number}; there are {there}, as `regsearch trials` lists them")
    found = int(row["configuration_id"].iloc[0])
    candidate = next((c for c in snapshot.finished if c.id == found), None)
    if candidate is None:
        raise InputError("trial", f"{number} has no score of all its repeats: its state is {row['state'].iloc[0]}")
    return candidate


def _without_details(reader: SweepReader) -> SweepSnapshot:
    rows, config = reader.configurations(), restore(reader.sweep.config)
    comparisons, looks = reader.comparisons()
    return SweepSnapshot(
        config=config,
        finished=tuple(_candidate(row) for row in rows if row["state"] == "complete"),
        abandoned=tuple(
            Abandoned(configuration=row["configuration"], reason=row["reason"])
            for row in rows
            if row["state"] == "failed"
        ),
        diverged=tuple(row["configuration"] for row in rows if row["state"] == "diverged"),
        eliminated=tuple(_candidate(row) for row in rows if row["state"] == "eliminated"),
        comparisons=comparisons,
        looks=looks,
        checks=reader.sweep.checks or {},
        weight_norms=reader.weight_norms(),
        details={},
        dependence=dependence_of(config),
        phases=pd.DataFrame(),
        versions=reader.sweep.versions,
    )


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        id=row["configuration_id"],
        configuration=row["configuration"],
        stage=row["stage"],
        **{name: row[name] for name in SCORES},
    )

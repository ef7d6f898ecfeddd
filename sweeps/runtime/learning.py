"""Train the winner, the best λ of its regularizer and no regularization on fewer rows.

Each part is a sweep of its own beside the one it belongs to, which is worked on, kept and asked like any other: a grid
over that regularizer on a part of the train rows, which each repeat draws anew. Validation and test rows stay the same.
"""

from typing import Any

from regsearch.errors import InputError, RegsearchError
from regsearch.spec import Configuration
from sweeps.analysis.candidates import CONTROL
from sweeps.analysis.learning_curve import LearningCurve, best_of_its_regularizer, learning_curve
from sweeps.analysis.selection import best_regularized
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.config import SweepConfig
from sweeps.config.search_section import ScheduleConfig
from sweeps.config.section import Section
from sweeps.config.toml_file import restore
from sweeps.runtime.confirmation import confirm, confirm_each
from sweeps.runtime.progress import Progress, Silent
from sweeps.runtime.sweep import Sweep, register
from sweeps.runtime.worker import How, evaluate_missing, work

PARTS = (4, 2)  # of the train rows: a quarter, half
LONGEST_NAME = 64  # characters of a sweep's
LEAST = 20  # rows to train on, of which a quarter can teach anything


def learn(sweep: Sweep, *, threads: int | None = None, progress: Progress | None = None) -> LearningCurve:
    """Train on a quarter and half of the train rows, as far as that is missing, and return what all sizes gave.

    Args:
        sweep: one whose search is over.
        threads: trainings at once; None for one per CPU.
        progress: told what happens.

    Raises:
        InputError: there are fewer than 20 rows to train on.
        RegsearchError: no configuration that regularizes has all its repeats yet, or a training diverged.
    """
    how = How(threads=threads, progress=progress or Silent())
    snapshot = load_snapshot(sweep.results, sweep.name)
    rows = _rows(snapshot)
    has_test = bool(snapshot.checks["subsets"].get("test"))
    if has_test:
        confirm(sweep, threads=threads, progress=how.progress)
        snapshot = load_snapshot(sweep.results, sweep.name)
    chosen = best_regularized(snapshot, 1)
    if not chosen:
        raise RegsearchError(f"no configuration of sweep {sweep.name!r} that regularizes is finished yet")
    winner = chosen[0].configuration
    parts = [_part(sweep, snapshot, winner, rows // part, has_test=has_test, how=how) for part in PARTS]
    return learning_curve([*parts, snapshot], winner, has_test=has_test)


def smaller(config: SweepConfig, winner: Configuration, rows: int) -> SweepConfig:
    """Return the sweep over no regularization and the winner's regularizer on so many of the train rows.

    The orders of magnitude of λ are searched as for the whole, and all λs of a configuration are one.

    Example:
        >>> config = regsearch.load_sweep("small.toml")
        >>> part = smaller(config, regsearch.Configuration.tied("l2", 1e-2, regsearch.Target()), 15)
        >>> part.name, part.data_spec.split.keep, part.search.regularizers
        ('small-15-rows', 15, ('none', 'l2'))
    """
    suffix, search = f"-{rows}-rows", config.search
    kept = {"lambda_", "weight_decay", "early_stopping"}
    plain = config.to_dict()
    plain.pop("compare", None)
    plain["name"] = config.name[: LONGEST_NAME - len(suffix)] + suffix
    plain["data"] = _plain(config.data.kept(rows))
    plain["search"] = _plain(search, include=kept) | {"strategy": "grid", "regularizers": ["none", winner.regularizer]}
    if winner.target is not None:
        plain["search"]["targets"] = [_plain(each) for each in search.targets if each.spec() == winner.target]
    if winner.schedule is not None:
        plain["search"]["schedules"] = [
            each if isinstance(each, str) else _plain(each)
            for each in search.schedules
            if _name(each) == winner.schedule.name
        ]
    return restore(plain)


def _part(
    sweep: Sweep, snapshot: SweepSnapshot, winner: Configuration, rows: int, *, has_test: bool, how: How
) -> SweepSnapshot:
    """Search with so many rows, train the winner too, confirm both where that can be, and return what is there."""
    config = smaller(sweep.config, winner, rows)
    how.progress.note(f"{config.name}: {rows} of {_rows(snapshot)} rows to train on")
    checks = {**snapshot.checks, "subsets": {**snapshot.checks["subsets"], "train": rows}}
    with register(config, sweep.url, checks) as part:
        work(part, threads=how.threads, progress=how.progress)
        begun = part.records.begun(part.register(winner, CONTROL), "search")
        evaluate_missing(part, winner, begun, "search", name=f"{CONTROL} {winner}", how=how)
        found = load_snapshot(part.results, part.name)
        shown = [c for c in found.finished if c.configuration == winner]
        shown += [c for c in [best_of_its_regularizer(found, winner)] if c not in shown]
        if has_test:
            confirm_each(part, found.baseline, shown, how=how)
        return load_snapshot(part.results, part.name, row_scores_of=[c.id for c in shown])


def _plain(section: Section, **chosen: Any) -> dict[str, Any]:
    return section.model_dump(mode="json", by_alias=True, exclude_defaults=True, **chosen)


def _name(schedule: str | ScheduleConfig) -> str:
    return schedule if isinstance(schedule, str) else schedule.name


def _rows(snapshot: SweepSnapshot) -> int:
    rows = int(snapshot.checks.get("subsets", {}).get("train", 0))
    if rows < LEAST:
        raise InputError("data.split", f"leaves {rows} rows to train on; a learning curve needs at least {LEAST}")
    return rows

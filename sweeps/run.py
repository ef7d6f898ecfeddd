"""The main job: create or resume a sweep, work on it, confirm the winner, write pictures and the best configuration."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from regsearch.errors import RegsearchError
from sweeps.analysis.answer import Answer, answer
from sweeps.analysis.export import export
from sweeps.analysis.limits import Unsearched, describe_unsearched
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.config import SweepConfig
from sweeps.config.toml_file import load
from sweeps.plots.pictures import draw_all
from sweeps.runtime.confirmation import confirm
from sweeps.runtime.diagnosing import diagnose
from sweeps.runtime.launchers.local import supervised_workers
from sweeps.runtime.progress import Progress
from sweeps.runtime.showing import shown_progress
from sweeps.runtime.sweep import Sweep, create
from sweeps.runtime.trial_sources import source_of
from sweeps.runtime.worker import work
from sweeps.search_result import SearchResult
from sweeps.steps import database_url
from sweeps.study_page import published


def run(
    sweep: str | Path | SweepConfig,
    *,
    storage: str | Path | None = None,
    out: str | Path | None = None,
    workers: int = 1,
    progress: Progress | bool = True,
) -> SearchResult:
    """Run a sweep to its end, or go on with it from where it was.

    Args:
        sweep: a sweep file, a preset's name, or a checked SweepConfig.
        storage: the database's URL, or an SQLite file's Path; None for $REGSEARCH_STORAGE, else sqlite:///regsearch.db.
        out: a folder for pictures and the best configuration; None to write none.
        workers: processes that work at once; CPUs are shared among them.
        progress: True for a display, under a notebook's cell or on stderr; False for none; or a Progress of your own.

    Returns:
        What the sweep found: its answer, tables, pictures, and its winner as a trained model.

    Raises:
        InputError: something given is wrong; nothing was written.
        RegsearchError: the work cannot go on.

    Example:
        >>> found = regsearch.run("small.toml", out="results", progress=False)
        >>> [path.name for path in found.written][:2]
        ['best.toml', 'best.json']
    """
    config = sweep if isinstance(sweep, SweepConfig) else load(sweep)
    with shown_progress(progress) as shown, create(config, database_url(storage)) as opened:
        with published(opened, shown.note) as ending:
            snapshot, found = finish(opened, workers=workers, progress=shown)
            ending.snapshot = snapshot
        return SearchResult(
            snapshot=snapshot, answer=found, written=write_files(snapshot, found, Path(out)) if out else ()
        )


def finish(sweep: Sweep, *, workers: int = 1, progress: Progress) -> tuple[SweepSnapshot, Answer]:
    """Search a sweep to its end, confirm its winner, and return what was found.

    Args:
        sweep: an open one.
        workers: processes that work at once; CPUs are shared among them.
        progress: told what happens.

    Raises:
        RegsearchError: the work cannot go on.
    """
    threads = None if workers == 1 else max(1, (os.cpu_count() or 1) // workers)
    for line in sweep.check.summary() if sweep.check else ():
        progress.note(line)
    diagnose(sweep, progress=progress)
    with _others(sweep, workers - 1, threads or 1, progress):
        work(sweep, threads=threads, progress=progress)
    left, snapshot = _unsearched(sweep), load_snapshot(sweep.results, sweep.name)
    if left is not None and not snapshot.candidates:
        raise RegsearchError(f"nothing has all its repeats yet. {describe_unsearched(left, sweep.config)}")
    if not snapshot.candidates and snapshot.diverged:
        raise RegsearchError(
            f"every configuration diverged ({len(snapshot.diverged)} of them, the loss became NaN or infinite): lower "
            "training.learning_rate, or scale the data"
        )
    if not snapshot.candidates or answer(snapshot).has_winner:
        confirm(sweep, progress=progress)
        snapshot = load_snapshot(sweep.results, sweep.name)
    return snapshot, replace(answer(snapshot), unsearched=left)


def _unsearched(sweep: Sweep) -> Unsearched | None:
    """Return what a budget left out, now that nobody works on the sweep; None where it was searched to its end."""
    source, config = source_of(sweep), sweep.config
    left = source.left()
    if not left:
        return None
    if config.search.stop_after is not None and not source.is_done():
        return Unsearched(budget="stop_after", left=left)
    return Unsearched(budget="trials" if config.max_configurations == config.trials else "trainings", left=left)


@contextmanager
def _others(sweep: Sweep, count: int, threads: int, progress: Progress) -> Iterator[None]:
    if count < 1:
        yield
        return
    with supervised_workers(sweep.name, sweep.url, count=count, threads=threads, say=progress.note) as others:
        yield
        others.wait()


def write_files(snapshot: SweepSnapshot, found: Answer, out: Path) -> tuple[Path, ...]:
    """Write the best configuration, where there is a winner, and every picture to a folder; return the files."""
    files = [out / "best.toml", out / "best.json"] if found.has_winner else []
    for file in files:
        export(found, file, snapshot)
    return (*files, *draw_all(snapshot, out))

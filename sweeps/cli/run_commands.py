"""Commands that work on a sweep: run, check, create, worker, launch, confirm."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.cli import options as o
from sweeps.cli.app import app, database, say
from sweeps.cli.folders import refuse_unwritable

if TYPE_CHECKING:
    from sweeps.config import SweepConfig


@app.command()
def run(
    sweep: o.SweepFile,
    storage: o.Storage = None,
    workers: o.Workers = 1,
    out: o.OutOrDefault = None,
    set_: o.Replaced = None,
    quiet: o.Quiet = False,
) -> None:
    """Create or resume a sweep, work on it, print the answer, write plots and the best config."""
    from sweeps.analysis.report import show
    from sweeps.run import run as run_sweep
    from sweeps.runtime.display import progress_on_stderr

    config = _config(sweep, set_)
    out = out or Path("results") / config.name
    refuse_unwritable(out)
    with progress_on_stderr(quiet=quiet) as progress:
        found = run_sweep(config, storage=storage, out=out, workers=workers, progress=progress)
    show(found.answer, written=[*map(str, found.written), database(storage)])


@app.command()
def check(
    sweep: o.SweepFile,
    format: o.CheckFormat = o.CheckShape.table,
    diagnose: o.Diagnose = False,
    set_: o.Replaced = None,
) -> None:
    """Say what a sweep will do with its data and its model; nothing is written."""
    from regsearch.spec.plain import to_plain
    from sweeps.analysis.report import stdout
    from sweeps.cli.check_report import show_check
    from sweeps.runtime.checking import check_sweep, expected_seconds
    from sweeps.runtime.diagnosing import diagnose_alone
    from sweeps.runtime.pace import format_duration

    config = _config(sweep, set_)
    found = check_sweep(config)
    trainings, seconds = expected_seconds(config)
    diagnosis = diagnose_alone(config, found) if diagnose else None
    if format is o.CheckShape.json:
        told = {"trainings": trainings, "seconds": seconds, "diagnosis": diagnosis.to_dict() if diagnosis else None}
        print(json.dumps(to_plain(found) | told, indent=2))
        return
    show_check(found, config, diagnosis, stdout())
    print(f"At most {trainings:,} trainings, about {format_duration(seconds)} on this machine's CPUs.")


@app.command()
def create(sweep: o.SweepFile, storage: o.Storage = None, set_: o.Replaced = None) -> None:
    """Register a sweep; nothing runs."""
    from sweeps.runtime.sweep import create as create_sweep

    with create_sweep(_config(sweep, set_), storage) as created:
        print(created.name)
    say(f"workers join it with: regsearch worker {created.name}")


@app.command()
def worker(
    name: o.Name,
    storage: o.Storage = None,
    threads: o.Threads = None,
    quiet: o.Quiet = False,
    supervised: o.Supervised = False,
) -> None:
    """Join a sweep, from any machine that reaches the database."""
    from sweeps.runtime.display import progress_on_stderr
    from sweeps.runtime.launchers.local import end_with_supervisor
    from sweeps.runtime.sweep import open_sweep
    from sweeps.runtime.trial_sources import source_of
    from sweeps.runtime.worker import work
    from sweeps.study_page import published

    if supervised:
        end_with_supervisor()
    with open_sweep(name, storage) as sweep:
        with progress_on_stderr(quiet=quiet) as progress, published(sweep, progress.note):
            work(sweep, threads=threads, progress=progress)
        why = "the budget is used up" if source_of(sweep).left() else "nothing is left to search"
        progress.note(f"{why}; the answer: regsearch best {name}")


@app.command()
def launch(name: o.Name, storage: o.Storage = None, on: o.Where = o.On.local, workers: o.Workers = 2) -> None:
    """Start workers and look after them: who dies is started again, nobody outlives this command."""
    from storage import resolve_url
    from sweeps.runtime.launchers.local import supervised_workers
    from sweeps.runtime.sweep import open_sweep

    open_sweep(name, storage).close()
    threads = max(1, (os.cpu_count() or 1) // workers)
    with supervised_workers(name, resolve_url(storage), count=workers, threads=threads, say=say) as started:
        say(f"{workers} workers on {name}: processes {', '.join(map(str, started.pids))}")
        started.wait()


@app.command()
def learn(
    name: o.Name,
    storage: o.Storage = None,
    out: o.LearnOut = None,
    format: o.CheckFormat = o.CheckShape.table,
) -> None:
    """Train the winner and none on fewer rows, and say what more data would bring."""
    from sweeps.analysis.learning_report import show_learning
    from sweeps.plots.training_rows import draw_learning
    from sweeps.runtime.display import progress_on_stderr
    from sweeps.runtime.learning import learn as learn_sweep
    from sweeps.runtime.sweep import open_sweep

    if out is not None:
        refuse_unwritable(out)
    with open_sweep(name, storage) as sweep, progress_on_stderr() as progress:
        found = learn_sweep(sweep, progress=progress)
    if format is o.CheckShape.json:
        print(json.dumps(found.to_dict(), indent=2))
    else:
        show_learning(found)
    if out is not None:
        say(f"drawn: {', '.join(map(str, draw_learning(found, out)))}")


@app.command()
def confirm(
    name: o.Name,
    storage: o.Storage = None,
    top: o.Top = 1,
    repeats: o.Repeats = None,
) -> None:
    """Train the best and none on fresh seeds, and score untouched test data."""
    from sweeps.analysis.answer import answer
    from sweeps.analysis.report import show
    from sweeps.analysis.snapshot_loader import load_snapshot
    from sweeps.runtime.confirmation import confirm as confirm_sweep
    from sweeps.runtime.confirmation import refuse_without_test_rows
    from sweeps.runtime.display import progress_on_stderr
    from sweeps.runtime.sweep import open_sweep
    from sweeps.study_page import published

    with open_sweep(name, storage) as sweep:
        refuse_without_test_rows(sweep)
        with progress_on_stderr() as progress, published(sweep, progress.note):
            confirm_sweep(sweep, top=top, repeats=repeats, progress=progress)
        show(answer(load_snapshot(sweep.results, name)))


def _config(sweep: str, replaced: Sequence[str] | None) -> "SweepConfig":
    from sweeps.config.replaced_keys import parse_pairs
    from sweeps.config.toml_file import load

    return load(sweep, parse_pairs(replaced or ()))

"""A sweep step by step: what the commands do, as functions, from a sweep file or from the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regsearch.errors import InputError
from storage.queries import Results
from storage.queries import open as open_results
from sweeps.analysis.answer import Answer
from sweeps.analysis.answer import answer as answer_of
from sweeps.analysis.learning_curve import LearningCurve
from sweeps.analysis.selection import ranked_at
from sweeps.analysis.selection_rule import SelectionRule
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.snapshot_loader import load_snapshot, trial_of
from sweeps.config import SweepConfig
from sweeps.config.toml_file import load
from sweeps.runtime import confirmation, learning, worker
from sweeps.runtime import sweep as registry
from sweeps.runtime.progress import Progress
from sweeps.runtime.replay import Replay, replay_repeat
from sweeps.runtime.showing import shown_progress
from sweeps.runtime.sweep import Sweep
from sweeps.search_result import SearchResult
from sweeps.study_page import published


def create_sweep(sweep: str | Path | SweepConfig, storage: str | Path | None = None) -> Sweep:
    """Register a sweep and open it for work; one that is there already is opened.

    Its data, model and targets are tried out before anything is written.

    Args:
        sweep: a sweep file, a preset's name, or a checked SweepConfig.
        storage: the database's URL, or an SQLite file's Path; None for $REGSEARCH_STORAGE, else sqlite:///regsearch.db.

    Returns:
        The open sweep: close it, or use it in a `with` statement.

    Raises:
        InputError: something in the sweep file does not fit, the database cannot be opened, or it has a sweep of that
            name with another configuration. Nothing was written.

    Example:
        >>> with regsearch.create_sweep("small.toml") as sweep:
        ...     print(sweep.name, sweep.config.training.epochs)
        small 20
    """
    config = sweep if isinstance(sweep, SweepConfig) else load(sweep)
    return registry.create(config, database_url(storage))


def open_sweep(name: str, storage: str | Path | None = None) -> Sweep:
    """Open a sweep that is in the database already.

    Args:
        name: the sweep's.
        storage: as for `create_sweep`.

    Raises:
        InputError: the database cannot be opened, has no such sweep, or one of a version that gave other numbers.

    Example:
        >>> with regsearch.open_sweep("small") as sweep:
        ...     print(sweep.config.search.strategy)
        grid
    """
    return registry.open_sweep(name, database_url(storage))


def work(
    sweep: Sweep | str,
    storage: str | Path | None = None,
    *,
    threads: int | None = None,
    progress: Progress | bool = True,
) -> None:
    """Work on a sweep until nothing is left to search, or its time is up; any number of workers may.

    Args:
        sweep: an open one, or a name in the database.
        storage: of a sweep that is given by its name; as for `create_sweep`.
        threads: trainings at once; None for one per CPU.
        progress: True for a display, under a notebook's cell or on stderr; False for none; or a Progress of your own.

    Raises:
        InputError: the data or the model cannot be used.
        RegsearchError: configurations failed again and again.
        KeyboardInterrupt: the work was stopped; what was trained is recorded, and the configuration is free again.

    Example:
        >>> regsearch.work("small", progress=False)  # nothing is left: it ends at once
    """
    with _opened(sweep, storage) as opened, shown_progress(progress) as shown, published(opened, shown.note):
        worker.work(opened, threads=threads, progress=shown)


def confirm(
    sweep: Sweep | str,
    storage: str | Path | None = None,
    *,
    top: int = 1,
    repeats: int | None = None,
    threads: int | None = None,
    progress: Progress | bool = True,
) -> Answer:
    """Train the best and no regularization on fresh seeds, score the test rows, and return the answer with that.

    Args:
        sweep: an open one, or a name in the database, whose search is over.
        storage: of a sweep that is given by its name; as for `create_sweep`.
        top: how many of the best to confirm, at least 1.
        repeats: fresh seeds for each; None for as many as the search had. Repeats that are there already are kept.
        threads: trainings at once; None for one per CPU.
        progress: as for `work`.

    Raises:
        InputError: there are no test rows.
        RegsearchError: no configuration has all its repeats yet.

    Example:
        >>> confirmed = regsearch.confirm("small", progress=False)
        >>> confirmed.against.test.comparison.rows
        100
    """
    with _opened(sweep, storage) as opened, shown_progress(progress) as shown:
        confirmation.refuse_without_test_rows(opened)
        with published(opened, shown.note):
            confirmation.confirm(opened, top=top, repeats=repeats, threads=threads, progress=shown)
        return answer_of(load_snapshot(opened.results, opened.name))


def learn(
    sweep: Sweep | str,
    storage: str | Path | None = None,
    *,
    threads: int | None = None,
    progress: Progress | bool = True,
) -> LearningCurve:
    """Train the winner, the best λ of its regularizer and none on a quarter and half of the rows, and compare.

    Each part is kept as a sweep of its own, named after the sweep and its rows; what is there already is not trained
    again.

    Args:
        sweep: an open one, or a name in the database, whose search is over.
        storage: of a sweep that is given by its name; as for `create_sweep`.
        threads: trainings at once; None for one per CPU.
        progress: as for `work`.

    Returns:
        Scores and gains for a quarter, half and all of the rows, and how many more rows the penalty is worth.

    Raises:
        InputError: there are fewer than 20 rows to train on.
        RegsearchError: no configuration that regularizes has all its repeats yet, or a training diverged.

    Example:
        >>> with regsearch.create_sweep("small.toml", Path("learning.db")) as sweep:
        ...     regsearch.work(sweep, progress=False)
        ...     curve = regsearch.learn(sweep, progress=False)
        >>> [point.rows for point in curve.points]
        [7, 15, 30]
    """
    with _opened(sweep, storage) as opened, shown_progress(progress) as shown:
        return learning.learn(opened, threads=threads, progress=shown)


def answer(
    sweep: Sweep | str | SweepSnapshot,
    rule: SelectionRule = "mean",
    margin: float | None = None,
    *,
    storage: str | Path | None = None,
) -> Answer:
    """Return what a sweep found, as far as it is.

    Args:
        sweep: an open one, a name in the database, or a snapshot.
        rule: `mean` for the best mean; `one-se` for the largest lambda within one standard error of it.
        margin: a difference that does not matter, in the metric's unit; None where none is named.
        storage: of a sweep that is given by its name; as for `create_sweep`.

    Raises:
        InputError: there is no such sweep or rule, or the margin is not above 0.
        RegsearchError: no configuration has all its repeats yet.

    Example:
        >>> regsearch.answer("small", rule="one-se").rule
        'one-se'
        >>> str(regsearch.answer("small").winner.configuration).split()[0]
        'l2'
    """
    return answer_of(_snapshot(sweep, storage), rule, margin)


def load_result(
    sweep: Sweep | str,
    storage: str | Path | None = None,
    *,
    rule: SelectionRule | None = None,
    margin: float | None = None,
    rank: int | None = None,
    trial: int | None = None,
) -> SearchResult:
    """Return what a sweep found, to go on working with; as far as it is.

    Args:
        sweep: an open one, or a name in the database.
        storage: of a sweep that is given by its name; as for `create_sweep`.
        rule: as for `answer`; None for `mean`.
        margin: as for `answer`.
        rank: take the configuration with the rank-th best mean for the winner.
        trial: take the configuration of this number, as `regsearch trials` shows it, for the winner.

    Raises:
        InputError: as `answer`; or there is no such rank or trial, or more than one of rule, rank and trial is given.
        RegsearchError: as `answer`.

    Example:
        >>> found = regsearch.load_result("small")
        >>> found.best.n  # repeats
        2
    """
    if sum(way is not None for way in (rule, rank, trial)) > 1:
        raise InputError("rule", "goes without rank and trial: each says which configuration is meant")
    with _results(sweep, storage) as (results, name):
        snapshot = load_snapshot(results, name)
        if rank is None and trial is None:
            return SearchResult(snapshot=snapshot, answer=answer_of(snapshot, rule or "mean", margin))
        chosen = ranked_at(snapshot, rank) if rank is not None else trial_of(results, snapshot, trial or 0)
        called = f"trial {trial}" if rank is None else f"rank {rank}"
        if chosen.id not in snapshot.details:
            snapshot = load_snapshot(results, name, row_scores_of=[chosen.id])
        return SearchResult(snapshot=snapshot, answer=answer_of(snapshot, margin=margin, chosen=chosen, called=called))


def replay(sweep: Sweep | str, storage: str | Path | None = None, *, repeat: int) -> Replay:
    """Train a recorded repeat once more and return whether it came out the same; nothing is written.

    Scores, losses, the learning curve, the norms of all weights and the scores row by row are compared. They are the
    same to the last bit on the same kind of CPU with the same versions.

    Args:
        sweep: an open one, or a name in the database.
        storage: of a sweep that is given by its name; as for `create_sweep`.
        repeat: its repeat_id in rs_results, as `open_results().repeats(name)` lists them.

    Raises:
        InputError: there is no such sweep or repeat, or the data or the builder are not there as they were.

    Example:
        >>> regsearch.replay("small", repeat=1).same
        True
    """
    with _results(sweep, storage) as (results, name):
        return replay_repeat(results, name, repeat)


def database_url(storage: str | Path | None) -> str | None:
    """Return the URL that is meant: that of an SQLite file, where a Path is given.

    >>> database_url(Path("results/a.db"))
    'sqlite:///results/a.db'
    """
    if not isinstance(storage, Path):
        return storage
    return f"sqlite:///{str(storage).replace('%', '%25').replace('?', '%3F')}"


@contextmanager
def _opened(sweep: Sweep | str, storage: str | Path | None) -> Iterator[Sweep]:
    """Give an open sweep; one that was given stays open."""
    if isinstance(sweep, Sweep):
        yield sweep
    else:
        with open_sweep(sweep, storage) as opened:
            yield opened


def _snapshot(sweep: Sweep | str | SweepSnapshot, storage: str | Path | None) -> SweepSnapshot:
    if isinstance(sweep, SweepSnapshot):
        return sweep
    with _results(sweep, storage) as (results, name):
        return load_snapshot(results, name)


@contextmanager
def _results(sweep: Sweep | str, storage: str | Path | None) -> Iterator[tuple[Results, str]]:
    """Give the database that a sweep is in, and the sweep's name; that of an open one stays open."""
    if isinstance(sweep, Sweep):
        yield sweep.results, sweep.name
        return
    with open_results(database_url(storage)) as results:
        yield results, sweep

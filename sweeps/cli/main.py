"""The command line: each command parses, makes one call of the API, and prints.

Results go to stdout, messages to stderr. Exit codes: 0 ok, 1 failed, 2 bad input, 130 stopped by Ctrl-C. Modules that
take long to load are imported by the command that needs them, so that help comes at once.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.exceptions import TyperException

from regsearch.errors import InputError, QueryError, RegsearchError, StorageURLError
from sweeps.cli import options as o

if TYPE_CHECKING:
    import pandas as pd

    from sweeps.analysis.answer import Answer

STOPPED = 130  # exit code after Ctrl-C: 128 and the signal's number, as shells have it

app = typer.Typer(
    help="Find the weight regularization that makes an overfit Keras network generalize, and prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
db = typer.Typer(help="The database's schema.", no_args_is_help=True)
app.add_typer(db, name="db")


@app.command()
def run(
    sweep: o.SweepFile,
    storage: o.Storage = None,
    workers: o.Workers = 1,
    out: o.OutOrDefault = None,
) -> None:
    """Create or resume a sweep, work on it, print the answer, write plots and the best config."""
    from sweeps.analysis.report import show
    from sweeps.config.toml_file import load
    from sweeps.run import run as run_sweep
    from sweeps.runtime.display import progress_on_stderr

    config = load(sweep)
    out = out or Path("results") / config.name
    _refuse_unwritable(out)
    with progress_on_stderr() as progress:
        found = run_sweep(config, storage=storage, out=out, workers=workers, progress=progress)
    show(found.answer, written=[*map(str, found.written), _database(storage)])


@app.command()
def create(sweep: o.SweepFile, storage: o.Storage = None) -> None:
    """Register a sweep; nothing runs."""
    from sweeps.config.toml_file import load
    from sweeps.runtime.sweep import create as create_sweep

    with create_sweep(load(sweep), storage) as created:
        print(created.name)
    _say(f"workers join it with: regsearch worker {created.name}")


@app.command()
def worker(
    name: o.Name,
    storage: o.Storage = None,
    threads: o.Threads = None,
    quiet: o.Quiet = False,
) -> None:
    """Join a sweep, from any machine that reaches the database."""
    from sweeps.runtime.display import progress_on_stderr
    from sweeps.runtime.progress import Silent
    from sweeps.runtime.sweep import open_sweep
    from sweeps.runtime.worker import work

    with open_sweep(name, storage) as sweep:
        if quiet:
            work(sweep, threads=threads, progress=Silent())
            return
        with progress_on_stderr() as progress:
            work(sweep, threads=threads, progress=progress)
        why = "the budget is used up" if sweep.strategy.left(sweep.study) else "nothing is left to search"
    _say(f"{why}; the answer: regsearch best {name}")


@app.command()
def launch(name: o.Name, storage: o.Storage = None, on: o.Where = o.On.local, workers: o.Workers = 2) -> None:
    """Start workers, and wait for them."""
    from storage import resolve_url
    from sweeps.runtime.launchers.local import LocalWorkers
    from sweeps.runtime.sweep import open_sweep

    open_sweep(name, storage).close()
    threads = max(1, (os.cpu_count() or 1) // workers)
    with LocalWorkers(name, resolve_url(storage), count=workers, threads=threads) as started:
        _say(f"{workers} workers on {name}: processes {', '.join(map(str, started.pids))}")
        started.wait()


@app.command()
def status(
    name: o.NameOrAll = None,
    storage: o.Storage = None,
    format: o.TableFormat = o.Format.table,
) -> None:
    """Show how far sweeps are, and who works on them."""
    from storage import open as open_results
    from sweeps.runtime.status import status as status_of

    with open_results(storage) as results:
        _print_table(status_of(results, name), format)


@app.command()
def trials(
    name: o.Name,
    storage: o.Storage = None,
    where: o.Condition = None,
    sort: o.Sort = "number",
    limit: o.Limit = None,
    columns: o.Columns = None,
    format: o.FormatOrDefault = None,
    out: o.TableFile = None,
) -> None:
    """Print one row a configuration."""
    from storage import open as open_results
    from sweeps.cli.tables import EXPENDABLE, format_of, print_table

    chosen = None if columns is None else [column.strip() for column in columns.split(",")]
    with _named_as_options(), open_results(storage) as results:
        frame = results.trials(name, where=where, sort=sort, limit=limit, columns=chosen)
    if chosen is None and format_of(format, out) == "table" and frame["variant"].eq("").all():
        frame = frame.drop(columns="variant")
    print_table(frame, format, out, expendable=EXPENDABLE if chosen is None else ())


@app.command()
def query(
    sql: o.Sql,
    values: o.Values = None,
    param: o.Params = None,
    storage: o.Storage = None,
    limit: o.Limit = None,
    format: o.FormatOrDefault = None,
    out: o.TableFile = None,
) -> None:
    """Ask the database anything, in read-only SQL."""
    from storage import open as open_results
    from sweeps.cli.query_parameters import parameters
    from sweeps.cli.tables import print_table

    given = parameters(values or [], param or [])
    with open_results(storage) as results:
        frame = results.sql(sql, given, limit=limit)
    print_table(frame, format, out)


@app.command()
def sweeps(storage: o.Storage = None, format: o.FormatOrDefault = None, out: o.TableFile = None) -> None:
    """List the sweeps in the database, with how far each is."""
    from storage import open as open_results
    from sweeps.cli.tables import print_table

    shown = ("name", "created_at", "configurations", "complete", "repeats", "workers", "heartbeat_at")
    with open_results(storage) as results:
        print_table(results.sweeps(columns=shown), format, out)


@app.command()
def delete(name: o.Name, storage: o.Storage = None, yes: o.Yes = False, force: o.Force = False) -> None:
    """Delete a sweep, with all that it found out."""
    from storage import open as open_results
    from storage import resolve_url

    with open_results(storage) as results:
        there = results.sweeps(where=f"id = {results.sweep(name).id}").iloc[0]
    if there["workers"] and not force:
        raise InputError("name", f"{name!r} has live workers ({there['workers']}); end them first, or give --force")
    what = f"{name}, {there['configurations']} configurations with {there['repeats']} repeats"
    if not yes and not sys.stdin.isatty():
        raise InputError("--yes", f"is missing, and nobody is here to be asked; it deletes {what}")
    if not yes and not _agreed(f"Delete {what}, from {_database(storage)}?"):
        _end("nothing was deleted", 1)
    from sweeps.runtime.transfer import delete_sweep

    delete_sweep(name, resolve_url(storage))
    print(name)


@app.command()
def copy(name: o.Name, from_: o.CopyFrom, to: o.CopyTo) -> None:
    """Copy a whole sweep to another database."""
    from storage import open as open_results
    from sweeps.runtime.transfer import copy_sweep

    with _given_by("--from"), open_results(from_) as results:
        results.sweep(name)
    with _given_by("--to"):
        copy_sweep(name, from_, to)
    print(name)


@app.command()
def best(
    name: o.Name,
    storage: o.Storage = None,
    rule: o.BestBy = o.Rule.mean,
    format: o.BestFormat = o.Shape.table,
) -> None:
    """Print the winner, and how sure that is."""
    from sweeps.analysis.export import to_json, to_python, to_toml
    from sweeps.analysis.report import show

    found = _answer(name, storage, rule)
    match format:
        case o.Shape.table:
            show(found)
        case o.Shape.json:
            print(to_json(found), end="")
        case o.Shape.toml:
            print(to_toml(found), end="")
        case o.Shape.python:
            print(to_python(found), end="")


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
    from sweeps.runtime.confirmation import confirm as confirm_sweep
    from sweeps.runtime.display import progress_on_stderr
    from sweeps.runtime.sweep import open_sweep

    with open_sweep(name, storage) as sweep:
        with progress_on_stderr() as progress:
            confirm_sweep(sweep, top=top, repeats=repeats, progress=progress)
        show(answer(sweep.results, name, sweep.config))


@app.command()
def export(
    name: o.Name,
    to: o.To,
    storage: o.Storage = None,
    rule: o.BestBy = o.Rule.mean,
) -> None:
    """Write the best configuration to a file."""
    from sweeps.analysis.export import export as export_answer

    export_answer(_answer(name, storage, rule), to)
    print(to)


@app.command()
def plot(name: o.Name, out: o.Out, storage: o.Storage = None) -> None:
    """Draw every picture as PNG and SVG."""
    from storage import open as open_results
    from sweeps.config.toml_file import parse
    from sweeps.plots import draw_all

    _refuse_unwritable(out)
    with open_results(storage) as results:
        config = parse(dict(results.sweep(name).config))
        for path in draw_all(results, name, config, out):
            print(path)


@app.command()
def dashboard(
    storage: o.Storage = None,
    host: o.Host = "127.0.0.1",
    port: o.Port = 8080,
    password_file: o.PasswordFile = None,
    allow_writes: o.AllowWrites = False,
) -> None:
    """Show the sweeps in optuna-dashboard."""
    from sweeps.runtime.dashboard import serve

    serve(
        storage,
        host=host,
        port=port,
        password_file=password_file,
        allow_writes=allow_writes,
        ready=lambda address: _say(f"the dashboard is at {address} (Ctrl-C ends it)"),
    )


@app.command()
def presets() -> None:
    """List the ready sweeps and what each is."""
    from sweeps.config.toml_file import presets

    found = presets()
    width = max(map(len, found))
    for name, about in found.items():
        print(f"{name:<{width}}  {about}")


@db.command("upgrade")
def db_upgrade(storage: o.Storage = None) -> None:
    """Bring the database's schema up to date."""
    from storage import connect, resolve_url, upgrade

    engine = connect(resolve_url(storage), write=True)
    upgrade(engine)
    engine.dispose()
    print("current")


@db.command("check")
def db_check(storage: o.Storage = None) -> None:
    """Say whether the database's schema is up to date; exit 1 if it is not."""
    from storage import connect, resolve_url, schema_status

    engine = connect(resolve_url(storage), write=False)
    found = schema_status(engine)
    engine.dispose()
    print(found)
    if found != "current":
        raise typer.Exit(1)


def main() -> NoReturn:
    """Run the command line, and exit."""
    signal.signal(signal.SIGTERM, _interrupt)  # a worker that is asked to end frees its configuration first
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
        if code == STOPPED:  # Typer makes this of Ctrl-C
            raise KeyboardInterrupt
    except TyperException as error:
        _misused(error.format_message())
    except RegsearchError as error:
        _end(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _end("stopped; the same command goes on from here", STOPPED)
    except BrokenPipeError:  # as in `regsearch trials NAME | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code or 0)


@contextmanager
def _named_as_options() -> Iterator[None]:
    """Name in errors about what is wanted of a table the option that it was given by."""
    try:
        yield
    except QueryError as error:
        raise InputError(f"--{error.field}", error.problem) from None


@contextmanager
def _given_by(option: str) -> Iterator[None]:
    """Name in errors about a database the option that it was given by."""
    try:
        yield
    except StorageURLError as error:
        raise InputError(option, error.problem) from None


def _answer(name: str, storage: str | None, rule: o.Rule) -> "Answer":
    from storage import open as open_results
    from sweeps.analysis.answer import answer
    from sweeps.config.toml_file import parse

    with open_results(storage) as results:
        config = parse(dict(results.sweep(name).config))
        return answer(results, name, config, "one-se" if rule is o.Rule.one_se else "mean")


def _print_table(frame: "pd.DataFrame", format: o.Format) -> None:
    from sweeps.cli.tables import print_table

    print_table(frame, format.value)


def _database(storage: str | None) -> str:
    from storage import resolve_url, safe_url

    return safe_url(resolve_url(storage))


def _refuse_unwritable(out: Path) -> None:
    """Say before the work, not after it, that its results would have no place."""
    there = next(p for p in (out, *out.absolute().parents) if p.exists())
    if not there.is_dir():
        raise InputError("--out", f"{there} is a file; give a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError("--out", f"{there} is not writable; give another folder")


def _misused(message: str) -> NoReturn:
    if message.startswith("Usage:"):  # a command without its arguments: its whole help
        _say(message)
        sys.exit(2)
    _end(f"{message.splitlines()[0]} (see --help)", 2)


def _agreed(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _end(message: str, code: int) -> NoReturn:
    if message:
        _say(f"regsearch: {message}")
    sys.exit(code)


def _interrupt(signum: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt

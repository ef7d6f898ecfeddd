"""Commands that show what sweeps found: from status and trials to best, compare, plot and dashboard."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from regsearch.errors import InputError, QueryError
from sweeps.cli import options as o
from sweeps.cli.app import app, results_in, say
from sweeps.cli.folders import refuse_unwritable

if TYPE_CHECKING:
    from sweeps.analysis.answer import Answer
    from sweeps.analysis.selection_rule import SelectionRule
    from sweeps.analysis.snapshot import SweepSnapshot


@app.command()
def status(
    name: o.NameOrAll = None, storage: o.Storage = None, format: o.TableFormat = "table", watch: o.Watch = False
) -> None:
    """Show how far sweeps are, and who works on them."""
    from sweeps.cli.tables import print_table
    from sweeps.runtime.status import failures, workers
    from sweeps.runtime.status import status as status_of

    if watch:
        if format != "table":
            raise InputError("--watch", "shows a display; leave out --format")
        _watch(name, storage)
        return
    with results_in(storage) as results:
        print_table(status_of(results, name), format)
        if name is None or format != "table":
            return
        for more in (workers(results, name), failures(results, name)):
            if not more.empty:
                print()
                print_table(more, format)


@app.command()
def sweeps(storage: o.Storage = None, format: o.FormatOrDefault = None, out: o.TableFile = None) -> None:
    """List the sweeps in the database, with how far each is."""
    from sweeps.cli.tables import print_table

    shown = ("name", "created_at", "configurations", "complete", "repeats", "workers", "heartbeat_at")
    with results_in(storage) as results:
        print_table(results.sweeps(columns=shown), format, out)


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
    """Print one row per configuration."""
    from sweeps.cli.tables import EXPENDABLE, format_of, print_table

    chosen = None if columns is None else [column.strip() for column in columns.split(",")]
    with _named_as_options(), results_in(storage) as results:
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
    from sweeps.cli.query_parameters import parameters
    from sweeps.cli.tables import print_table

    given = parameters(values or [], param or [])
    with results_in(storage) as results:
        frame = results.sql(sql, given, limit=limit)
    print_table(frame, format, out)


@app.command()
def best(
    name: o.Name,
    storage: o.Storage = None,
    rule: o.BestBy = "mean",
    margin: o.Margin = None,
    format: o.BestFormat = "table",
) -> None:
    """Print the winner, and how sure that is."""
    from sweeps.analysis.export import to_csv, to_json, to_python, to_toml
    from sweeps.analysis.report import show

    found = _answer(name, storage, rule, margin)
    if format == "table":
        show(found)
    else:
        print({"csv": to_csv, "json": to_json, "toml": to_toml, "python": to_python}[format](found), end="")


@app.command()
def compare(
    a: o.NameA,
    b: o.NameB,
    storage: o.Storage = None,
    rule: o.BestBy = "mean",
    margin: o.Margin = None,
    format: o.CheckFormat = o.CheckShape.table,
) -> None:
    """Compare the winners of two sweeps on the same data and split."""
    from sweeps.analysis.versus import compare_sweeps
    from sweeps.analysis.versus_report import show_versus

    first, second = (_snapshot(name, storage) for name in (a, b))
    found = compare_sweeps(first, second, rule=rule, margin=margin)
    if format is o.CheckShape.json:
        print(json.dumps(found.to_dict(), indent=2))
    else:
        show_versus(found, first)


@app.command()
def export(
    name: o.Name,
    to: o.To,
    storage: o.Storage = None,
    rule: o.BestByOrRank = None,
    rank: o.Rank = None,
    trial: o.TrialNumber = None,
    refit: o.Refit = None,
    ensemble: o.Ensemble = None,
    force: o.Overwrite = False,
) -> None:
    """Write the best configuration to a file."""
    from sweeps.analysis.export import MODEL, suffix_of
    from sweeps.cli.folders import refuse_file
    from sweeps.steps import load_result

    written = [to, to.with_suffix(".md")] if suffix_of(to) == MODEL else [to]
    for file in written:
        refuse_file(file, force=force)
    with _named_as_options("rule", "rank", "trial", "refit", "ensemble"):
        found = load_result(name, storage, rule=rule, rank=rank, trial=trial)
        found.export(to, refit=refit, ensemble=ensemble)
    for file in written:
        print(file)


@app.command()
def predict(
    name: o.Name,
    rows: o.NewRows,
    storage: o.Storage = None,
    rule: o.BestByOrRank = None,
    rank: o.Rank = None,
    trial: o.TrialNumber = None,
    refit: o.Refit = None,
    ensemble: o.Ensemble = None,
    format: o.FormatOrDefault = None,
    out: o.TableFile = None,
    force: o.Overwrite = False,
) -> None:
    """Predict new rows by the best configuration, trained once more."""
    from sweeps.cli.folders import refuse_file
    from sweeps.cli.tables import print_table
    from sweeps.steps import load_result

    if out is not None:
        refuse_file(out, force=force, field="--out")
    with _named_as_options("rule", "rank", "trial", "refit", "ensemble"):
        found = load_result(name, storage, rule=rule, rank=rank, trial=trial)
        table = found.predictions(rows, refit=refit or "train", ensemble=ensemble)
    print_table(table, format, out)
    if out is not None:
        print(out)


@app.command()
def replay(
    name: o.Name, repeat: o.RepeatId, storage: o.Storage = None, format: o.CheckFormat = o.CheckShape.table
) -> None:
    """Train a recorded repeat again, and say whether it is the same to the last bit."""
    from sweeps.cli.replay_report import replay_lines
    from sweeps.steps import replay as replay_repeat

    with _named_as_options("repeat"):
        found = replay_repeat(name, storage, repeat=repeat)
    if format is o.CheckShape.json:
        print(json.dumps(found.to_dict(), indent=2))
    else:
        print(*replay_lines(found), sep="\n")
    if not found.same and not found.versions:
        raise typer.Exit(1)


@app.command()
def plot(name: o.Name, out: o.Out, storage: o.Storage = None) -> None:
    """Draw every picture as PNG and SVG."""
    from sweeps.plots.pictures import draw_all

    refuse_unwritable(out)
    for path in draw_all(_snapshot(name, storage), out):
        print(path)


@app.command()
def report(
    name: o.Name, out: o.ReportFile = Path("report.html"), storage: o.Storage = None, rule: o.BestBy = "mean"
) -> None:
    """Write a report as one page of HTML: the answer, its evidence, and how to get the same again."""
    from sweeps.analysis.answer import answer
    from sweeps.search_result import SearchResult

    snapshot = _snapshot(name, storage)
    print(SearchResult(snapshot=snapshot, answer=answer(snapshot, rule)).report(out))


@app.command()
def dashboard(
    storage: o.Storage = None,
    host: o.Host = "127.0.0.1",
    port: o.Port = 8080,
    allowed_host: o.AllowedHost = None,
    password_file: o.PasswordFile = None,
    hash_password: o.HashPassword = False,
    allow_writes: o.AllowWrites = False,
    artifacts: o.Artifacts = None,
) -> None:
    """Show the sweeps in optuna-dashboard."""
    if hash_password:
        _print_hash()
        return
    from optuna.artifacts import FileSystemArtifactStore

    from storage import resolve_url
    from sweeps.runtime.dashboard import Settings, serve
    from sweeps.study_page import DrawnArtifacts

    if artifacts is not None:
        refuse_unwritable(artifacts, field="--artifacts")
    uploads = None if artifacts is None else FileSystemArtifactStore(artifacts)

    def ready(address: str) -> None:
        if artifacts is not None:  # only now is it sure that all else was right
            artifacts.mkdir(parents=True, exist_ok=True)
        say(f"the dashboard is at {address} (Ctrl-C ends it)")

    settings = Settings(
        host=host,
        port=port,
        allowed_hosts=tuple(allowed_host or ()),
        password_file=password_file,
        allow_writes=allow_writes,
        uploads=artifacts is not None,
    )
    serve(
        storage,
        settings,
        artifacts=DrawnArtifacts(resolve_url(storage), uploads),
        ready=ready,
        log=lambda line: say(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {line}"),
    )


def _print_hash() -> None:
    from sweeps.runtime.dashboard.passwords import hash_password

    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    print(hash_password(password))


@app.command()
def presets() -> None:
    """List the ready sweeps and what each is."""
    from sweeps.config.toml_file import presets

    found = presets()
    width = max(map(len, found))
    for name, about in found.items():
        print(f"{name:<{width}}  {about}")


@contextmanager
def _named_as_options(*names: str) -> Iterator[None]:
    """Name in errors about what is wanted of a table, or about one of these, the option that it was given by."""
    try:
        yield
    except InputError as error:
        if not isinstance(error, QueryError) and error.field not in names:
            raise
        raise InputError(f"--{error.field}", error.problem) from None


def _watch(name: str | None, storage: str | None) -> None:
    """Show a sweep until its search has ended, or until Ctrl-C: nothing is lost by that."""
    from sweeps.runtime.sweep import open_sweep
    from sweeps.runtime.watching import board_on_stdout, watch

    if name is None:
        raise InputError("--watch", "goes with the NAME of one sweep")
    with suppress(KeyboardInterrupt), open_sweep(name, storage) as sweep:
        with board_on_stdout() as (board, least_pause_s):
            watch(sweep, board, least_pause_s=least_pause_s)
        say(f"the search has ended; the answer: regsearch best {name}")


def _answer(name: str, storage: str | None, rule: "SelectionRule", margin: float | None = None) -> "Answer":
    from sweeps.analysis.answer import answer

    return answer(_snapshot(name, storage), rule, margin)


def _snapshot(name: str, storage: str | None) -> "SweepSnapshot":
    from sweeps.analysis.snapshot_loader import load_snapshot

    with results_in(storage) as results:
        return load_snapshot(results, name)

"""Commands that change whole sweeps or the database: copy, rename, delete, db upgrade, db check."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from regsearch.errors import InputError, StorageURLError
from sweeps.cli import options as o
from sweeps.cli.app import app, database, results_in, say

if TYPE_CHECKING:
    import pandas as pd

db = typer.Typer(help="The database's schema.", no_args_is_help=True)
app.add_typer(db, name="db")


@app.command()
def copy(name: o.Name, from_: o.CopyFrom, to: o.CopyTo) -> None:
    """Copy a whole sweep to another database."""
    from sweeps.runtime.transfer import copy_sweep

    with _given_by("--from"), results_in(from_) as results:
        results.sweep(name)
    with _given_by("--to"):
        copy_sweep(name, from_, to)
    print(name)


@app.command()
def rename(name: o.Name, new_name: o.NewName, storage: o.Storage = None, force: o.Force = False) -> None:
    """Give a sweep another name."""
    from storage import resolve_url
    from sweeps.runtime.transfer import rename_sweep

    _refuse_live(_how_far(storage, name), force)

    rename_sweep(name, new_name, resolve_url(storage))
    print(new_name)


@app.command()
def delete(name: o.Name, storage: o.Storage = None, yes: o.Yes = False, force: o.Force = False) -> None:
    """Delete a sweep, with all that it found out."""
    from storage import resolve_url
    from sweeps.runtime.transfer import delete_sweep

    there = _how_far(storage, name)
    _refuse_live(there, force)
    what = f"{name}, {there['configurations']} configurations with {there['repeats']} repeats"
    if not yes and not sys.stdin.isatty():
        raise InputError("--yes", f"is missing, and nobody is here to be asked; it deletes {what}")
    if not yes and not _agreed(f"Delete {what}, from {database(storage)}?"):
        say("regsearch: nothing was deleted")
        raise typer.Exit(1)
    delete_sweep(name, resolve_url(storage))
    print(name)


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


def _how_far(storage: str | None, name: str) -> "pd.Series[Any]":
    with results_in(storage) as results:
        return results.sweeps(where=f"id = {results.sweep(name).id}").iloc[0]


def _refuse_live(there: "pd.Series[Any]", force: bool) -> None:
    if there["workers"] and not force:
        found = f"{there['name']!r} has live workers ({there['workers']})"
        raise InputError("name", f"{found}; end them first, or give --force")


@contextmanager
def _given_by(option: str) -> Iterator[None]:
    """Name in errors about a database the option that it was given by."""
    try:
        yield
    except StorageURLError as error:
        raise InputError(option, error.problem) from None


def _agreed(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")

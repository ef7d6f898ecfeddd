"""The application that commands are added to, and what they say beside their results."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from storage.queries import Results

app = typer.Typer(
    help="Find the weight regularization that makes an overfit Keras network generalize, and say how sure that is.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from regsearch.version import __version__

        print(f"regsearch {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options that need no command."""


def say(message: str) -> None:
    """Print a message on stderr; stdout is for results."""
    print(message, file=sys.stderr, flush=True)


def database(storage: str | None) -> str:
    """Return the URL of the database that is meant, without its password."""
    from storage import resolve_url, safe_url

    return safe_url(resolve_url(storage))


def results_in(storage: str | None) -> "Results":
    """Open the database that is meant, to read it."""
    from storage import open as open_results

    return open_results(storage)

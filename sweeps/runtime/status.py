"""How far sweeps are, and who works on them."""

import pandas as pd

from storage.queries import Results

COLUMNS = ("name", "configurations", "complete", "repeats", "workers")


def status(results: Results, name: str | None = None) -> pd.DataFrame:
    """Return one row per sweep, or that of one sweep.

    Columns: sweep, configurations (tried so far), complete, repeats, workers (alive), doing.
    """
    where = None if name is None else f"id = {results.sweep(name).id}"
    found = results.sweeps(where=where, columns=COLUMNS).rename(columns={"name": "sweep"})
    doing = (results.workers(sweep, alive=True)["doing"].dropna() for sweep in found["sweep"])
    return found.assign(doing=[", ".join(one) for one in doing])


def workers(results: Results, name: str) -> pd.DataFrame:
    """Return one row per worker that is alive: worker, host, last_heard_of, doing."""
    found = results.workers(name, alive=True)
    return found[["name", "host", "heartbeat_at", "doing"]].rename(
        columns={"name": "worker", "heartbeat_at": "last_heard_of"}
    )


def failures(results: Results, name: str) -> pd.DataFrame:
    """Return one row per reason for which trainings failed, the most frequent first: reason, times, last_at."""
    found = (
        results.failures(name)
        .groupby("reason", sort=False, as_index=False)
        .agg(times=("id", "size"), last_at=("at", "max"))
    )
    return found.sort_values("times", ascending=False, kind="stable", ignore_index=True)

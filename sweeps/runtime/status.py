"""How far sweeps are, and who works on them."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from storage.queries import ALIVE_S, Results

ALIVE = timedelta(seconds=ALIVE_S)


def status(results: Results, name: str | None = None) -> pd.DataFrame:
    """Return one row a sweep.

    Columns: sweep, configurations (tried so far), complete, repeats, workers (alive), doing.

    Args:
        results: the database.
        name: of which sweep; None for all.

    Raises:
        UnknownSweep: there is none of that name.
    """
    names = [results.sweep(name).name] if name is not None else list(results.sweeps()["name"])
    return pd.DataFrame([_row(results, one) for one in names])


def _row(results: Results, name: str) -> dict[str, object]:
    board, workers = results.leaderboard(name), results.workers(name)
    alive = workers[workers["ended_at"].isna() & (workers["heartbeat_at"] > datetime.now(UTC) - ALIVE)]
    return {
        "sweep": name,
        "configurations": len(board),
        "complete": int((board["state"] == "complete").sum()),
        "repeats": int(board["n"].sum()),
        "workers": len(alive),
        "doing": ", ".join(alive["doing"].dropna()),
    }

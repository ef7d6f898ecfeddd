"""Train a recorded repeat once more, and tell whether all that was recorded of it comes out again, bit by bit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regsearch.errors import InputError, TrainingFailed
from regsearch.results import Repeat, RowScores
from regsearch.spec import Configuration, Purpose
from storage.packing import SERIES
from storage.queries import Results
from storage.tables import NORMS, SCORES
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.runtime.sweep import versions


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """Some numbers of a repeat, as they were recorded and as they came out again.

    Args:
        name: what they are.
        count: how many there are.
        recorded: where it is one number, that which was recorded; else None.
        again: likewise that which came out again.
        difference: the largest; infinite where there are more or fewer numbers, or others are missing.
        same: whether all are the same to the last bit.
    """

    name: str
    count: int
    recorded: float | None
    again: float | None
    difference: float
    same: bool


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A recorded repeat, and how it came out when it was trained again.

    Args:
        sweep: the sweep's name.
        repeat_id: of the repeat, in rs_results.
        configuration: what was trained.
        purpose: `search` or `confirm`.
        repeat: its index.
        seed: its seed.
        recorded_status: `ok`, `diverged` or `failed`.
        status: the same of the training now.
        numbers: what was compared.
        versions: what is not what it was when the sweep was made, (then, now) by package; `cpu` among them.

    Example:
        >>> again = regsearch.replay("small", repeat=1)
        >>> again.same, again.versions
        (True, {})
    """

    sweep: str
    repeat_id: int
    configuration: Configuration
    purpose: Purpose
    repeat: int
    seed: int
    recorded_status: str
    status: str
    numbers: tuple[Replayed, ...]
    versions: Mapping[str, tuple[str, str]]

    @property
    def same(self) -> bool:
        """Whether all that was recorded came out again to the last bit."""
        return self.status == self.recorded_status and all(each.same for each in self.numbers)

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            **{name: getattr(self, name) for name in ("sweep", "repeat_id", "purpose", "repeat", "seed", "same")},
            "configuration": str(self.configuration),
            "status": {"recorded": self.recorded_status, "again": self.status},
            "numbers": [vars(each) | {"difference": _finite(each.difference)} for each in self.numbers],
            "versions": {name: {"recorded": then, "now": now} for name, (then, now) in self.versions.items()},
        }


def replay_repeat(results: Results, name: str, repeat_id: int) -> Replay:
    """Train a recorded repeat of a sweep once more; nothing is written.

    Args:
        results: the database.
        name: the sweep's.
        repeat_id: of the repeat, in rs_results.

    Raises:
        InputError: there is no such sweep or repeat, or the data or the model are not there as they were.
    """
    table = results.repeats(name, where=f"repeat_id = {int(repeat_id)}")
    if table.empty:
        listing = f"SELECT repeat_id, configuration_id, purpose, repeat FROM rs_results WHERE sweep = '{name}'"
        raise InputError("repeat", f'{name!r} has no repeat {repeat_id}: regsearch query "{listing}" lists them')
    row, snapshot = table.iloc[0], load_snapshot(results, name)
    configuration = results.configurations(name)[int(row["configuration_id"])]
    again = _trained(snapshot.trial_spec(configuration), row)
    now = versions()
    return Replay(
        sweep=name,
        repeat_id=int(repeat_id),
        configuration=configuration,
        purpose=row["purpose"],
        repeat=int(row["repeat"]),
        seed=int(row["seed"]),
        recorded_status=str(row["status"]),
        status="failed" if again is None else again.status,
        numbers=() if again is None else tuple(_compared(results, name, row, again)),
        versions={
            package: (then, now.get(package, "none"))
            for package, then in snapshot.versions.items()
            if then != now.get(package)
        },
    )


def _trained(spec: Any, row: "pd.Series[Any]") -> Repeat | None:
    """Return the repeat, trained again; None where the training failed."""
    from regsearch.trial import evaluate

    seeds = {int(row["repeat"]): int(row["seed"])}
    try:
        (found,) = evaluate(spec, seeds, test=row["purpose"] == "confirm", threads=1)
    except TrainingFailed:
        return None
    return found


def _compared(results: Results, name: str, row: "pd.Series[Any]", again: Repeat) -> Iterator[Replayed]:
    yield _replayed("epochs", [row["epochs"]], [again.epochs])
    for column in SCORES:
        subset, _, kind = column.partition("_")
        scores = getattr(again, subset)
        if scores is not None or not pd.isna(row[column]):
            found = np.nan if scores is None else getattr(scores, kind)
            yield _replayed(column.replace("_", " "), [row[column]], [found])
    chosen, purpose = f"repeat_id = {int(row['repeat_id'])}", row["purpose"]
    curve = results.curves(name, purpose, where=chosen)
    if len(curve) or again.curve is not None:
        names = ("epoch", *SERIES)
        points = [] if again.curve is None else [getattr(again.curve, n) for n in ("epochs", *SERIES)]
        yield _replayed("learning curve", curve[list(names)].to_numpy().T, np.asarray(points, np.float64))
    norms = results.weight_norms(name, purpose, where=chosen)
    if len(norms) or again.weight_norms:
        # A layer without a name of its own gets a number that depends on what its process built before.
        layer = "layer" if set(norms["layer"]) == {each.layer for each in again.weight_norms} else "unit"
        found = {(getattr(each, layer), each.weight): [getattr(each, n) for n in NORMS] for each in again.weight_norms}
        places = zip(norms[layer], norms["weight"], strict=True)
        recorded = dict(zip(places, norms[list(NORMS)].to_numpy().tolist(), strict=True))
        absent, keys = [np.nan] * len(NORMS), dict.fromkeys([*recorded, *found])
        yield _replayed("weight norms", *([of.get(key, absent) for key in keys] for of in (recorded, found)))
    for subset in ("validation", "test"):
        rows: RowScores | None = getattr(again, f"{subset}_rows")
        kept = results.row_scores(int(row["configuration_id"]), purpose=purpose, subset=subset)  # type: ignore[arg-type]
        kept = kept[kept["repeat"] == row["repeat"]]
        if len(kept) or rows is not None:
            pair = [] if rows is None else [rows.rows, rows.scores]
            yield _replayed(f"{subset} row scores", kept[["row", "score"]].to_numpy().T, np.asarray(pair, np.float64))


def _replayed(name: str, recorded: Any, again: Any) -> Replayed:
    before, now = (np.asarray(each, np.float64) for each in (recorded, again))
    alone = before.shape == now.shape == (1,)
    return Replayed(
        name=name,
        count=before.size,
        recorded=_finite(float(before[0])) if alone else None,
        again=_finite(float(now[0])) if alone else None,
        difference=_largest(before, now),
        same=bool(np.array_equal(before, now, equal_nan=True)),
    )


def _largest(before: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    if before.shape != now.shape or (np.isnan(before) != np.isnan(now)).any():
        return float("inf")
    return float(np.nanmax(np.abs(before - now), initial=0.0)) if not np.isnan(before).all() else 0.0


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None

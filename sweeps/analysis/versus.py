"""Two sweeps on the same data and split, their winners compared by seed and by row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from regsearch.errors import InputError
from regsearch.results import ScoredSubset
from regsearch.spec import Configuration
from regsearch.spec.plain import to_plain
from regsearch.statistics.equivalence import require_margin
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.comparisons import ClaimedComparison, error_between, judged
from sweeps.analysis.selection import choose
from sweeps.analysis.selection_rule import SelectionRule
from sweeps.analysis.snapshot import SweepSnapshot

# What a network sees of a row is its own affair; all else says which rows there are, and which train.
_OWN: dict[str, Any] = {"scale": "auto", "scale_target": None, "shape": (), "inputs": (), "shapes": (), "folder": ""}


@dataclass(frozen=True, kw_only=True)
class Versus:
    """The winner of one sweep against that of another.

    Args:
        a: the name of the first sweep; a gain above 0 is in favour of its winner where more of the metric is better.
        b: the name of the second.
        metric: what both are scored by.
        winner_a: the winner of the first.
        winner_b: the winner of the second.
        validation: how they compare on the validation rows, which also chose both.
        test: how they compare on the test rows; None where not both are confirmed.
    """

    a: str
    b: str
    metric: str
    winner_a: Candidate
    winner_b: Candidate
    validation: ClaimedComparison | None
    test: ClaimedComparison | None

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "a": {"sweep": self.a, "winner": str(self.winner_a.configuration), "mean": self.winner_a.mean},
            "b": {"sweep": self.b, "winner": str(self.winner_b.configuration), "mean": self.winner_b.mean},
            "metric": self.metric,
            "validation": None if self.validation is None else self.validation.to_dict(),
            "test": None if self.test is None else self.test.to_dict(),
        }


def compare_sweeps(
    a: SweepSnapshot, b: SweepSnapshot, *, rule: SelectionRule = "mean", margin: float | None = None
) -> Versus:
    """Compare the winners of two sweeps, paired by seed and by row.

    Args:
        a: the first sweep.
        b: the second, on the same rows, split alike, with the same metric and seed.
        rule: how each winner is chosen, as `selection.choose` has it.
        margin: a difference that does not matter, in the metric's unit; None where none is named.

    Raises:
        InputError: the two differ in data, split, metric or seed, or the margin is not above 0.
        RegsearchError: one has no configuration that is finished.
    """
    if margin is not None:
        require_margin(margin)
    refuse_others(a, b)
    winner_a, winner_b = choose(a, rule), choose(b, rule)

    def compared(subset: ScoredSubset) -> ClaimedComparison | None:
        scores = a.row_scores(winner_a, subset), b.row_scores(winner_b, subset)
        error = error_between(a, *scores)
        return None if error is None else judged(a, [error], subset, margin)[0]

    return Versus(
        a=a.name,
        b=b.name,
        metric=a.config.metric,
        winner_a=winner_a,
        winner_b=winner_b,
        validation=compared("validation"),
        test=compared("test"),
    )


def refuse_others(a: SweepSnapshot, b: SweepSnapshot) -> None:
    """Refuse two sweeps whose repeats are no pairs.

    Raises:
        InputError: it names the first thing in which they differ, and both its values.
    """
    if a.name == b.name:
        raise InputError("B", f"must be another sweep than A, got {a.name!r} twice")
    for field, of_a, of_b in _differences(a, b):
        where = f"{a.name!r} has {_said(of_a)}, {b.name!r} has {_said(of_b)}"
        raise InputError(field, f"must be the same in both sweeps, so that their repeats are pairs: {where}")


def _differences(a: SweepSnapshot, b: SweepSnapshot) -> list[tuple[str, Any, Any]]:
    settings = [(_settings(one), one) for one in (a, b)]
    found = [(field, value, settings[1][0].get(field)) for field, value in settings[0][0].items()]
    return [each for each in found if each[1] != each[2]]


def _settings(snapshot: SweepSnapshot) -> dict[str, Any]:
    """Return, by fields of the sweep file, what two sweeps must share."""
    config = snapshot.config
    data: Mapping[str, Any] = to_plain(replace(config.data_spec, **_OWN))
    return {
        **{f"data.{name}": data[name] for name in _ordered(data)},
        "evaluation.metric": (config.metric, config.trial_spec(Configuration()).metric_digest),
        "evaluation.resample": config.resample,
        "seed": config.seed,
    }


def _ordered(data: Mapping[str, Any]) -> list[str]:
    """Return the names of a data spec's fields, what it is before how it is read."""
    first = ["source", "digest", "split"]
    return [*first, *(name for name in data if name not in first)]


def _said(value: Any) -> str:
    if isinstance(value, tuple):  # a metric, and the digest of its file, empty for a named one
        return repr(value[0]) + (f" of a file with the digest {value[1][:12]}" if value[1] else "")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {each}" for name, each in value.items() if each) + " }"
    return repr(value)

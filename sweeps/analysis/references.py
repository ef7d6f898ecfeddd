"""The winner against models that are no networks: should this be a network at all?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from regsearch.reference_models import ReferenceModel
from regsearch.results import ScoredSubset
from regsearch.scoring import Summary
from regsearch.spec.plain import from_plain, to_plain
from regsearch.statistics.claim import Claim, Rules, claims
from regsearch.statistics.paired_error import PairedError
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.comparisons import refusal_of
from sweeps.analysis.snapshot import SweepSnapshot

CHECK = "reference_models"  # of rs_sweeps.checks


@dataclass(frozen=True, kw_only=True)
class ReferenceComparison:
    """The winner against one model that is no network.

    Args:
        model: which.
        subset: the rows that both were scored on.
        rows: how many.
        scores: the model's, over the same repeats.
        claim: how much better the winner did, and what may be said of it; all claims of a sweep hold together.
    """

    model: ReferenceModel
    subset: ScoredSubset
    rows: int
    scores: Summary
    claim: Claim

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        claim = self.claim
        return {
            "model": self.model,
            "subset": self.subset,
            "rows": self.rows,
            **to_plain(self.scores),
            "difference": claim.difference,
            "interval": None if claim.interval is None else [claim.interval.low, claim.interval.high],
            "finding": claim.finding,
            "scope": str(claim.scope),
            "reason": claim.reason,
        }


def reference_comparisons(snapshot: SweepSnapshot, winner: Candidate) -> tuple[ReferenceComparison, ...]:
    """Return how the winner compares with the models it was compared with; none where another one was."""
    stored = snapshot.checks.get(CHECK)
    if stored is None or stored["configuration_id"] != winner.id:
        return ()
    config, found = snapshot.config, stored["models"]
    errors = [from_plain(PairedError, one["error"]) for one in found]
    refusals = [refusal_of(snapshot, error) for error in errors]
    rules = Rules(scope=snapshot.scope, greater_is_better=config.greater_is_better)
    return tuple(
        ReferenceComparison(
            model=one["model"],
            subset=stored["subset"],
            rows=error.rows,
            scores=from_plain(Summary, one["scores"]),
            claim=claim,
        )
        for one, error, claim in zip(found, errors, claims(errors, refusals, rules), strict=True)
    )


def describe_references(winner: str, found: Iterable[ReferenceComparison]) -> str:
    """Return whether this should be a network at all, as far as these rows can tell."""
    found = list(found)
    by = {finding: [one.model for one in found if one.claim.finding == finding] for finding in ("better", "worse")}
    scope, chosen = found[0].claim.scope, found[0].subset == "validation"
    end = f", {scope} (95 %)." + (" The winner was chosen by these rows." if chosen else "")
    if by["worse"]:
        verb = "does" if len(by["worse"]) == 1 else "do"
        return f"Not on this evidence: {' and '.join(by['worse'])} {verb} better than {winner}{end}"
    if len(by["better"]) == len(found):
        return f"Yes: {winner} beats {' and '.join(by['better'])}{end}"
    others = [one.model for one in found if one.claim.finding != "better"]
    return f"Not shown: these rows cannot separate {winner} from {' or '.join(others)}{end}"

"""What recording learning curves adds to a training."""

from dataclasses import dataclass
from unittest.mock import patch

from benchmarks import case_study, layers, ours
from benchmarks.measure import Contender, Ratio, Report, round_robin, times
from regsearch.models import BUILDERS

MOST = 1.15  # times as long as without, at most


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much work a round is, in epochs and trainings, and how many rounds there are."""

    rounds: int = 4
    case_study: int = 4000
    trainings: int = 8
    batches: int = 42  # of digits, an epoch
    digits: int = 1000  # the default, so every fifth has a point


QUICK = Sizes(rounds=1, case_study=20, trainings=1, batches=1, digits=2)


def report(sizes: Sizes) -> Report:
    """Measure and return the section, in epochs of either training."""
    with patch.dict(BUILDERS, layers.MODELS):
        pairs = [_case_study(sizes), _digits(sizes)]
        found = round_robin([contender for pair in pairs for contender in pair], sizes.rounds)
    ratios = [
        Ratio(name=f"{usual.name} / without", value=times(found[usual.name], found[without.name]), at_most=MOST)
        for usual, without in pairs
    ]
    return Report(
        title="Learning curves: at most 200 points, or the last alone",
        unit="epoch",
        figures=tuple(found.values()),
        ratios=tuple(ratios),
    )


def _case_study(sizes: Sizes) -> tuple[Contender, Contender]:
    epochs, spec = sizes.case_study, case_study.spec(sizes.case_study)
    return (
        ours.training("case study with its curve", spec, units=epochs, trainings=sizes.trainings),
        ours.training("case study without", spec, units=epochs, trainings=sizes.trainings, curve=False),
    )


def _digits(sizes: Sizes) -> tuple[Contender, Contender]:
    epochs, spec = sizes.digits, layers.spec("mlp", epochs=sizes.digits, batches=sizes.batches)
    return (
        ours.training("digits MLP with its curve", spec, units=epochs),
        ours.training("digits MLP without", spec, units=epochs, curve=False),
    )

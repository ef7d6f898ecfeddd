"""What a sampler is shown that knows no conditions."""

from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import RandomSampler
from optuna.trial import FrozenTrial, TrialState

from sweeps.samplers.subspace import Subspace, SubspaceSampler

SPACE = {
    "regularizer": CategoricalDistribution(("none", "l2", "l1")),
    "lambda": FloatDistribution(1e-6, 1e-1, log=True),
}


class Watched(RandomSampler):
    """Remembers the trials that it is shown."""

    shown: list[FrozenTrial]

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        Watched.shown = study.get_trials(states=(TrialState.COMPLETE, TrialState.RUNNING))[:-1]


def watched(subspace: Subspace, **options: Any) -> optuna.Study:
    return optuna.create_study(sampler=SubspaceSampler(lambda study: subspace, Watched, 1, **options))


def suggest(trial: optuna.Trial) -> str:
    regularizer = trial.suggest_categorical("regularizer", ("none", "l2", "l1"))
    if regularizer != "none":
        trial.suggest_float("lambda", 1e-6, 1e-1, log=True)
    return str(regularizer)


def test_every_trial_it_is_shown_has_every_parameter() -> None:
    study = watched(Subspace(distributions=SPACE))
    names = []
    for value in range(12):
        trial = study.ask()
        names.append(suggest(trial))
        study.tell(trial, value)
    study.ask()
    assert "none" in names and any("lambda" not in t.params for t in study.trials)
    assert [set(t.params) for t in Watched.shown] == [{"regularizer", "lambda"}] * 12
    assert [t.value for t in Watched.shown] == list(range(12))
    for own, seen in zip(study.trials, Watched.shown, strict=False):  # and what the trial has is what it is shown
        assert own.params.items() <= seen.params.items()


def test_categories_are_shown_as_numbers_where_asked() -> None:
    study = watched(Subspace(distributions=SPACE), ordinal=True)
    names = []
    for _ in range(6):
        trial = study.ask()
        names.append(suggest(trial))
        study.tell(trial, 0.0)
    study.ask()
    assert [("none", "l2", "l1")[t.params["regularizer"]] for t in Watched.shown] == names
    assert {t.distributions["regularizer"] for t in Watched.shown} == {IntDistribution(0, 2)}


def test_a_pruned_trial_is_as_bad_as_the_worst_a_failed_one_is_not_shown_and_a_running_one_is() -> None:
    study = watched(Subspace(distributions=SPACE))
    trials = [study.ask() for _ in range(5)]
    for trial in trials:
        suggest(trial)
    study.tell(trials[0], 3.0)
    study.tell(trials[1], 5.0)
    study.tell(trials[2], state=TrialState.PRUNED)
    study.tell(trials[3], state=TrialState.FAIL)
    study.ask()
    assert [(t.state.name, t.value) for t in Watched.shown] == [
        ("COMPLETE", 3.0),
        ("COMPLETE", 5.0),
        ("COMPLETE", 5.0),  # study minimizes
        ("RUNNING", None),
    ]


def test_only_the_subspace_is_seen_and_searched() -> None:
    subspace = Subspace(distributions={"lambda": FloatDistribution(1e-3, 1e-1, log=True)}, fixed={"regularizer": "l2"})
    study = watched(subspace)
    known = [
        {"regularizer": "l2", "lambda": 1e-2},
        {"regularizer": "l2", "lambda": 1e-4},  # outside
        {"regularizer": "l1", "lambda": 1e-2},  # elsewhere
        {"regularizer": "none"},
    ]
    for params in known:
        study.enqueue_trial(params)
        trial = study.ask()
        suggest(trial)
        study.tell(trial, 0.0)
    trial = study.ask()
    assert [t.params for t in Watched.shown] == [{"lambda": 1e-2}]
    assert suggest(trial) == "l2" and 1e-3 <= trial.params["lambda"] <= 1e-1


def test_what_was_enqueued_is_shown_as_it_is() -> None:
    study = watched(Subspace(distributions=SPACE))
    study.enqueue_trial({"regularizer": "l1", "lambda": 1e-5})
    trial = study.ask()
    assert suggest(trial) == "l1"
    study.tell(trial, 0.0)
    study.ask()
    assert [t.params for t in Watched.shown] == [{"regularizer": "l1", "lambda": 1e-5}]


def test_bad_seeds_are_refused() -> None:
    with pytest.raises(ValueError, match="seed is 0 or more, not -1"):
        SubspaceSampler(lambda study: Subspace(distributions={}), RandomSampler, -1)

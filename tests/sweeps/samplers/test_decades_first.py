"""The decades, each once, then another sampler between the neighbours of the best."""

import math

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.samplers import RandomSampler

from sweeps.samplers.coarse_to_fine import CoarseToFineSampler, Poll
from sweeps.samplers.decades_first import DecadesFirstSampler

SPACE: dict[str, BaseDistribution] = {
    "kind": CategoricalDistribution(("none", "l2")),
    "lambda": FloatDistribution(1e-4, 1e-1, log=True),
}


def searched(best: str, trials: int = 9) -> tuple[list[float | None], Poll]:
    """Search for so many trials, or to the end; return each one's lambda, and what asking again would meet."""
    decades = CoarseToFineSampler(SPACE, conditions={"lambda": ("kind", ("l2",))}, stages=1)
    sampler = DecadesFirstSampler(decades, SPACE, lambda seed: RandomSampler(seed=seed), seed=1)
    study = optuna.create_study(sampler=sampler)
    found: list[float | None] = []
    while len(found) < trials and sampler.poll(study) is Poll.CELL:
        trial = study.ask()
        kind = trial.suggest_categorical("kind", ("none", "l2"))
        value = trial.suggest_float("lambda", 1e-4, 1e-1, log=True) if kind == "l2" else None
        found.append(value)
        study.tell(trial, (kind != best) + (abs(math.log10(value) + 3) if value else 0.0))
    return found, sampler.poll(study)


def test_after_the_decades_it_searches_around_the_best_without_end() -> None:
    found, poll = searched("l2")
    assert sorted(found[:5], key=lambda value: value or 0) == [None, 1e-4, 1e-3, 1e-2, 1e-1]
    assert all(value is not None and 1e-4 <= value <= 1e-2 for value in found[5:])
    assert len(set(found)) == 9 and poll is Poll.CELL


def test_around_a_best_that_has_no_float_there_is_nothing() -> None:
    found, poll = searched("none")
    assert len(found) == 5 and poll is Poll.DONE

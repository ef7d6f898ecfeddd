"""A training on a penalty schedule: phases one after the other from the same state."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.data import make_split
from regsearch.penalties import l1_norm, l2_norm
from regsearch.spec import ModelSpec, Penalty, Phase, Target, TrainingSpec, TrialSpec
from regsearch.trainers.base import TrainerPhase
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.fit import FitTrainer
from regsearch.trial import evaluate, evaluator
from tests.regsearch.conftest import DATA, MIXED, NOTHING, make_problem, relative_differences, same_bits

SETTINGS = {"epochs": 120, "batch_size": 8, "learning_rate": 0.01}
SPLIT = make_split(DATA["moons"])
PENALTIES = [NOTHING, MIXED, MIXED[::-1].copy()]


def phases(*lengths, penalties=PENALTIES):
    return [TrainerPhase(epochs=n, coefficients=table) for n, table in zip(lengths, penalties, strict=True)]


@pytest.fixture(scope="module")
def ours():
    return CompiledTrainer(make_problem("moons", **SETTINGS))


def test_equals_fit_phase_by_phase(ours):
    """The optimizer keeps its moments from one phase to the next, and so does the order of rows."""
    reference = FitTrainer(ours.problem, jit_compile=False)
    a, b = (trainer.train_phases(SPLIT, seed=3, phases=phases(31, 40, 49)) for trainer in (ours, reference))
    for mine, theirs, epochs in zip(a, b, (31, 71, 120), strict=True):
        assert mine.epochs == theirs.epochs == mine.curve.epochs[-1] == epochs
        assert mine.curve.epochs.tolist() == theirs.curve.epochs.tolist()
        assert max(relative_differences(mine.after, theirs.after)) <= 1e-3
        assert min(relative_differences(mine.before, mine.after)) > 0.02
        assert same_bits(mine.before, a[0].before)
        np.testing.assert_allclose(mine.curve.validation_loss, theirs.curve.validation_loss, rtol=1e-3)
    unpenalized = ours.train(SPLIT, seed=3, coefficients=NOTHING)
    assert min(relative_differences(a[-1].after, unpenalized.after)) > 0.02


def test_a_phase_split_in_two_with_the_same_penalties_is_one(ours):
    *_, whole = ours.train_phases(SPLIT, seed=4, phases=phases(120, penalties=[MIXED]))
    first, second = ours.train_phases(SPLIT, seed=4, phases=phases(53, 67, penalties=[MIXED, MIXED]))
    assert same_bits(second.after, whole.after)
    assert not same_bits(first.after, whole.after)
    third = ours.train_phases(SPLIT, seed=4, phases=phases(53, 67, penalties=[MIXED, NOTHING]))
    assert same_bits(first.after, third[0].after)
    assert not same_bits(third[1].after, whole.after)


def test_a_phase_that_diverges_ends_the_training(ours):
    found = ours.train_phases(SPLIT, seed=5, phases=phases(40, 40, 40, penalties=[MIXED, NOTHING + np.inf, MIXED]))
    assert [trained.diverged for trained in found] == [False, True]
    assert found[1].epochs == found[1].curve.epochs[-1] < 80
    assert np.isfinite(found[0].after[0]).all()


def spec(*phases, **training):
    return TrialSpec(
        data=DATA["moons"],
        metric="accuracy",
        model=ModelSpec(options=(("hidden", (8,)),)),
        training=TrainingSpec(**{**SETTINGS, **training}),
        phases=phases,
    )


def l2_on_kernels(coefficient):
    return (Penalty(target=Target(layers="all"), l2=coefficient),) if coefficient else ()


def test_phases_of_a_repeat_hold_scores_and_norms_at_the_end_of_each():
    """Penalties that grow from phase to phase, as a published schedule has them: 0, 1e-5, 1e-4, 1e-3."""
    schedule = spec(*[Phase(epochs=30, penalties=l2_on_kernels(size)) for size in (0, 1e-5, 1e-4, 1e-3)])
    (repeat,) = evaluate(schedule, {0: 7})
    assert [(phase.phase, phase.epochs) for phase in repeat.phases] == [(0, 30), (1, 60), (2, 90), (3, 120)]
    last = repeat.phases[-1]
    assert (last.train, last.validation, last.weight_norms) == (repeat.train, repeat.validation, repeat.weight_norms)

    found = evaluator(schedule)
    stages = found.trainer.train_phases(SPLIT, seed=7, phases=found.phases(schedule))
    for phase, trained in zip(repeat.phases, stages, strict=True):
        for part, scores in ((SPLIT.train, phase.train), (SPLIT.validation, phase.validation)):
            prediction, loss = found.trainer.outputs(trained.after, trained.state, part.x, part.y)
            assert scores.loss == pytest.approx(loss, rel=1e-6)
            assert scores.score == pytest.approx(((prediction > 0.5) == (part.y > 0.5)).mean())
        for norm, before, after in zip(phase.weight_norms, trained.before, trained.after, strict=True):
            assert (norm.l1_before, norm.l2_before) == (l1_norm(before), l2_norm(before))
            assert (norm.l1_after, norm.l2_after) == (l1_norm(after), l2_norm(after))
    assert len({phase.validation.loss for phase in repeat.phases}) == 4


def test_without_a_schedule_there_are_no_phases():
    (repeat,) = evaluate(replace(spec(), penalties=l2_on_kernels(1e-3)), {0: 7})
    assert repeat.phases == ()


def test_phases_up_to_the_one_that_diverged():
    huge = Phase(epochs=40, penalties=l2_on_kernels(1e20))
    schedule = spec(Phase(epochs=40), huge, Phase(epochs=40), optimizer="sgd")
    (repeat,) = evaluate(schedule, {0: 7})
    assert (repeat.status, repeat.validation, repeat.weight_norms) == ("diverged", None, ())
    assert [phase.epochs for phase in repeat.phases] == [40]
    assert 40 < repeat.epochs < 80
    assert repeat.reason == f"the loss is not finite after {repeat.epochs} epochs"

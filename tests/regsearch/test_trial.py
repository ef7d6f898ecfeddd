"""One trial: a repeat per seed, scored, whatever the number of threads."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch import trial
from regsearch.data import make_split
from regsearch.errors import InputError, TrainingFailed
from regsearch.spec import (
    Configuration,
    ModelSpec,
    Penalty,
    Phase,
    Target,
    TrainingSpec,
    TrialSpec,
)
from regsearch.trial import KEPT_EVALUATORS, Evaluator, evaluate, evaluator
from tests.regsearch.conftest import DATA

SPEC = TrialSpec(
    data=DATA["moons"],
    metric="accuracy",
    model=ModelSpec(options=(("hidden", (8,)),)),
    training=TrainingSpec(epochs=203, batch_size=8),
)
SEEDS = {i: 1000 + i for i in range(6)}


def repeats(spec, seeds=SEEDS, **options):
    return {repeat.repeat: repeat for repeat in evaluate(spec, seeds, **options)}


def bits(repeat):
    """Everything of a repeat but how long it took."""
    curve = [array.tobytes() for array in vars(repeat.curve).values()]
    rows = [repeat.validation_rows.rows.tobytes(), repeat.validation_rows.scores.tobytes()]
    return curve, rows, replace(repeat, seconds=0.0, curve=None, validation_rows=None)


def test_same_bits_for_any_number_of_threads_and_any_order_of_seeds():
    one = repeats(SPEC, threads=1)
    four = repeats(SPEC, dict(reversed(SEEDS.items())), threads=4)
    alone = repeats(SPEC, {3: SEEDS[3]})
    assert set(one) == set(four) == set(SEEDS)
    assert all(bits(one[i]) == bits(four[i]) for i in SEEDS)
    assert bits(alone[3]) == bits(one[3])


def test_a_repeat_is_complete():
    repeat = repeats(SPEC)[2]
    assert (repeat.repeat, repeat.seed, repeat.status, repeat.epochs, repeat.reason) == (2, 1002, "ok", 203, None)
    assert repeat.seconds > 0
    assert repeat.validation.score == pytest.approx(repeat.validation_rows.scores.mean(), abs=1e-7)
    assert repeat.validation_rows.rows.tolist() == list(range(30, 100))
    assert len(repeat.curve.epochs) == 19  # every 11th epoch
    assert repeat.curve.epochs[-1] == 203
    for part in ("train", "validation"):
        scores = getattr(repeat, part)
        assert getattr(repeat.curve, f"{part}_score")[-1] == pytest.approx(scores.score, abs=1e-6)
        assert getattr(repeat.curve, f"{part}_loss")[-1] == pytest.approx(scores.loss, rel=1e-5)
    assert [(n.layer, n.weight) for n in repeat.weight_norms] == [
        ("hidden_1", "kernel"),
        ("hidden_1", "bias"),
        ("output", "kernel"),
        ("output", "bias"),
    ]


def test_weight_norms_before_and_after_are_of_the_initial_and_the_trained_weights():
    found = evaluator(SPEC)
    trained = found.trainer.train(found.split(0, 5), seed=5, coefficients=np.zeros((4, 2), np.float32))
    norms = repeats(SPEC, {0: 5})[0].weight_norms
    for norm, before, after in zip(norms, trained.before, trained.after, strict=True):
        assert norm.l1_before == pytest.approx(np.abs(before).sum(), rel=1e-5)
        assert norm.l2_before == pytest.approx(np.linalg.norm(before), rel=1e-5)
        assert norm.l1_after == pytest.approx(np.abs(after).sum(), rel=1e-5)
        assert norm.l2_after == pytest.approx(np.linalg.norm(after), rel=1e-5)


def test_a_penalty_makes_its_weights_smaller():
    penalized = replace(SPEC, penalties=Configuration.tied("l2", 0.1, Target()).penalties)
    plain, small = repeats(SPEC, {0: 5})[0].weight_norms[0], repeats(penalized, {0: 5})[0].weight_norms[0]
    assert plain.l2_before == small.l2_before
    assert small.l2_after < plain.l2_after / 2


def test_the_test_part_is_scored_only_when_asked():
    without, scored = repeats(SPEC, {0: 5})[0], repeats(SPEC, {0: 5}, test=True)[0]
    assert (without.test, without.test_rows) == (None, None)
    assert scored.test.score == pytest.approx(scored.test_rows.scores.mean(), abs=1e-6)
    assert scored.test_rows.rows.tolist() == list(range(100, 5100))


def test_a_diverged_repeat_has_no_scores_and_says_why():
    spec = replace(SPEC, training=TrainingSpec(epochs=4001, optimizer="sgd", learning_rate=0.1))
    spec = replace(spec, penalties=(Penalty(l2=1e6),))
    (repeat,) = evaluate(spec, {0: 1}, test=True)
    assert repeat.status == "diverged"
    assert (repeat.train, repeat.validation, repeat.test, repeat.weight_norms) == (None, None, None, ())
    assert repeat.epochs < 400
    assert repeat.reason == f"the loss is not finite after {repeat.epochs} epochs"


def test_closing_the_iterator_trains_no_more(monkeypatch):
    found = evaluator(SPEC)
    train, started = found.trainer.train_phases, []

    def counted(*args, **options):
        started.append(1)
        return train(*args, **options)

    monkeypatch.setattr(found.trainer, "train_phases", counted)
    going = evaluate(SPEC, {i: i for i in range(500)}, threads=1)
    next(going)
    going.close()
    ended = len(started)
    assert ended < 500
    assert len(list(evaluate(SPEC, {0: 0}, threads=1))) == 1  # and it can be used again
    assert len(started) == ended + 1


@pytest.mark.parametrize("error", [RuntimeError, SystemExit])
def test_an_error_in_one_training_comes_out_and_stops_the_others(error, monkeypatch):
    found = evaluator(SPEC)

    def fails(*args, **options):
        raise error("out of memory")

    monkeypatch.setattr(found.trainer, "train_phases", fails)
    where = r" \(fails\(\) in .*test_trial.py:\d+\)$"
    with pytest.raises(TrainingFailed, match=f"^{error.__name__}: out of memory{where}") as raised:
        list(evaluate(SPEC, SEEDS))
    assert raised.value.repeat in SEEDS and isinstance(raised.value.__cause__, error)


@pytest.mark.parametrize("engine", ["xla", "fit"])
def test_a_training_that_takes_too_long_fails_and_says_so(engine):
    endless = TrainingSpec(epochs=10**6, batch_size=8, engine=engine, timeout_s=1e-3)
    with pytest.raises(TrainingFailed, match=r"^it took longer than training.timeout, 0.001 s$") as raised:
        list(evaluate(replace(SPEC, training=endless), SEEDS))
    assert raised.value.repeat in SEEDS
    found = repeats(replace(SPEC, training=replace(SPEC.training, timeout_s=1e6)), {0: 1000})
    assert bits(found[0]) == bits(repeats(SPEC, {0: 1000})[0])


def test_configurations_share_an_evaluator_and_few_are_kept():
    penalized = replace(SPEC, penalties=(Penalty(l2=0.5),))
    assert evaluator(SPEC) is evaluator(penalized)
    others = [replace(SPEC, training=TrainingSpec(epochs=i)) for i in (1, 2)]
    assert len({id(evaluator(spec)) for spec in others}) == 2
    assert len(trial._evaluators) == KEPT_EVALUATORS


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (replace(SPEC, metric="acuracy"), "evaluation.metric: 'acuracy' is not one of accuracy"),
        (replace(SPEC, metric="r2"), "evaluation.metric: 'r2' does not fit a binary target; use accuracy, log_loss"),
        (replace(SPEC, training=TrainingSpec(optimizer="adm")), "training.optimizer: 'adm' is not one of adam, sgd"),
        (
            replace(SPEC, training=TrainingSpec(engine="fast")),
            "training.engine: 'fast' is not one of auto, xla",
        ),
        (replace(SPEC, model=ModelSpec(builder="cnm")), "model.builder: 'cnm' is not one of"),
        (replace(SPEC, penalties=(Penalty(target=Target(layers="dense")),)), "search.targets: 'dense kernel' matches"),
    ],
)
def test_what_does_not_exist_or_fit(spec, problem):
    with pytest.raises(InputError) as caught:
        list(evaluate(spec, {0: 1}))
    assert str(caught.value).startswith(problem)
    assert "\n" not in str(caught.value)


def test_phases_carry_their_coefficient_and_the_first_repeat_its_surface():
    phases = (Phase(epochs=40), Phase(epochs=40, penalties=(Penalty(l1=1e-3, l2=1e-2),)))
    spec = replace(SPEC, training=replace(SPEC.training, epochs=80), phases=phases)
    found = repeats(spec, {0: 1, 1: 2})
    first, second = found[0], found[1]
    assert [phase.coefficient for phase in first.phases] == [0.0, 1e-2]
    assert all(phase.surface is None for phase in second.phases)
    surface = first.phases[1].surface
    assert surface.values.shape == (60, 60)
    assert 0 <= surface.values.min() < 0.5 < surface.values.max() <= 1
    split = make_split(spec.data)
    x = np.concatenate([split.train.x, split.validation.x])
    assert (surface.x1.min(), surface.x2.max()) < tuple(x.min(axis=0)) + tuple(x.max(axis=0))
    found = Evaluator(spec)
    trained = found.trainer.train_phases(split, seed=1, phases=found.phases(spec))[1]
    at = np.array([[surface.x1[7], surface.x2[50]]], np.float32)
    wanted, _ = found.trainer.outputs(trained.after, trained.state, at, np.zeros((1, 1), np.float32))
    assert surface.values[50, 7] == pytest.approx(float(wanted[0, 0]), abs=1e-5)

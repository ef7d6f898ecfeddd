"""Specs go to dict and back, and their hash is equal exactly where they mean the same training."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regsearch.spec import (
    Configuration,
    DataSpec,
    ModelSpec,
    Penalty,
    SplitSpec,
    Target,
    TrainingSpec,
    TrialSpec,
    content_hash,
    round_lambda,
)

MOONS = TrialSpec(
    data=DataSpec(source="moons", split=SplitSpec(train=30, validation=70)),
    metric="accuracy",
    training=TrainingSpec(epochs=4000),
)
L2 = replace(MOONS, penalties=Configuration.tied("l2", 1e-3, Target()).penalties)

lambdas = st.floats(0, 10, allow_nan=False)
targets = st.builds(
    Target,
    layers=st.sampled_from(["hidden", "output", "all", "dense"]),
    weights=st.sampled_from([("kernel",), ("bias",), ("kernel", "bias"), ("recurrent",)]),
)
specs = st.builds(
    TrialSpec,
    data=st.builds(
        DataSpec,
        source=st.sampled_from(["moons", "iris"]),
        split=st.builds(SplitSpec, train=st.none() | st.integers(1, 99), validation=st.floats(0.01, 0.9)),
        noise=st.floats(0, 3),
        random_state=st.integers(0, 2**32 - 1),
    ),
    metric=st.sampled_from(["accuracy", "log_loss"]),
    model=st.builds(ModelSpec, options=st.just((("activation", "tanh"), ("hidden", (3, 4))))),
    training=st.builds(TrainingSpec, epochs=st.integers(1, 10**6), learning_rate=st.floats(1e-9, 10)),
    resample=st.booleans(),
    penalties=st.lists(st.builds(Penalty, target=targets, l1=lambdas, l2=lambdas), max_size=3).map(tuple),
)


@given(specs)
def test_goes_through_dict_and_json_and_back(spec):
    plain = json.loads(json.dumps(spec.to_dict()))
    back = TrialSpec.from_dict(plain)
    assert back == spec
    assert back.key() == spec.key()
    assert hash(back) == hash(spec)


# Other values here mean that configurations in existing databases are no longer recognized.
@pytest.mark.parametrize(
    ("value", "digest"),
    [
        (MOONS, "06ed63c0f499a1a367dc007658f69c9d72e9219512820dfedf95937103d51578"),
        (L2, "0f99df549d50073784c993729d044bbbfc3f1f13cc310b60cdc011f86fbb6d1c"),
        ({}, "18f8b0af8ef05583ebfc712c42ad67af25e711eaaaa3a9de32d5ebfc0df65fc4"),
    ],
    ids=["moons", "moons l2 1e-3", "nothing"],
)
def test_known_hashes(value, digest):
    assert content_hash(value) == digest


def with_l2(value):
    return replace(MOONS, penalties=(Penalty(l2=value),))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (with_l2(0.1), with_l2(1e-1)),
        (with_l2(0.0), with_l2(-0.0)),
        (with_l2(1), with_l2(1.0)),
        (MOONS, replace(MOONS, model=ModelSpec(builder="mlp", options=(("hidden", (500,)),)), resample=False)),
        (MOONS, replace(MOONS, data=DataSpec(source="moons", split=SplitSpec(train=30.0, validation=70), noise=0.2))),
        (MOONS, replace(MOONS, training=TrainingSpec(epochs=4000, batch_size=32, optimizer="adam"))),
        (L2, replace(MOONS, penalties=Configuration.tied("l2", 1.00001e-3, Target()).penalties)),
        (MOONS, replace(MOONS, penalties=Configuration.tied("none", 0.1, Target()).penalties)),
    ],
)
def test_the_same_meaning_has_one_hash(a, b):
    assert a.key() == b.key()


def test_different_meanings_have_different_hashes():
    other = [
        MOONS,
        L2,
        with_l2(1.001e-3),
        replace(MOONS, penalties=(Penalty(l1=1e-3),)),
        replace(MOONS, penalties=(Penalty(l1=1e-3, l2=1e-3),)),
        replace(MOONS, penalties=(Penalty(target=Target(layers="output"), l2=1e-3),)),
        replace(MOONS, penalties=(Penalty(target=Target(weights=("bias",)), l2=1e-3),)),
        replace(MOONS, metric="log_loss"),
        replace(MOONS, resample=True),
        replace(MOONS, training=TrainingSpec(epochs=4001)),
        replace(MOONS, training=TrainingSpec(epochs=4000, trainer="fit")),
        replace(MOONS, training=TrainingSpec(epochs=4000, learning_rate=2e-3)),
        replace(MOONS, model=ModelSpec(options=(("hidden", (500, 500)),))),
        replace(MOONS, data=replace(MOONS.data, noise=0.3)),
        replace(MOONS, data=replace(MOONS.data, scale="standard")),
        replace(MOONS, data=replace(MOONS.data, split=SplitSpec(validation=70 / 100))),
    ]
    assert len({spec.key() for spec in other}) == len(other)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_hash_of_what_is_not_finite(value):
    with pytest.raises(ValueError, match="cannot hold"):
        with_l2(value).key()


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.00123456, 0.001235), (1e-3 * (1 + 1e-9), 1e-3), (0.1, 0.1), (99996.0, 1e5), (0.0, 0.0), (10**-3.8, 1.585e-4)],
)
def test_lambdas_keep_four_digits(value, rounded):
    assert round_lambda(value) == rounded


def test_minus_zero_is_zero():
    assert math.copysign(1, round_lambda(-0.0)) == 1


@given(st.floats(1e-12, 1e6))
def test_rounding_twice_is_rounding_once(value):
    once = round_lambda(value)
    assert round_lambda(once) == once
    assert once == pytest.approx(value, rel=5.001e-4)


@pytest.mark.parametrize(("regularizer", "l1", "l2"), [("l1", 0.01, 0.0), ("l2", 0.0, 0.01), ("l1_l2", 0.01, 0.01)])
def test_tied_coefficients(regularizer, l1, l2):
    target = Target(layers="output", weights=("kernel", "bias"))
    found = Configuration.tied(regularizer, 0.0100001, target)
    assert (found.lambda_l1, found.lambda_l2, found.lambda_) == (l1, l2, 0.01)
    assert found.penalties == (Penalty(target=target, l1=l1, l2=l2),)
    assert str(found) == f"{regularizer} 1e-2"


def test_no_regularization_is_one_configuration():
    assert Configuration.tied("none", 0.5, Target(layers="all")) == Configuration()
    assert (Configuration().lambda_, Configuration().penalties) == (None, ())
    assert str(Configuration()) == "no regularization"


def test_two_coefficients_are_no_lambda():
    found = Configuration(regularizer="l1_l2", lambda_l1=0.1, lambda_l2=0.2, target=Target())
    assert found.lambda_ is None
    assert str(found) == "l1_l2 l1=1e-1 l2=2e-1"


def test_a_target_in_words():
    assert str(Target(layers="all", weights=("kernel", "bias"))) == "all kernel+bias"


@pytest.mark.parametrize(
    ("split", "in_counts"),
    [(SplitSpec(train=30, validation=70), True), (SplitSpec(train=0.3), False), (SplitSpec(validation=0.5), False)],
)
def test_counts_and_fractions(split, in_counts):
    assert split.in_counts is in_counts

"""Specs go to dict and back, and their hash is equal exactly where they mean the same training."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regsearch.errors import InputError
from regsearch.spec import (
    Configuration,
    DataSpec,
    EarlyStopping,
    ModelSpec,
    Named,
    Penalty,
    Phase,
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
IRIS = TrialSpec(
    data=DataSpec(source="iris", split=SplitSpec(validation=0.5)),
    metric="log_loss",
    training=TrainingSpec(optimizer="sgd", learning_rate=0.5, epochs=7, batch_size=8, engine="fit"),
    resample=True,
    penalties=(Penalty(l1=1e-3, l2=2e-3, target=Target(layers="all", weights=("bias",))),),
)
L2 = replace(MOONS, penalties=Configuration.tied("l2", 1e-3, Target()).penalties)

lambdas = st.floats(0, 10, allow_nan=False)
targets = st.builds(
    Target,
    layers=st.sampled_from(["hidden", "output", "all", "dense"]),
    weights=st.sampled_from([("kernel",), ("bias",), ("kernel", "bias"), ("recurrent",)]),
)
penalties = st.lists(st.builds(Penalty, target=targets, l1=lambdas, l2=lambdas), max_size=3).map(tuple)
options = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.booleans() | st.integers(0, 9) | st.floats(0, 1) | st.lists(st.floats(0, 1))
).map(lambda pairs: tuple(pairs.items()))
something = st.none() | st.builds(Named, name=st.sampled_from(["huber", "cosine_decay"]), options=options)
trainings = st.builds(
    TrainingSpec,
    epochs=st.integers(1, 10**6),
    learning_rate=st.floats(1e-9, 10),
    optimizer_options=options,
    schedule=something,
    loss=something,
    class_weight=st.sampled_from([None, "balanced", (1, 2.5)]),
    early_stopping=st.none() | st.builds(EarlyStopping, patience=st.integers(1, 99), min_delta=st.floats(0, 1)),
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
    training=trainings,
    resample=st.booleans(),
    penalties=penalties,
)


@st.composite
def on_a_schedule(draw):
    """A spec whose penalties change during training."""
    phases = draw(st.lists(st.builds(Phase, epochs=st.integers(1, 99), penalties=penalties), min_size=1).map(tuple))
    training = TrainingSpec(epochs=sum(level.epochs for level in phases))
    return replace(draw(specs), penalties=(), training=training, phases=phases)


@given(specs | on_a_schedule())
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
        (MOONS, "b7ff4a9762715858249cfd46e6771d52af291c25ab7887819f663b9f685cce4e"),
        (L2, "b0e9983ea2fa87c3dcab7a5e96ead8d08e0b04b61542bcf935546cf7086568be"),
        (IRIS, "18393e6ead77347e112b80c01ec1ae2656055ff0da14bed18d9bcdff56f02a95"),
        ({}, "c01d068675d03bea4fbd3df93993a4417db23b6e2547b7640386ab66c1752e6d"),
    ],
    ids=["moons", "moons l2 1e-3", "iris", "nothing"],
)
def test_known_hashes(value, digest):
    assert content_hash(value) == digest


def test_what_earlier_versions_stored_reads_back():
    plain = IRIS.to_dict()
    del plain["levels"]
    for key in ("optimizer_options", "schedule", "loss", "class_weight", "early_stopping"):
        del plain["training"][key]
    assert TrialSpec.from_dict(plain) == IRIS


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
        (
            replace(MOONS, training=TrainingSpec(optimizer_options=(("beta_2", 0.9), ("beta_1", 0)), class_weight=[1])),
            replace(
                MOONS, training=TrainingSpec(optimizer_options=(("beta_1", 0.0), ("beta_2", 0.9)), class_weight=(1.0,))
            ),
        ),
        (
            replace(MOONS, training=TrainingSpec(loss=Named(name="huber", options=(("b", [1]), ("a", 2))))),
            replace(MOONS, training=TrainingSpec(loss=Named(name="huber", options=(("a", 2), ("b", (1,)))))),
        ),
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
        replace(MOONS, training=TrainingSpec(epochs=4000, engine="fit")),
        replace(MOONS, training=TrainingSpec(epochs=4000, learning_rate=2e-3)),
        replace(MOONS, training=TrainingSpec(epochs=4000, optimizer_options=(("beta_1", 0.8),))),
        replace(MOONS, training=TrainingSpec(epochs=4000, schedule=Named(name="cosine_decay"))),
        replace(MOONS, training=TrainingSpec(epochs=4000, loss=Named(name="cosine_decay"))),
        replace(MOONS, training=TrainingSpec(epochs=4000, loss=Named(name="huber", options=(("delta", 2),)))),
        replace(MOONS, training=TrainingSpec(epochs=4000, class_weight="balanced")),
        replace(MOONS, training=TrainingSpec(epochs=4000, class_weight=(1.0, 2.0))),
        replace(MOONS, training=TrainingSpec(epochs=4000, class_weight=(2.0, 1.0))),
        replace(MOONS, training=TrainingSpec(epochs=4000, early_stopping=EarlyStopping(patience=5))),
        replace(MOONS, training=TrainingSpec(epochs=4000, early_stopping=EarlyStopping(patience=5, min_delta=0.1))),
        replace(MOONS, phases=(Phase(epochs=4000),)),
        replace(MOONS, phases=(Phase(epochs=1000), Phase(epochs=3000, penalties=L2.penalties))),
        replace(MOONS, phases=(Phase(epochs=1000, penalties=L2.penalties), Phase(epochs=3000))),
        replace(MOONS, model=ModelSpec(options=(("hidden", (500, 500)),))),
        replace(MOONS, data=replace(MOONS.data, noise=0.3)),
        replace(MOONS, data=replace(MOONS.data, scale="standard")),
        replace(MOONS, data=replace(MOONS.data, split=SplitSpec(validation=70 / 100))),
    ]
    assert len({spec.key() for spec in other}) == len(other)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_hash_of_what_is_not_finite(value):
    with pytest.raises(ValueError, match="cannot hold"):
        replace(MOONS, data=replace(MOONS.data, noise=value)).key()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TrainingSpec(epochs=0), "training.epochs: must be an integer of at least 1, got 0"),
        (lambda: TrainingSpec(epochs=True), "training.epochs: must be an integer of at least 1, got True"),
        (lambda: TrainingSpec(batch_size=0), "training.batch_size: must be an integer of at least 1, got 0"),
        (lambda: TrainingSpec(batch_size=8.0), "training.batch_size: must be an integer of at least 1, got 8.0"),
        (lambda: TrainingSpec(learning_rate=0), "training.learning_rate: must be a number above 0, got 0"),
        (lambda: TrainingSpec(learning_rate=math.inf), "training.learning_rate: must be a number above 0, got inf"),
        (lambda: TrainingSpec(learning_rate="1"), "training.learning_rate: must be a number above 0, got '1'"),
        (
            lambda: TrainingSpec(class_weight="all"),
            "training.class_weight: must be 'balanced' or a list of one number of at least 0 for each class, got 'all'",
        ),
        (
            lambda: TrainingSpec(class_weight=(1.0, math.nan)),
            "training.class_weight: must be 'balanced' or a list of one number of at least 0 for each class, "
            "got (1.0, nan)",
        ),
        (
            lambda: EarlyStopping(patience=0),
            "training.early_stopping.patience: must be an integer of at least 1, got 0",
        ),
        (
            lambda: EarlyStopping(patience=1, min_delta=-0.1),
            "training.early_stopping.min_delta: must be a number of at least 0, got -0.1",
        ),
        (lambda: Penalty(l1=-1e-3), "penalties.l1: must be a number of at least 0, got -0.001"),
        (lambda: Penalty(l2=math.nan), "penalties.l2: must be a number of at least 0, got nan"),
        (lambda: Penalty(l2=math.inf), "penalties.l2: must be a number of at least 0, got inf"),
        (lambda: Phase(epochs=0), "phases.epochs: must be an integer of at least 1, got 0"),
        (
            lambda: replace(MOONS, phases=(Phase(epochs=1200), Phase(epochs=1300))),
            "phases: their epochs must add up to training.epochs, got 1200 + 1300 = 2500 and 4000",
        ),
        (
            lambda: replace(L2, phases=(Phase(epochs=4000),)),
            "phases: go without penalties: each phase has its own",
        ),
        (
            lambda: replace(
                MOONS,
                phases=(Phase(epochs=9),),
                training=TrainingSpec(epochs=9, early_stopping=EarlyStopping(patience=3)),
            ),
            "phases: go without training.early_stopping: every phase is trained to its end",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == message


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

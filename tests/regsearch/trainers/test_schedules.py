"""Learning rates follow the closed forms, compiled, at any step."""

import numpy as np
import pytest

from regsearch.backend import load_tensorflow
from regsearch.errors import InputError
from regsearch.spec import Named, TrainingSpec
from regsearch.trainers.optimizers import keras_optimizer, learning_rate
from regsearch.trainers.schedules import SCHEDULES

RATE = 0.5
STEPS = np.array([0, 1, 2, 3, 9, 10, 11, 19, 20, 21, 35, 69, 71, 100, 1000])


def training(name, options):
    return TrainingSpec(learning_rate=RATE, schedule=Named(name=name, options=tuple(options.items())))


def cosine(fraction):
    return (1 + np.cos(np.pi * fraction)) / 2


def warmed_up(step):  # from 0.5 to 2 in 4 steps, then down to 2·0.1 in 10
    return np.where(step < 4, RATE + 1.5 * step / 4, 2 * (0.9 * cosine(np.clip(step - 4, 0, 10) / 10) + 0.1))


def restarted(step):  # periods of 10, 20, 40, 80 … steps, each starting at half of the rate of the last
    period = np.floor(np.log2(step / 10 + 1))
    fraction = (step / 10 - (2**period - 1)) / 2**period
    return RATE * (0.9 * 0.5**period * cosine(fraction) + 0.1)


def cycled(step):
    length = 10 * np.maximum(np.ceil(step / 10), 1)
    return (RATE - 0.1) * (1 - step / length) ** 2 + 0.1


CLOSED_FORMS = [
    ("exponential_decay", {"decay_steps": 10, "decay_rate": 0.9}, lambda t: RATE * 0.9 ** (t / 10)),
    (
        "exponential_decay",
        {"decay_steps": 10, "decay_rate": 0.9, "staircase": True},
        lambda t: RATE * 0.9 ** (t // 10),
    ),
    ("inverse_time_decay", {"decay_steps": 10, "decay_rate": 2}, lambda t: RATE / (1 + 2 * t / 10)),
    (
        "inverse_time_decay",
        {"decay_steps": 10, "decay_rate": 2, "staircase": True},
        lambda t: RATE / (1 + 2 * (t // 10)),
    ),
    ("polynomial_decay", {"decay_steps": 20}, lambda t: (RATE - 1e-4) * (1 - np.minimum(t, 20) / 20) + 1e-4),
    ("polynomial_decay", {"decay_steps": 10, "end_learning_rate": 0.1, "power": 2, "cycle": True}, cycled),
    ("cosine_decay", {"decay_steps": 20}, lambda t: RATE * cosine(np.minimum(t, 20) / 20)),
    ("cosine_decay", {"decay_steps": 10, "alpha": 0.1, "warmup_target": 2, "warmup_steps": 4}, warmed_up),
    ("cosine_decay_restarts", {"first_decay_steps": 10, "m_mul": 0.5, "alpha": 0.1}, restarted),
    ("cosine_decay_restarts", {"first_decay_steps": 20, "t_mul": 1}, lambda t: RATE * cosine(t % 20 / 20)),
    (
        "piecewise_constant_decay",
        {"boundaries": [2, 20], "values": [0.25, 0.125]},
        lambda t: np.select([t <= 2, t <= 20], [RATE, 0.25], 0.125),
    ),
]


@pytest.fixture(scope="module")
def rates():
    """What every schedule gives at every step: one compilation for all."""
    tf = load_tensorflow()
    functions = [learning_rate(training(name, options)) for name, options, _ in CLOSED_FORMS]

    def all_of(step):
        return tf.stack([function(step) for function in functions])

    compiled = tf.function(all_of, jit_compile=True, autograph=False)
    return np.array([compiled(tf.constant(step, tf.float32)).numpy() for step in STEPS])


@pytest.mark.parametrize("index", range(len(CLOSED_FORMS)), ids=[row[0] for row in CLOSED_FORMS])
def test_closed_forms(rates, index):
    np.testing.assert_allclose(rates[:, index], CLOSED_FORMS[index][2](STEPS), rtol=1e-5, atol=1e-6)


def test_every_schedule_is_tried():
    assert {name for name, *_ in CLOSED_FORMS} == set(SCHEDULES)


@pytest.mark.parametrize(("name", "options", "closed_form"), CLOSED_FORMS[2:4])
def test_keras_optimizers_follow_it(name, options, closed_form):
    optimizer = keras_optimizer(training(name, options))
    optimizer.iterations.assign(35)
    assert float(optimizer.learning_rate) == pytest.approx(closed_form(35), rel=1e-5)


def test_without_a_schedule_the_rate_is_a_number():
    assert learning_rate(TrainingSpec(learning_rate=1))(35) == 1.0
    assert type(learning_rate(TrainingSpec(learning_rate=1))(35)) is float


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("cosin_decay", {}, "'cosin_decay' is not one of exponential_decay, inverse_time_decay, "),
        ("cosine_decay", {}, "cosine_decay needs decay_steps, an integer of at least 1"),
        ("cosine_decay", {"decay_steps": 1.5}, "decay_steps of cosine_decay must be an integer of at least 1, got"),
        ("cosine_decay", {"steps": 9}, "cosine_decay has no option 'steps'"),
        (
            "cosine_decay",
            {"decay_steps": 9, "warmup_steps": 3},
            "warmup_target and warmup_steps must be given together",
        ),
        (
            "cosine_decay",
            {"decay_steps": 9, "warmup_target": 1},
            "warmup_target and warmup_steps must be given together",
        ),
        (
            "piecewise_constant_decay",
            {"boundaries": [3], "values": [0.1, 0.2]},
            "boundaries and values must be as many, got 1 and 2, for piecewise_constant_decay",
        ),
        (
            "piecewise_constant_decay",
            {"boundaries": [3, 3], "values": [0.1, 0.2]},
            "boundaries must rise, got [3, 3], for piecewise_constant_decay",
        ),
    ],
)
def test_what_cannot_be_is_refused(name, options, problem):
    with pytest.raises(InputError) as caught:
        learning_rate(training(name, options))
    assert str(caught.value).startswith(f"training.learning_rate_schedule: {problem}")

"""Whether labels are standardized, and that every score, loss and curve is in their own units all the same."""

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.errors import InputError
from regsearch.spec import DataSpec, ModelSpec, SplitSpec, TrainingSpec, TrialSpec
from regsearch.target_scaling import last_layer, scales_target, target_notices
from regsearch.trial import evaluate


def model(*last, functional=False):
    keras = load_keras()
    stack = [keras.layers.Dense(4, "relu"), *last]
    if not functional:
        return keras.Sequential([keras.Input((2,)), *stack])
    x = y = keras.Input((2,))
    for layer in stack:
        y = layer(y)
    return keras.Model(x, y)


def layers():
    return load_keras().layers


@pytest.mark.parametrize("functional", [True, False])
def test_labels_are_standardized_where_loss_and_output_allow_it(functional):
    free = model(layers().Dense(1), functional=functional)
    assert scales_target(None, "regression", "mean_squared_error", last_layer(free, ()))
    assert scales_target(True, "regression", "mean_absolute_error", last_layer(free, ()))
    assert not scales_target(False, "regression", "mean_squared_error", last_layer(free, ()))
    assert not scales_target(None, "binary", "binary_crossentropy", last_layer(free, ()))
    assert target_notices(None, "regression", "mean_squared_error", last_layer(free, ())) == ()
    assert target_notices(None, "binary", "binary_crossentropy", last_layer(free, ())) == ()


@pytest.mark.parametrize(
    ("last", "loss", "why"),
    [
        (lambda: [layers().Dense(1)], "huber", "loss 'huber' has a scale or a zero of its own"),
        (lambda: [layers().Dense(1)], "poisson", "loss 'poisson' has a scale or a zero of its own"),
        (
            lambda: [layers().Dense(1, "softplus", name="rate")],
            "mean_squared_error",
            "'rate', gives what softplus",
        ),
        (lambda: [layers().Dense(1), layers().ReLU(name="top")], "mean_squared_error", "'top', gives what ReLU lets"),
        (
            lambda: [layers().Dense(1), layers().Rescaling(1e5, name="units")],
            "mean_squared_error",
            "'units', brings the output to the target's scale by itself",
        ),
    ],
)
def test_labels_are_left_where_their_own_units_matter(last, loss, why):
    built = model(*last())
    assert not scales_target(None, "regression", loss, last_layer(built, ()))
    (notice,) = target_notices(None, "regression", loss, last_layer(built, ()))
    assert notice.code == "target-not-scaled"
    assert why in notice.message
    assert target_notices(False, "regression", loss, last_layer(built, ())) == ()
    with pytest.raises(InputError, match=r"^data.scale_target: cannot be true: ") as caught:
        scales_target(True, "regression", loss, last_layer(built, ()))
    assert why in str(caught.value)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Labels as they are, 'near', moved, 'far', and moved and stretched, 'money'."""
    folder, rng = tmp_path_factory.mktemp("table"), np.random.default_rng(5)
    x = rng.normal(size=(80, 2))
    y = x @ [1.0, -1.0] + 0.1 * rng.normal(size=80)
    y = np.round(y * 2**10) / 2**10
    np.savez(folder / "near.npz", x=x, y=y)
    np.savez(folder / "far.npz", x=x, y=y + 1e8)
    np.savez(folder / "money.npz", x=x, y=300_000 + 120_000 * y)
    return folder


def trained(folder, name, *, metric="r2", engine="xla", loss=None, **data):
    spec = TrialSpec(
        data=DataSpec(source=f"{name}.npz", folder=str(folder), split=SplitSpec(validation=0.25), scale="auto", **data),
        model=ModelSpec(options=(("hidden", (8,)),)),
        training=TrainingSpec(epochs=20, learning_rate=0.01, engine=engine, loss=loss),
        metric=metric,
    )
    (repeat,) = evaluate(spec, {0: 11}, threads=1)
    return repeat


@pytest.mark.parametrize("engine", ["xla", "graph", "fit"])
def test_scores_losses_and_curves_are_in_the_labels_own_units(table, engine):
    near, money = (trained(table, name, metric="mse", engine=engine) for name in ("near", "money"))
    far = trained(table, "far", metric="mse", engine=engine) if engine == "xla" else near
    for read in (
        lambda r: r.train.score,
        lambda r: r.validation.loss,
        lambda r: r.curve.train_score,
        lambda r: r.curve.validation_loss,
        lambda r: r.validation_rows.scores,
    ):
        np.testing.assert_allclose(read(far), read(near), rtol=1e-4)
        np.testing.assert_allclose(read(money), read(near) * 120_000**2, rtol=1e-4)
    assert near.train.score == pytest.approx(near.curve.train_score[-1], rel=1e-4)
    assert near.train.score == pytest.approx(near.train.loss, rel=1e-5)


def test_a_metric_of_shares_sees_the_labels_zero(table):
    money = trained(table, "money", metric="mape")
    assert money.validation.score == pytest.approx(money.curve.validation_score[-1], rel=1e-3)
    far = trained(table, "far", metric="mape")
    assert far.validation.score < 1e-6 < money.validation.score < 1


def test_without_scaling_a_target_of_large_numbers_is_not_learnt(table):
    """What `scale_target` is for, and that off is off."""
    assert trained(table, "money", scale_target=False).validation.score < 0

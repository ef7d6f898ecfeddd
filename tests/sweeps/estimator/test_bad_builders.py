"""What a builder may return, and rows that no network takes: each refused in words."""

import keras
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import make_moons

from sweeps.estimator.estimator_settings import check_builder
from sweeps.estimator.regularization_search_cv import RegularizationSearchCV
from tests.sweeps.estimator.all_rows import AllRows

X, Y = make_moons(40, noise=0.2, random_state=1)
SMALL = {
    "epochs": 3, "cv": AllRows(), "regularizers": ["l2"], "lambdas": [1e-3], "random_state": 0, "engine": "graph",
}  # fmt: skip


def network(outputs: int = 1, activation: str = "sigmoid", optimizer: str | None = None, trained: bool = False):
    layers = [keras.layers.Dense(4, "relu"), keras.layers.Dense(outputs, activation)]
    made = keras.Sequential([keras.Input((2,)), *layers])
    if optimizer:
        made.compile(optimizer, "binary_crossentropy")
    if trained:
        made.fit(X, Y, verbose=0)
    return made


@pytest.mark.parametrize(
    ("build", "more", "message"),
    [
        (lambda: None, {}, r"lambda\(\) must return a keras\.Model; it returned NoneType"),
        (lambda: network(3, "softmax"), {}, r"the model gives \(None, 3\), the target needs \(None, 1\)"),
        (lambda: network(2, "linear"), {"task": "regression"}, r"the model gives \(None, 2\), the target needs"),
        (lambda: network(optimizer="sgd", trained=True), {}, r"lambda\(\) returned a model that is trained already"),
        (lambda: 1 / 0, {}, r"lambda\(\) raised ZeroDivisionError: division by zero"),
        (network(), {}, "is a network; it must be a function that returns a new one"),
        (3, {}, r"must be a function that returns a keras\.Model, or a name, got 3"),
    ],
)
def test_what_builds_no_network_is_refused(build, more, message):
    with pytest.raises(ValueError, match=f"^build_fn: {message}"):
        RegularizationSearchCV(build, **SMALL, **more).fit(X, Y)


def test_a_class_of_networks_builds_one():
    check_builder(keras.Sequential)


def test_sparse_rows_are_refused_to_fit_and_to_predict():
    fitted = RegularizationSearchCV(network, **SMALL).fit(X, Y)
    for refused in (
        lambda: RegularizationSearchCV(**SMALL).fit(csr_matrix(X), Y),
        lambda: fitted.predict(csr_matrix(X)),
    ):
        with pytest.raises(TypeError, match=r"Sparse data was passed for X, .*Use '\.toarray\(\)'"):
            refused()
    with pytest.raises(ValueError, match="Input X contains NaN"):
        fitted.predict(np.full_like(X, np.nan))


def test_what_a_builder_compiled_is_taken():
    compiled = RegularizationSearchCV(lambda: network(optimizer="sgd"), **SMALL).fit(X, Y)
    said = RegularizationSearchCV(network, optimizer="sgd", learning_rate=0.01, **SMALL).fit(X, Y)
    by_default = RegularizationSearchCV(network, **SMALL).fit(X, Y)
    np.testing.assert_array_equal(compiled.predict_proba(X), said.predict_proba(X))
    assert not np.allclose(compiled.predict_proba(X), by_default.predict_proba(X), atol=1e-3)

"""scikit-learn's own checks of an estimator; REGSEARCH_LONG=1 runs all of them for regressions, too."""

import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from regsearch.recent import Recent
from sweeps.estimator import networks
from sweeps.estimator.regularization_search_cv import RegularizationSearchCV
from tests.sweeps.estimator.all_rows import AllRows

EXPECTED_TO_FAIL = {
    "check_sample_weight_equivalence_on_dense_data": "rows are visited in batches, in an order drawn from the seed, so "
    "that a row of weight 2 is not a row that comes twice: initial weights are the same, steps are not",
}
OF_REGRESSIONS = (  # what differs from a classification
    *(
        "check_regressors",
        "check_regressor",
        "check_supervised_y_2d",
        "check_estimators_pickle",
        "check_fit_idempotent",
    ),
    *(
        "check_estimators_nan_inf",
        "check_n_features_in_after_fitting",
        "check_fit2d_1sample",
        "check_sample_weights_list",
    ),
)
LONG = os.environ.get("REGSEARCH_LONG") == "1"


def checks() -> Iterator[Any]:
    for task in ("classification", "regression"):
        estimator = RegularizationSearchCV(
            task=task,
            options={"hidden": [8]},
            regularizers=["l2"],
            lambdas=[1e-4],
            epochs=20,
            batch_size=1000,
            learning_rate=0.03,
            cv=AllRows(),
            engine="graph",  # each check has rows of its own number, and a graph is traced faster than XLA compiles
        )
        for one, check in estimator_checks_generator(
            estimator, legacy=True, expected_failed_checks=EXPECTED_TO_FAIL, mark=None
        ):
            name = check.func.__name__
            if task == "classification" or LONG or name.startswith(OF_REGRESSIONS):
                marks = (
                    [pytest.mark.xfail(reason=EXPECTED_TO_FAIL[name], strict=True)] if name in EXPECTED_TO_FAIL else []
                )
                yield pytest.param(one, check, id=f"{task}-{name}", marks=marks)


@pytest.fixture(scope="module", autouse=True)
def _all_networks_kept() -> Iterator[None]:
    before = networks._networks
    networks._networks = Recent(100)
    yield
    networks._networks = before


@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_scikit_learns_check(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's checks warn as they please
        check(estimator)

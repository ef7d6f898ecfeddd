"""The search as a scikit-learn estimator: what it finds, what goes in and out, and with what it works together."""

import pickle

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_iris, make_moons
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import GroupKFold, ParameterGrid, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import regsearch
from regsearch.seeds import repeat_seed
from sweeps.estimator.estimator_settings import Settings
from sweeps.estimator.networks import network_for
from sweeps.estimator.regularization_search_cv import RegularizationSearchCV
from sweeps.estimator.rows import data_set, data_spec
from tests.sweeps.estimator.all_rows import AllRows

SMALL = {
    "options": {"hidden": [4]},
    "epochs": 30,
    "cv": 2,
    "batch_size": 200,
    "learning_rate": 0.03,
    "random_state": 0,
    "engine": "graph",  # which is traced faster than XLA compiles
}
LAMBDAS = {"regularizers": ["none", "l2"], "lambdas": [1e-3, 1.0]}


@pytest.fixture(scope="module")
def moons():
    return make_moons(80, noise=0.2, random_state=1)


@pytest.fixture(scope="module")
def fitted(moons):
    return RegularizationSearchCV(**SMALL, **LAMBDAS).fit(*moons)


def built(input_shape, n_outputs, output_activation):
    layers = [keras.Input(input_shape), keras.layers.Dense(4, "relu"), keras.layers.Dense(n_outputs, output_activation)]
    return keras.Sequential(layers)


def test_results_have_the_columns_of_grid_search(fitted):
    table = fitted.cv_results_
    usual = "mean_fit_time std_fit_time mean_score_time std_score_time params mean_test_score std_test_score"
    assert {*usual.split(), "rank_test_score", "split0_test_score", "split1_test_score"} <= set(table)
    assert {"param_regularizer", "param_lambda", "n", "se", "stage"} <= set(table)
    assert [dict(p) for p in table["params"]] == [
        {"regularizer": "none"},
        *ParameterGrid({"regularizer": ["l2"], "lambda": [1e-3, 1.0]}),
    ]
    assert table["param_lambda"].mask.tolist() == [True, False, False] and table["param_lambda"].data[2] == 1.0
    splits = np.stack([table["split0_test_score"], table["split1_test_score"]])  # (splits, configurations)
    np.testing.assert_allclose(table["mean_test_score"], splits.mean(axis=0))
    np.testing.assert_allclose(table["std_test_score"], splits.std(axis=0))
    np.testing.assert_allclose(table["se"], splits.std(axis=0, ddof=1) / np.sqrt(2))
    assert table["rank_test_score"][fitted.best_index_] == 1 and table["n"].tolist() == [2, 2, 2]
    assert len(pd.DataFrame(table)) == 3


def test_a_fold_scores_what_a_network_trained_by_hand_scores(moons, fitted):
    """As fit_model has it: the same rows, seed and penalty, through another way in."""
    X, y = moons
    train, test = next(StratifiedKFold(2).split(X, y))
    rows = np.concatenate([X[train], X[test]]), np.concatenate([y[train], y[test]])
    settings = Settings(
        builder="mlp", options={"hidden": [4]},
        training={"epochs": 30, "batch_size": 200, "learning_rate": 0.03, "engine": "graph"},
        regularizers=["l2"], strategy="grid", lambda_range=(1e-3, 1.0), n_trials=None, targets="hidden", n_repeats=1,
        seed=0,
    )  # fmt: skip
    spec = data_spec("binary", "auto")
    own = regsearch.Configuration.tied("l2", 1e-3, regsearch.Target()).applied(
        settings.config("binary").trial_spec(regsearch.Configuration())
    )
    data = data_set(*rows, None, spec)
    network, places = network_for(own, data), np.arange(len(X))
    prepare = network.preparation(spec, data, places[: len(train)])
    split = network.split(data, places[: len(train)], places[len(train) :], prepare)
    trained = network.train(own, split, seed=repeat_seed(0, "search", 0), shown=8)
    score = accuracy_score(y[test], network.outputs(trained, split)[:, 0] > 0.5)
    assert fitted.cv_results_["split0_test_score"][1] == score


def test_the_network_is_a_trained_keras_model_with_its_penalty(moons, fitted):
    X, y = moons
    strong = RegularizationSearchCV(**SMALL, regularizers="l2", lambdas=[0.1]).fit(X, y)
    model = strong.best_estimator_.model
    assert float(sum(model.losses)) == pytest.approx(0.1 * np.square(model.layers[0].kernel.numpy()).sum(), rel=1e-5)
    scaled = StandardScaler().fit_transform(X).astype(np.float32)
    np.testing.assert_allclose(model(scaled)[:, 0], strong.predict_proba(X)[:, 1], atol=1e-5)
    weak = RegularizationSearchCV(**SMALL, regularizers="l2", lambdas=[1e-6]).fit(X, y).best_estimator_.model
    assert np.square(model.layers[0].kernel).sum() < 0.7 * np.square(weak.layers[0].kernel).sum()


def test_predictions_are_classes_and_probabilities(moons, fitted):
    X, y = moons
    names = np.array(["no", "yes"])[y]
    named = RegularizationSearchCV(**SMALL, **LAMBDAS).fit(X, names)
    assert named.classes_.tolist() == ["no", "yes"] and set(named.predict(X)) <= {"no", "yes"}
    probabilities = named.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (named.classes_[probabilities.argmax(axis=1)] == named.predict(X)).all()
    assert named.score(X, names) == accuracy_score(names, named.predict(X)) > 0.7
    assert named.score(X, names, sample_weight=np.where(y == 1, 1.0, 0.0)) == (named.predict(X[y == 1]) == "yes").mean()
    np.testing.assert_array_equal(probabilities, fitted.predict_proba(X))  # the same seed, the same network


def test_several_classes_labels_and_targets():
    X, y = load_iris(return_X_y=True)
    small = SMALL | {"regularizers": "l2", "lambdas": [1e-3], "cv": AllRows()}
    many = RegularizationSearchCV(**small).fit(X, y)
    assert many.predict_proba(X).shape == (150, 3) and many.score(X, y) > 0.8
    labels = np.stack([y == 0, y != 1], axis=1).astype(int)
    several = RegularizationSearchCV(**small).fit(X, labels)
    assert several.predict(X).shape == several.predict_proba(X).shape == (150, 2)
    targets = np.stack([X[:, 0] * 1e4 + 3e5, X[:, 1]], axis=1)
    both = RegularizationSearchCV(task="regression", **(small | {"epochs": 200})).fit(X, targets)
    assert both.predict(X).shape == (150, 2) and both.score(X, targets) > 0.8
    assert not hasattr(both, "predict_proba") and is_regressor(both) and is_classifier(many)
    one = RegularizationSearchCV(task="regression", **small).fit(X[:, 1:], X[:, 0])
    assert one.predict(X[:, 1:]).shape == (150,)


def test_scoring_is_a_name_or_a_callable(moons):
    X, y = moons
    by_name = RegularizationSearchCV(**SMALL, **LAMBDAS, scoring="roc_auc").fit(X, y)

    def auc(estimator, X, y):
        return roc_auc_score(y, estimator.predict_proba(X)[:, 1])

    own = RegularizationSearchCV(**SMALL, **LAMBDAS, scoring=auc).fit(X, y)
    np.testing.assert_allclose(own.cv_results_["mean_test_score"], by_name.cv_results_["mean_test_score"])
    assert by_name.score(X, y) == pytest.approx(auc(by_name, X, y))
    loss = RegularizationSearchCV(**SMALL, **LAMBDAS, scoring="neg_log_loss").fit(X, y)
    assert loss.best_params_ == {"regularizer": "none"} or loss.best_params_["lambda"] == 1e-3


def test_one_se_takes_the_strongest_near_the_best(moons):
    X, y = moons
    search = {"regularizers": ["l2"], "lambdas": [1e-5, 1e-3, 10.0]}
    best = RegularizationSearchCV(**SMALL, **search, scoring="neg_log_loss").fit(X, y)
    careful = RegularizationSearchCV(**SMALL, **search, scoring="neg_log_loss", refit="one-se").fit(X, y)
    scores = best.cv_results_["mean_test_score"]
    assert scores[2] < scores[:2].min() - 0.1  # 10 is far too strong
    assert best.best_params_["lambda"] <= careful.best_params_["lambda"] <= 1e-3
    assert careful.best_score_ == scores[careful.best_index_]


def test_repeats_are_paired_and_counted(moons):
    X, y = moons
    twice = RegularizationSearchCV(**SMALL, **LAMBDAS, n_repeats=2).fit(X, y)
    assert twice.cv_results_["n"].tolist() == [4, 4, 4]
    one_split = [next(StratifiedKFold(2).split(X, y))]
    of_one = RegularizationSearchCV(**(SMALL | {"cv": one_split}), **LAMBDAS).fit(X, y)
    assert np.isnan(of_one.cv_results_["se"]).all() and of_one.n_splits_ == 1


@pytest.mark.parametrize(("strategy", "stages"), [("coarse-to-fine", {"coarse", "fine"}), ("random", {"random"})])
def test_strategies_of_a_sweep_search(moons, strategy, stages):
    trials = {} if strategy == "coarse-to-fine" else {"n_trials": 4}
    found = RegularizationSearchCV(
        **SMALL,
        regularizers=["none", "l2"],
        strategy=strategy,
        lambda_range=(1e-3, 1e-1),
        scoring="neg_log_loss",
        **trials,
    ).fit(*moons)
    assert set(found.cv_results_["stage"]) <= stages and len(found.cv_results_["n"]) >= 4
    again = clone(found).fit(*moons)
    np.testing.assert_array_equal(again.cv_results_["mean_test_score"], found.cv_results_["mean_test_score"])


def test_xla_finds_what_a_graph_finds(moons, fitted):
    by_xla = RegularizationSearchCV(**(SMALL | {"engine": "xla"}), **LAMBDAS).fit(*moons)
    np.testing.assert_allclose(by_xla.cv_results_["mean_test_score"], fitted.cv_results_["mean_test_score"], atol=0.03)
    np.testing.assert_allclose(by_xla.predict_proba(moons[0]), fitted.predict_proba(moons[0]), atol=1e-3)


def test_threads_change_nothing_and_global_random_numbers_are_left_alone(moons, fitted):
    np.random.seed(5)
    state = np.random.get_state()[1].copy()
    threaded = RegularizationSearchCV(**SMALL, **LAMBDAS, n_jobs=2).fit(*moons)
    np.testing.assert_array_equal(threaded.cv_results_["mean_test_score"], fitted.cv_results_["mean_test_score"])
    np.testing.assert_array_equal(threaded.predict_proba(moons[0]), fitted.predict_proba(moons[0]))
    assert (np.random.get_state()[1] == state).all()


def test_it_goes_through_pickle_and_joblib(moons, fitted, tmp_path):
    X, _ = moons
    own = RegularizationSearchCV(built, **(SMALL | {"options": None}), **LAMBDAS).fit(*moons)
    for estimator in (fitted, own):
        joblib.dump(estimator, tmp_path / "found.joblib")
        for copy in (pickle.loads(pickle.dumps(estimator)), joblib.load(tmp_path / "found.joblib")):
            np.testing.assert_array_equal(copy.predict_proba(X), estimator.predict_proba(X))
            assert copy.best_params_ == estimator.best_params_


def test_builders_of_every_kind_are_taken(moons):
    X, y = moons

    class Builder:
        def __call__(self, input_shape, n_outputs, output_activation):
            return built(input_shape, n_outputs, output_activation)

    small = SMALL | {"options": None, "cv": AllRows()}
    found = [
        RegularizationSearchCV(build, **small, regularizers="none", lambdas=[1.0]).fit(X, y)
        for build in (built, lambda **given: built(**{k: v for k, v in given.items() if k != "task"}), Builder())
    ]
    first, *others = (each.predict_proba(X) for each in found)
    for each in others:
        np.testing.assert_array_equal(each, first)


def test_nested_cross_validation_on_breast_cancer():
    X, y = load_breast_cancer(return_X_y=True)
    search = RegularizationSearchCV(**(SMALL | {"batch_size": 500}), **LAMBDAS)
    scores = cross_val_score(search, X, y, cv=3)
    assert scores.mean() > 0.93


def test_a_pipeline_with_missing_values_and_categories():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"age": rng.normal(40, 9, 90), "city": rng.choice(["Bern", "Linz"], 90), "pay": rng.normal(size=90)}
    )
    y = np.where((frame["city"] == "Bern") ^ (frame["age"] > 40), "in", "out")
    frame.loc[::7, "age"] = np.nan
    ready = ColumnTransformer(
        [("n", SimpleImputer(), ["age", "pay"]), ("c", OneHotEncoder(sparse_output=False), ["city"])]
    ).set_output(transform="pandas")
    network = RegularizationSearchCV(**SMALL, **LAMBDAS)
    pipeline = make_pipeline(ready, StandardScaler().set_output(transform="pandas"), network).fit(frame, y)
    assert pipeline[-1].feature_names_in_.tolist() == ["n__age", "n__pay", "c__city_Bern", "c__city_Linz"]
    assert pipeline.score(frame, y) > 0.6
    with pytest.raises(ValueError, match="feature names should match"):
        pipeline[-1].predict(pd.DataFrame(np.zeros((1, 4)), columns=list("abcd")))


def test_weights_and_groups_are_routed(moons):
    import sklearn

    X, y = moons
    groups = np.arange(80) // 8
    left = (X[:, 0] < np.median(X[:, 0])).astype(float)
    with sklearn.config_context(enable_metadata_routing=True):
        network = RegularizationSearchCV(**(SMALL | {"cv": GroupKFold(2)}), **LAMBDAS)
        network.set_fit_request(sample_weight=True, groups=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, network).fit(X, y, sample_weight=left, groups=groups)
    by_hand = clone(network).fit(StandardScaler().fit_transform(X), y, sample_weight=left, groups=groups)
    np.testing.assert_array_equal(pipeline.predict_proba(X), by_hand.predict_proba(StandardScaler().fit_transform(X)))
    unweighted = clone(network).fit(StandardScaler().fit_transform(X), y, groups=groups)
    assert not np.array_equal(unweighted.cv_results_["mean_test_score"], by_hand.cv_results_["mean_test_score"])


def test_images_keep_their_shape():
    rng = np.random.default_rng(0)
    images, y = rng.integers(0, 255, (40, 4, 4, 1)).astype(np.uint8), np.arange(40) % 2

    def convolution(input_shape):
        assert input_shape == (4, 4, 1)
        layers = [keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")]
        return keras.Sequential([keras.Input(input_shape), *layers])

    found = RegularizationSearchCV(convolution, **(SMALL | {"options": None}), regularizers="l2", lambdas=[1e-3])
    assert found.fit(images, y).predict(images).shape == (40,)


def test_without_refit_there_is_nothing_to_predict_with(moons):
    found = RegularizationSearchCV(**SMALL, **LAMBDAS, refit=False).fit(*moons)
    assert found.best_params_ and not hasattr(found, "predict") and not hasattr(found, "best_estimator_")


def test_predict_before_fit_is_refused(moons):
    with pytest.raises(NotFittedError):
        RegularizationSearchCV().predict(moons[0])


def test_early_stopping_is_one_of_the_configurations(moons):
    small = SMALL | {"epochs": 60}
    found = RegularizationSearchCV(**small, regularizers=["early_stopping"], lambdas=[1.0]).fit(*moons)
    assert found.best_params_ == {"regularizer": "early_stopping"}
    assert 1 <= found.best_estimator_.trained.epochs <= 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lambdas": [0.0]}, r"^lambdas: must be numbers above 0, got 0\.0; no penalty is the regularizer 'none'"),
        ({"lambdas": []}, "^lambdas: must name one lambda at least"),
        ({"strategy": "grid"}, "^strategy: goes without lambdas"),
        ({"lambdas": None, "strategy": "gird"}, "^strategy: may be .*did you mean 'grid'"),
        ({"lambdas": None, "lambda_range": (1.0, 0.1)}, "^lambda_range: low must be below high"),
        ({"regularizers": ["l3"]}, "^regularizers: may be 'none', 'l1'"),
        ({"targets": "hiden"}, "^targets: 'hiden kernel' matches no weight.*did you mean 'hidden'"),
        ({"epochs": 0}, "^epochs: must be ≥ 1, got 0"),
        ({"n_repeats": 0}, "^n_repeats: must be ≥ 1, got 0"),
        ({"options": {"hiden": [4]}}, "^options: mlp has no option 'hiden'|hiden"),
        ({"build_fn": "mpl"}, "^build_fn: may be .*did you mean 'mlp'"),
        (
            {"build_fn": lambda input_shape: None, "options": None},
            r"^build_fn: .*must return a keras\.Model; .*NoneType",
        ),
        ({"task": "ranking"}, "^task: must be 'classification' or 'regression', got 'ranking'"),
        ({"refit": "best"}, "^refit: must be True, False or 'one-se', got 'best'"),
        ({"scoring": ["accuracy", "roc_auc"]}, "^scoring: must be one score"),
        ({"class_weight": {2: 1.0}}, r"^class_weight: 2 is no class of y, whose classes are \[0, 1\]"),
        ({"learning_rate": -1.0}, "^learning_rate: must be > 0"),
    ],
)
def test_bad_arguments_are_named(moons, arguments, message):
    with pytest.raises(ValueError, match=message):
        RegularizationSearchCV(**(SMALL | LAMBDAS | arguments)).fit(*moons)


def test_bad_rows_are_named(moons):
    X, y = moons
    network = RegularizationSearchCV(**SMALL, **LAMBDAS)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        network.fit(np.where(X == X[0], np.nan, X), y)
    with pytest.raises(ValueError, match=r"sample_weight\.shape == \(3,\)"):
        network.fit(X, y, sample_weight=np.ones(3))
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        network.fit(X, y, sample_weight=-np.ones(80))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        network.fit(X, y[:-1])
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        network.fit(X, X[:, 0])
    with pytest.raises(ValueError, match="y: has 1 class, 0; a classifier takes two or more"):
        network.fit(X, np.zeros(80, int))

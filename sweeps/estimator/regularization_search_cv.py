"""The search for a regularization as a scikit-learn estimator."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import ClassifierTags, RegressorTags, check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from regsearch.in_memory import keep_function
from regsearch.seeds import refit_seed
from regsearch.spec import Scale, Target
from sweeps.estimator.estimator_settings import Settings, check_builder, errors_of_scikit_learn, random_state_kept
from sweeps.estimator.results_table import best_index, cv_results, one_se_index
from sweeps.estimator.rows import Kind, by_class, data_set, data_spec, labels_and_classes
from sweeps.estimator.trainings import Fold, Trainings
from sweeps.estimator.tried import Tried, try_by_strategy, try_lambdas

MOST_SEED = 2**31 - 1
DEFAULT_STRATEGY = "coarse-to-fine"

Layers = str | Target | Mapping[str, Any]


def _is_refit(estimator: "RegularizationSearchCV") -> bool:
    if estimator.refit is False:
        raise AttributeError("RegularizationSearchCV was given refit=False: there is no network to predict with")
    return True


def _gives_probabilities(estimator: "RegularizationSearchCV") -> bool:
    if estimator.task != "classification":
        raise AttributeError("predict_proba: a regression has no probabilities")
    return _is_refit(estimator)


class RegularizationSearchCV(BaseEstimator):  # type: ignore[misc]
    """Find the weight regularization of a Keras network by cross-validation, as a scikit-learn estimator.

    Args:
        build_fn: what builds the network: any callable that returns a new keras.Model, called with those of
            input_shape, n_outputs, output_activation and task that it names; or "mlp", "cnn", "lstm", or
            "my_model.py:build".
        task: "classification", of two classes, several, or several labels of 0 and 1; or "regression", of one target or
            several.
        regularizers: of none, l1, l2, l1_l2, weight_decay, early_stopping.
        lambdas: the coefficients to try, each with every regularizer; None to search by a strategy.
        strategy: how the next configuration is chosen: coarse-to-fine, grid, random, qmc, tpe …; None for
            coarse-to-fine, where there are no lambdas.
        lambda_range: the lowest and the highest that a strategy tries, on a log scale.
        n_trials: how many configurations a strategy tries; None for all of a grid, 50 of others.
        targets: the weights that penalties act on: layers by group, name, kind, number or glob ("hidden", "conv_*"),
            whose kernels are meant; a Target, or {"layers": …, "weights": …}; or several of these.
        cv: as of GridSearchCV: a number of folds, a splitter, or an iterable of (train, test) positions; None for 5.
        scoring: as of GridSearchCV, one score: a name or a callable; None for accuracy, or R².
        n_repeats: trainings of each configuration on each fold, each from its own seed, the same for all.
        refit: whether to train the best on all rows at the end; "one-se" for the strongest penalty within one standard
            error of the best, of its regularizer and target.
        epochs: of each training.
        batch_size: rows per step.
        optimizer: Keras' name of it; None for adam, or for what build_fn compiles.
        learning_rate: of the optimizer; None for 0.001, or for what build_fn compiles.
        loss: Keras' name of it; None for the one that follows from y, or for what build_fn compiles.
        class_weight: what a row counts in the loss, by its class: "balanced" for rows / (classes · rows of the class),
            or {class: number}, 1 for a class that is not in it; None for 1.
        scale: "standard" for features with mean 0 and standard deviation 1 on the rows that are trained on, "none", or
            "auto": standard but for ids that the network looks up and for images of uint8.
        options: what else build_fn is called with, as {"hidden": [100]} of "mlp".
        engine: "xla" for one program that XLA compiles, "graph" for the same by TensorFlow's kernels, "fit" for Keras'
            own loop; "auto" for XLA's where it has fast code for the network.
        random_state: of initial weights, permutations and strategy; an int for the same result again.
        n_jobs: trainings at once, in threads; None for 1, -1 for all CPUs.
        error_score: of a training that diverged.

    Attributes:
        best_params_: the best configuration: regularizer, and where it has them lambda and target.
        best_score_: its mean score over the folds; of refit="one-se" that of the one which was chosen.
        best_index_: its place in cv_results_.
        best_estimator_: the network, trained on all rows; its `model` is the keras.Model, which takes scaled rows.
        cv_results_: the columns of GridSearchCV, an entry per configuration; beside them `n`, trainings, `se`, the
            standard error of the mean score, and `stage`, of the strategy.
        classes_: (classes,), as they were given; of several labels their numbers.
        n_splits_: how many folds.
        scorer_: (estimator, X, y) -> score, greater is better.
        n_features_in_: how many features a row has.
        feature_names_in_: their names, where X is a DataFrame.

    Raises:
        ValueError: by `fit`: an argument is out of range, or the network does not fit X and y; the message names it.

    Source: Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees, section 3.4.3 (one-se).

    Example:
        >>> small = {"options": {"hidden": [4]}, "epochs": 20, "cv": 2}
        >>> net = regsearch.RegularizationSearchCV("mlp", lambdas=[1e-3, 1e-2], **small)
        >>> net.fit(X, y).predict(X[:3]).shape
        (3,)
        >>> sorted(net.best_params_)[-1], len(net.cv_results_["mean_test_score"])
        ('regularizer', 7)
    """

    def __init__(
        self,
        build_fn: str | Callable[..., Any] = "mlp",
        *,
        task: Kind = "classification",
        regularizers: str | Sequence[str] = ("none", "l1", "l2", "l1_l2"),
        lambdas: Sequence[float] | None = None,
        strategy: str | None = None,
        lambda_range: tuple[float, float] = (1e-6, 1e-1),
        n_trials: int | None = None,
        targets: Layers | Sequence[Layers] = "hidden",
        cv: Any = None,
        scoring: str | Callable[..., float] | None = None,
        n_repeats: int = 1,
        refit: bool | Literal["one-se"] = True,
        epochs: int = 200,
        batch_size: int = 32,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        loss: str | None = None,
        class_weight: str | Mapping[Any, float] | None = None,
        scale: Scale = "auto",
        options: Mapping[str, Any] | None = None,
        engine: str = "auto",
        random_state: Any = None,
        n_jobs: int | None = None,
        error_score: float = np.nan,
    ) -> None:
        self.build_fn = build_fn
        self.task = task
        self.regularizers = regularizers
        self.lambdas = lambdas
        self.strategy = strategy
        self.lambda_range = lambda_range
        self.n_trials = n_trials
        self.targets = targets
        self.cv = cv
        self.scoring = scoring
        self.n_repeats = n_repeats
        self.refit = refit
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.loss = loss
        self.class_weight = class_weight
        self.scale = scale
        self.options = options
        self.engine = engine
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.error_score = error_score

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> "RegularizationSearchCV":
        """Search, and train the best on all rows.

        Args:
            X: (rows, *shape of one row) numbers; an array, or a DataFrame of numbers.
            y: (rows,) classes or numbers, (rows, labels) of 0 and 1, or (rows, targets) of numbers.
            sample_weight: (rows,) how much each row counts in the training loss; scores count all alike.
            groups: (rows,) handed to cv, as of GroupKFold.

        Raises:
            ValueError: an argument is out of range, or the network does not fit X and y.
        """
        with errors_of_scikit_learn(), random_state_kept():
            self._fit(X, y, sample_weight, groups)
        return self

    @available_if(_is_refit)  # type: ignore[untyped-decorator]
    def predict(self, X: Any) -> NDArray[Any]:
        """Return the predicted labels: (rows,), or (rows, labels) or (rows, targets) of several.

        Args:
            X: (rows, *shape of one row), as for fit.
        """
        rows = self._rows(X)
        return self.best_estimator_.predict(rows)

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return (rows, classes) probabilities; (rows, labels) of several labels, each by itself.

        Args:
            X: (rows, *shape of one row), as for fit.
        """
        rows = self._rows(X)
        return self.best_estimator_.predict_proba(rows)  # type: ignore[no-any-return]

    @available_if(_is_refit)  # type: ignore[untyped-decorator]
    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the score of `scoring` on these rows.

        Args:
            X: (rows, *shape of one row), as for fit.
            y: as for fit.
            sample_weight: (rows,) how much each row counts in the score.
        """
        check_is_fitted(self)
        more = {} if sample_weight is None else {"sample_weight": sample_weight}
        return float(self.scorer_(self, X, y, **more))

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> None:
        X, y = validate_data(self, X, y, multi_output=True, allow_nd=True, ensure_min_samples=2)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        labels, classes, task = labels_and_classes(y, self.task)
        check_builder(self.build_fn)
        kept = keep_function(self.build_fn) if callable(self.build_fn) else None
        config = self._settings(kept.name if kept else str(self.build_fn), classes).config(task)
        spec = data_spec(task, self.scale)
        given = y if task == "multilabel" or classes is None else classes[labels]
        given = labels if classes is None else given
        trainings = Trainings(
            config=config,
            spec=spec,
            data=data_set(X, labels, weights, spec),
            X=X,
            y=given,
            classes=classes,
            build_fn=self.build_fn,
            folds=self._folds(X, given, groups, classifier=task in ("binary", "multiclass")),
            scorer=self._scorer(),
            error_score=self.error_score,
            threads=effective_n_jobs(self.n_jobs),
        )
        if self.lambdas is not None:
            tried = try_lambdas(config, self.lambdas, trainings.try_all)
        else:
            tried = try_by_strategy(config, trainings.try_all)
        self._keep(tried, trainings)
        if classes is not None:
            self.classes_ = classes

    def _settings(self, builder: str, classes: NDArray[Any] | None) -> Settings:
        if self.lambdas is not None and self.strategy is not None:
            raise ValueError("strategy: goes without lambdas, which are all tried; lambda_range bounds what it tries")
        if self.refit not in (True, False, "one-se"):
            raise ValueError(f"refit: must be True, False or 'one-se', got {self.refit!r}")
        names = ("epochs", "batch_size", "optimizer", "learning_rate", "loss", "engine")
        training = {name: getattr(self, name) for name in names}
        return Settings(
            builder=builder,
            options=self.options,
            training=training | {"class_weight": by_class(self.class_weight, classes)},
            regularizers=self.regularizers,
            strategy=self.strategy or ("grid" if self.lambdas is not None else DEFAULT_STRATEGY),
            lambda_range=self.lambda_range,
            n_trials=self.n_trials,
            targets=self.targets,
            n_repeats=self.n_repeats,
            seed=self._seed(),
        )

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer) and not isinstance(self.random_state, bool):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(MOST_SEED))

    def _folds(self, X: Any, y: Any, groups: Any, *, classifier: bool) -> list[Fold]:
        splits: Iterable[tuple[Any, Any]] = check_cv(self.cv, y, classifier=classifier).split(X, y, groups)
        return [Fold(train=np.arange(len(X))[train], test=np.arange(len(X))[test]) for train, test in splits]

    def _scorer(self) -> Any:
        if self.scoring is not None and not isinstance(self.scoring, str) and not callable(self.scoring):
            raise ValueError(f"scoring: must be one score, a name or a callable, got {self.scoring!r}")
        return check_scoring(self, scoring=self.scoring or ("accuracy" if self.task == "classification" else "r2"))

    def _keep(self, tried: Sequence[Tried], trainings: Trainings) -> None:
        """Set what a fit leaves behind."""
        config = trainings.config
        best = best_index(tried)
        chosen = one_se_index(tried, best) if self.refit == "one-se" else best
        configuration = tried[chosen].configuration
        self.cv_results_ = cv_results(tried, with_target=len(config.targets) > 1)
        self.best_index_, self.n_splits_ = chosen, len(trainings.folds)
        self.best_params_ = self.cv_results_["params"][chosen]
        self.best_score_ = float(self.cv_results_["mean_test_score"][chosen])
        self.scorer_ = trainings.scorer
        trainings.network(configuration).forget_rows()
        if self.refit is False:
            return
        stopped = None
        if configuration.early_stopping is not None:
            waited = tried[chosen].epochs - configuration.early_stopping.patience
            stopped = max(1, round(float(np.median(waited))))
        self.best_estimator_ = trainings.refit(configuration, seed=refit_seed(config.seed), epochs=stopped)

    def _rows(self, X: Any) -> Any:
        check_is_fitted(self)
        return validate_data(self, X, reset=False, allow_nd=True)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "cv_results_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = self.task == "regression"
        tags.non_deterministic = False
        if self.task == "regression":
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        else:
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags(multi_label=True)
        return tags

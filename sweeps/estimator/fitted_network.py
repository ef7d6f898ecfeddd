"""A trained network as scikit-learn's scorers and pipelines use one."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.metaestimators import available_if

from regsearch.data import DataSet
from regsearch.data.preparation import Preparation
from regsearch.fitted import FittedModel
from regsearch.in_memory import keep_function
from regsearch.input_slices import ModelInputs
from regsearch.kept_penalties import keep_penalties
from regsearch.model_weights import without_penalties
from regsearch.models import build
from regsearch.results import Repeat
from regsearch.spec import ModelSpec
from regsearch.trainers.base import BUILDING, Trained
from regsearch.weights import Weight

Outputs = NDArray[Any]


class FittedNetwork(BaseEstimator):  # type: ignore[misc]
    """A trained network: `best_estimator_` of a RegularizationSearchCV.

    Args:
        build_fn: what built it.
        spec: how it is built.
        data: the data set without its rows.
        preparation: how rows are scaled, by those that it was trained on.
        inputs: how it takes rows.
        weights: which trainable weights it has.
        penalties: (weights, 2) float32, l1 and l2 that it was trained with.
        trained: its values.
        seed: what it was trained from.
        classes: (classes,) as they were given; of several labels their numbers; None of a regression.
        known: rows, and what it gives for them; None where nothing is known.
    """

    def __init__(
        self,
        build_fn: str | Callable[..., Any],
        *,
        spec: ModelSpec,
        data: DataSet,
        preparation: Preparation,
        inputs: ModelInputs,
        weights: tuple[Weight, ...],
        penalties: NDArray[np.float32],
        trained: Trained,
        seed: int,
        classes: NDArray[Any] | None,
        known: tuple[Any, Outputs] | None = None,
    ) -> None:
        self.build_fn, self.spec, self.data, self.preparation, self.inputs = build_fn, spec, data, preparation, inputs
        self.weights, self.penalties, self.trained, self.seed = weights, penalties, trained, seed
        self.classes, self.known = classes, known

    @property
    def classes_(self) -> NDArray[Any]:
        """(classes,) as they were given; of several labels their numbers."""
        if self.classes is None:
            raise AttributeError("classes_: a regression has no classes")
        return self.classes

    @property
    def model(self) -> Any:
        """The trained keras.Model; its penalties stand in it as keras.regularizers. It takes rows that are scaled."""
        return self._fitted.model

    def outputs(self, X: Any) -> Outputs:
        """Return (rows, outputs) what the network gives, of a regression in the target's own units."""
        if self.known is not None and self.known[0] is X:
            return self.known[1]
        return self._fitted.outputs(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return (rows,) classes or numbers; (rows, labels) 0 and 1 of several labels; (rows, targets) of several."""
        outputs = self.outputs(X)
        match self.data.task:
            case "regression":
                return (outputs[:, 0] if outputs.shape[1] == 1 else outputs).astype(np.float64)
            case "multilabel":
                return (outputs > 0.5).astype(int)
            case "binary":
                return self.classes_[(outputs[:, 0] > 0.5).astype(int)]  # type: ignore[no-any-return]
        return self.classes_[outputs.argmax(axis=1)]  # type: ignore[no-any-return]

    @available_if(lambda self: self.data.task != "regression")  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return (rows, classes) probabilities; (rows, labels) of several labels, each by itself."""
        outputs = self.outputs(X).astype(np.float64)
        if self.data.task == "binary":
            return np.hstack([1 - outputs, outputs])
        if self.data.task == "multiclass":
            outputs /= outputs.sum(axis=1, keepdims=True)  # float32 does not add up to 1 to the last digit
        return outputs

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy of classes, R² of a regression."""
        score = r2_score if self.data.task == "regression" else accuracy_score
        return float(score(y, self.predict(X), sample_weight=sample_weight))

    @cached_property
    def _fitted(self) -> FittedModel:
        return FittedModel(
            model=self._model(),
            preparation=self.preparation,
            data=self.data,
            inputs=self.inputs,
            repeat=Repeat(repeat=0, seed=self.seed, status="ok", epochs=self.trained.epochs, seconds=0.0),
        )

    def _model(self) -> Any:
        """Build the network anew, with what it learnt."""
        kept = keep_function(self.build_fn) if callable(self.build_fn) else None
        spec = replace(self.spec, builder=kept.name) if kept else self.spec
        with BUILDING:
            model = build(spec, self.data)
        if spec.own_penalties == "replace":
            without_penalties(model)
        learnt = (self.trained.after, self.trained.state)
        for variables, values in zip((model.trainable_variables, model.non_trainable_variables), learnt, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        keep_penalties(model, self.weights, self.penalties)
        return model

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_fitted"} | {"known": None}

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags = super().__sklearn_tags__()
        if self.data.task == "regression":
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        else:
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        return tags

    def __repr__(self) -> str:
        features = f"{len(self.data.feature_names)} features"
        return f"<network of {features}, trained for {self.trained.epochs} epochs from seed {self.seed}>"

"""A trained network with what is done to rows before it and to its outputs after it: what a sweep's winner is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet, Split
from regsearch.data.labels import narrowed
from regsearch.data.preparation import Preparation
from regsearch.errors import DataError, InputError
from regsearch.input_slices import ModelInputs
from regsearch.kept_penalties import keep_penalties
from regsearch.predicted_labels import predicted_labels
from regsearch.repeat_splits import places_of, repeat_data, repeat_split
from regsearch.results import Repeat
from regsearch.spec import TrialSpec
from regsearch.trainers.base import BUILDING, Trained, Trainer, rows_at_once
from regsearch.trainers.tensors import Model
from regsearch.trial import Evaluator, evaluator

Rows = Literal["train", "all"]
FIELD = "x"


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedModel:
    """A trained network, and what is done to rows before it and to its outputs after it.

    Args:
        model: the keras.Model, trained. The penalties that it was trained with stand in it as keras.regularizers; of
            phases those of the last.
        preparation: how missing values are filled in and features scaled, by the rows that it was trained on.
        data: the data set without its rows: columns, names of features and classes, task, inputs.
        inputs: how the model takes rows.
        repeat: what the training achieved; without validation scores where all rows were trained on.

    Example:
        >>> fitted = found.fit()
        >>> fitted.outputs([[0.0, 0.5], [1.0, -0.5]]).shape  # probabilities of the second class
        (2, 1)
        >>> set(fitted.predict([[0.0, 0.5], [1.0, -0.5]]).tolist()) <= {0, 1}
        True
    """

    model: Model
    preparation: Preparation
    data: DataSet
    inputs: ModelInputs
    repeat: Repeat

    def outputs(self, x: Any) -> NDArray[Any]:
        """Return what the model gives for new rows: (rows, outputs), of a regression in the target's own units.

        Args:
            x: (rows, *shape of one row) in the units of the data set, NaN where a value is missing and is filled in; of
                a model of several inputs a dict of them, too. Rows of a table come as a DataFrame with its columns, or
                encoded by `data.tables.features_of`; a DataFrame with the names of other features in any order.

        Raises:
            DataError: rows have another shape than those that the model was trained on, or are no numbers.
        """
        rows = self._rows(x)
        if not len(rows):
            return np.empty((0, self.data.n_outputs), np.float32)
        prepared = self.preparation.features(rows)  # (rows, *shape of one row)
        block = rows_at_once(prepared.shape[1:])
        pieces = [prepared[i : i + block] for i in range(0, len(prepared), block)]
        outputs = np.concatenate([np.asarray(self.model(self.inputs.of(piece), training=False)) for piece in pieces])
        scale = self.preparation.target_scale
        return outputs if scale is None else scale.restored(outputs)

    def predict(self, x: Any) -> NDArray[Any]:
        """Return the predicted labels of new rows, as the data set has them.

        Args:
            x: (rows, *shape of one row), as for `outputs`.

        Returns:
            (rows,) classes, as they were given: strings, numbers or booleans; (rows, labels) 0 and 1 of several labels;
            of a regression (rows,), or (rows, targets) of several.

        Raises:
            DataError: as of `outputs`.
        """
        return predicted_labels(self.outputs(x), self.data)

    def __repr__(self) -> str:
        trained, scores = self.repeat, self.repeat.validation
        score = "" if scores is None else f", validation score {scores.score:.4f}"
        features = f"{len(self.data.feature_names)} features"
        return f"FittedModel of {features}: {trained.epochs} epochs, seed {trained.seed}{score}"

    def _rows(self, x: Any) -> NDArray[Any]:
        """Return a copy of new rows in the shape and type of those that were trained on."""
        shape, wanted = self.data.x.shape[1:], self.data.x.dtype
        if hasattr(x, "columns") and self._is_named(x):
            from regsearch.new_rows import new_rows  # which loads pandas

            x = new_rows(x, self.data, self.preparation.table).x
        if isinstance(x, Mapping):
            x = self._side_by_side(x)
        rows = np.array(x)
        if rows.dtype.kind not in "biuf":
            raise DataError(FIELD, f"holds {rows.dtype}; it must hold numbers")
        if rows.ndim == 0 or (rows.shape[1:] != shape and rows.shape[1:] != (int(np.prod(shape)),)):
            raise DataError(FIELD, f"must have shape (rows, {', '.join(map(str, shape))}), got {rows.shape}")
        rows = rows.reshape(len(rows), *shape)
        self._check_finite(rows)
        if wanted == np.uint8 and rows.dtype == np.uint8:
            return rows
        return rows.astype(np.float64) if wanted == np.float64 else narrowed(rows, FIELD, "a row").copy()

    def _is_named(self, frame: Any) -> bool:
        """Return whether a DataFrame has the features by their names, as that of a table must."""
        return bool(self.data.columns) or set(self.data.feature_names) <= set(map(str, frame.columns))

    def _check_finite(self, rows: NDArray[Any]) -> None:
        """Raise where a number is missing that nothing fills in."""
        filled = [column for each in self.data.imputations for column in each.columns]
        flat = rows.reshape(len(rows), len(self.data.feature_names))
        broken = ~np.isfinite(flat).all(axis=0)
        broken[filled] = np.isinf(flat[:, filled]).any(axis=0)
        if broken.any():
            name = self.data.feature_names[int(broken.argmax())]
            raise DataError(FIELD, f"feature {name!r} is missing, or infinite, in a row; it never was in training")

    def _side_by_side(self, x: Mapping[str, Any]) -> NDArray[Any]:
        names = [each.name for each in self.data.inputs]
        if sorted(x) != sorted(names):
            problem = "may be a dict only for a model of several inputs" if not names else f"must have {names}"
            raise DataError(FIELD, f"{problem}, got {sorted(x)}")
        return np.concatenate([np.asarray(x[name]).reshape(len(x[name]), -1) for name in names], axis=1)


def fit_model(
    spec: TrialSpec,
    *,
    seed: int,
    repeat: int = 0,
    rows: Rows = "train",
    test: bool = False,
) -> FittedModel:
    """Train a configuration once and return the model.

    With the index and the seed of a recorded repeat, on the train rows, it is that training to the last bit, on the
    same kind of CPU and with the same versions.

    Args:
        spec: what to train.
        seed: of initial weights, permutations and splits.
        repeat: its index, which decides the fold where rows are split in folds.
        rows: `train`; or `all` to train on train and validation rows together, which leaves none to validate on.
        test: whether to score the test rows.

    Raises:
        InputError: the spec asks for something that does not exist or does not fit; or for early stopping on all rows,
            which leave nothing to tell when to stop: see `stopped_at`.
        TrainingFailed: the training raised.

    Example:
        >>> spec = regsearch.TrialSpec(
        ...     data=regsearch.DataSpec(source="iris"), metric="accuracy", training=regsearch.TrainingSpec(epochs=5)
        ... )
        >>> fitted = regsearch.fit_model(spec, seed=1)
        >>> fitted.repeat.epochs, fitted.model.output_shape
        (5, (None, 3))
    """
    if rows == "all" and spec.training.early_stopping is not None:
        raise InputError("rows", "'all' leaves no validation rows to stop early by; train for a number of epochs")
    trials = evaluator(spec)
    split = trials.split(repeat, seed) if rows == "train" else _of_all_rows(spec, trials, repeat, seed)
    phases = trials.phases(spec)
    found, trained = trials.train(repeat, seed, phases, split=split, test=test)
    if rows == "all":
        found = replace(found, validation=None, validation_rows=None, phases=(), curve=None)
    trainer = trials.trainer
    model = _model(trainer, trained, seed)
    keep_penalties(model, trainer.weights, phases[-1].coefficients)
    return FittedModel(
        model=model,
        preparation=_preparation(spec, trainer, split, repeat=repeat, seed=seed),
        data=_without_rows(trainer.problem.data),
        inputs=trainer.inputs,
        repeat=found,
    )


def stopped_at(spec: TrialSpec, epochs: NDArray[np.int_]) -> TrialSpec:
    """Return the spec without early stopping, its epochs those after which recorded repeats were at their best.

    That is `patience` epochs before a repeat stopped; the median over repeats. One that trained to the end had not
    stopped improving long enough, and counts as all its epochs.

    Args:
        spec: one with early stopping.
        epochs: (repeats,) how long each of them trained.
    """
    stopping = spec.training.early_stopping
    if stopping is None:
        return spec
    best = np.where(epochs < spec.training.epochs, epochs - stopping.patience, epochs)
    training = replace(spec.training, early_stopping=None, epochs=max(1, round(float(np.median(best)))))
    return replace(spec, training=training)


def _of_all_rows(spec: TrialSpec, trials: Evaluator, repeat: int, seed: int) -> Split:
    """Return the split of a repeat, its validation rows among those to train on too."""
    return repeat_split(
        spec.data,
        resample=spec.resample,
        repeat=repeat,
        seed=seed,
        uses=trials.trainer.input_uses,
        scale_target=trials.split(repeat, seed).target_scale is not None,
        pooled=True,
    )


def _model(trainer: Trainer, trained: Trained, seed: int) -> Model:
    """Return a new model with trained weights."""
    with BUILDING:
        model = trainer.fresh_model(seed)
    for variables, values in (
        (model.trainable_variables, trained.after),
        (model.non_trainable_variables, trained.state),
    ):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
    return model


def _preparation(spec: TrialSpec, trainer: Trainer, split: Split, *, repeat: int, seed: int) -> Preparation:
    """Return what was done to the rows of a repeat's split: the same rows give the same again."""
    data = repeat_data(spec.data, seed) if spec.data.split.redraw else trainer.problem.data
    rows, scaled = places_of(split.train.rows, spec.data, repeat), split.target_scale is not None
    return Preparation(spec.data, data, trainer.input_uses, rows, scale_target=scaled)


def _without_rows(data: DataSet) -> DataSet:
    return replace(data, x=data.x[:0], y=data.y[:0], weights=None, groups=None, times=None, subset_names=None)

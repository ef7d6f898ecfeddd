"""The score of a script's predictions, as scikit-learn or NumPy gives it.

`y` is (rows,), or (rows, targets) of several; `predicted` (rows,) of one output, else (rows, outputs).
"""

from regsearch.errors import InputError
from regsearch.script.code import Code
from regsearch.spec import Task

LEAST = "1e-7, 1 - 1e-7"  # what Keras clips probabilities to

# By metric and task: an expression, and what it takes from sklearn.metrics.
_ACCURATE = {
    "binary": "np.mean((predicted > 0.5) == y)",
    "multiclass": "np.mean(predicted.argmax(axis=1) == y)",
    "multilabel": "np.mean((predicted > 0.5) == y)",
}
_LOG_LOSS = {
    "binary": f"-np.mean(np.log(np.clip(np.where(y == 1, predicted, 1 - predicted), {LEAST})))",
    "multiclass": f"-np.mean(np.log(np.clip(predicted[np.arange(len(y)), y], {LEAST})))",
    "multilabel": f"-np.mean(np.log(np.clip(np.where(y == 1, predicted, 1 - predicted), {LEAST})))",
}


def _of_curves(function: str, some: str) -> dict[str, str]:
    """Return the area under a curve of one class, and the mean over each class against the rest."""
    return {
        "binary": f"{function}(y, predicted)",
        "multiclass": f"np.mean([{function}(y == k, predicted[:, k]) for k in np.unique(y)])",
        "multilabel": f"np.mean([{function}(a, b) for a, b in zip(y.T, predicted.T) if {some}])",
    }


_OF_F1 = 'average="macro", zero_division=np.nan'
EXPRESSIONS: dict[str, dict[str, str]] = {
    "accuracy": _ACCURATE,
    "log_loss": _LOG_LOSS,
    "auc": _of_curves("roc_auc_score", "0 < a.sum() < len(a)"),
    "average_precision": _of_curves("average_precision_score", "a.any()"),
    "f1": {
        "binary": "f1_score(y, predicted > 0.5)",
        "multiclass": 'f1_score(y, predicted.argmax(axis=1), average="macro")',
        "multilabel": f"f1_score(y, predicted > 0.5, {_OF_F1})",
    },
    "balanced_accuracy": {
        "binary": "balanced_accuracy_score(y, predicted > 0.5)",
        "multiclass": "balanced_accuracy_score(y, predicted.argmax(axis=1))",
    },
    "brier": {
        "binary": "np.mean((predicted - y) ** 2)",
        "multiclass": "np.mean(np.sum((predicted - np.eye(predicted.shape[1])[y]) ** 2, axis=1))",
        "multilabel": "np.mean((predicted - y) ** 2)",
    },
    "subset_accuracy": {"multilabel": "np.mean(np.all((predicted > 0.5) == y, axis=1))"},
    "r2": {"regression": "r2_score(y, predicted)"},
    "mse": {"regression": "np.mean((predicted - y) ** 2)"},
    "rmse": {"regression": "np.mean(np.sqrt(np.mean((predicted - y) ** 2, axis=0)))"},
    "mae": {"regression": "np.mean(np.abs(predicted - y))"},
    "mape": {"regression": "mean_absolute_percentage_error(y, predicted)"},
}
FROM_SKLEARN = (
    *("roc_auc_score", "average_precision_score", "f1_score", "balanced_accuracy_score"),
    *("r2_score", "mean_absolute_percentage_error"),
)


def score_code(metric: str, k: int, task: Task, code: Code) -> str:
    """Return the expression of a score, and add what it imports.

    Args:
        metric: its name.
        k: how many classes it looks at; 0 for all.
        task: what kind of labels there are.
        code: what imports are added to.

    Raises:
        InputError: there is none.
    """
    if k:
        return f"np.mean(np.sum(predicted > predicted[np.arange(len(y)), y][:, None], axis=1) < {k})"
    expression = EXPRESSIONS.get(metric, {}).get(task)
    if expression is None:
        raise InputError("evaluation.metric", f"{metric!r} has no line of Python to write into a script")
    code.needs(*(f"from sklearn.metrics import {name}" for name in FROM_SKLEARN if f"{name}(" in expression))
    return expression

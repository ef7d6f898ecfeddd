"""The score that a script calculates is the metric's own."""

import numpy as np
import pytest

from regsearch.errors import InputError
from regsearch.scoring import METRICS, metric_named
from regsearch.script.code import Code
from regsearch.script.metrics import score_code

ROWS, OUTPUTS = 60, 3


def made_up(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Labels (rows, …) and predictions (rows, outputs) of a task."""
    rng = np.random.default_rng(3)
    raw = rng.normal(size=(ROWS, 1 if task == "binary" else OUTPUTS))
    match task:
        case "binary" | "multilabel":
            return (rng.random(raw.shape) < 0.4).astype("float32"), (1 / (1 + np.exp(-raw))).astype("float32")
        case "multiclass":
            odds = np.exp(raw)
            probabilities = (odds / odds.sum(axis=1, keepdims=True)).astype("float32")
            return rng.integers(0, OUTPUTS, (ROWS, 1)).astype("int32"), probabilities
    return raw * 3 + 1, (raw * 3 + rng.normal(size=raw.shape)).astype("float32")


@pytest.mark.parametrize(
    ("name", "task"),
    [*((name, task) for name, metric in METRICS.items() for task in metric.tasks), ("top_2", "multiclass")],
)
def test_each_metric_of_each_task(name: str, task: str) -> None:
    y, predicted = made_up(task)
    metric, code = metric_named(name), Code()
    expression = score_code(name, metric.k, task, code)
    plain = {"y": y[:, 0] if y.shape[1] == 1 else y, "np": np}
    plain["predicted"] = predicted[:, 0] if predicted.shape[1] == 1 else predicted
    exec("\n".join(code.imports), plain)
    assert float(eval(expression, plain)) == pytest.approx(float(metric.score(np, y, predicted)), rel=1e-5)


def test_a_metric_without_a_line() -> None:
    with pytest.raises(InputError, match="has no line of Python"):
        score_code("accuracy", 0, "regression", Code())

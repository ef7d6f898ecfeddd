"""Models that are no networks, held against scikit-learn called by hand on the same rows."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss, r2_score

from regsearch.reference_models import reference_scores
from regsearch.spec import DataSpec, ModelSpec, SplitSpec, TableSpec, TrainingSpec, TrialSpec
from regsearch.trial import Evaluator, evaluator

SEEDS = {0: 11, 1: 12}


def trials(source: str, metric: str, table: TableSpec | None = None, **split: object) -> Evaluator:
    shares = split or {"validation": 0.25, "test": 0.25}
    data = DataSpec(source=source, split=SplitSpec(**shares), **({"table": table} if table else {}))
    spec = TrialSpec(
        data=data,
        metric=metric,
        model=ModelSpec(options=(("hidden", (4,)),)),
        training=TrainingSpec(epochs=1),
        resample=True,
    )
    return evaluator(spec)


def test_two_classes_are_scored_as_scikit_learn_scores_them() -> None:
    found = trials("breast_cancer", "accuracy")
    scored = reference_scores("linear", found, SEEDS, subset="test")
    for repeat, seed in SEEDS.items():
        split = found.split(repeat, seed)
        model = LogisticRegression(max_iter=10_000).fit(split.train.x, split.train.y[:, 0])
        expected = accuracy_score(split.test.y[:, 0], model.predict(split.test.x))
        rows = scored.rows[scored.rows["repeat"] == repeat]
        assert scored.scores[repeat] == pytest.approx(expected)
        assert rows["score"].mean() == pytest.approx(expected)
        assert set(rows["row"]) == set(split.test.rows)


def test_several_classes_by_their_probabilities() -> None:
    found = trials("wine", "log_loss")
    scored = reference_scores("hist_gradient_boosting", found, {0: 11}, subset="validation")
    split = found.split(0, 11)
    model = HistGradientBoostingClassifier(random_state=11).fit(split.train.x, split.train.y[:, 0])
    expected = log_loss(split.validation.y[:, 0], model.predict_proba(split.validation.x), labels=[0, 1, 2])
    assert scored.scores[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("model", "made"),
    [("linear", Ridge()), ("hist_gradient_boosting", HistGradientBoostingRegressor(random_state=11))],
)
def test_a_regression_in_its_own_units(model: str, made: object) -> None:
    found = trials("diabetes", "r2")
    scored = reference_scores(model, found, {0: 11}, subset="test")
    split = found.split(0, 11)
    made.fit(split.train.x, split.train.labels[:, 0])
    assert scored.scores[0] == pytest.approx(r2_score(split.test.labels[:, 0], made.predict(split.test.x)))


def test_several_labels_one_of_which_never_varies_in_training(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(80, 2))
    columns = {"a": x[:, 0], "b": x[:, 1], "up": x[:, 0] > 0, "rare": np.arange(80) == 79}
    lines = [",".join(columns)] + [",".join(str(float(v[i])) for v in columns.values()) for i in range(80)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    table = TableSpec(target=("up", "rare"), task="multilabel")
    found = trials(str(tmp_path / "t.csv"), "accuracy", table, train=40, validation=40)
    split = found.split(0, 1)
    assert len(np.unique(split.train.y[:, 1])) == 1 or len(np.unique(split.validation.y[:, 1])) == 1
    assert reference_scores("linear", found, {0: 1}, subset="validation").scores[0] > 0.8


def test_there_must_be_rows_of_the_subset() -> None:
    with pytest.raises(ValueError, match="there are no test rows"):
        reference_scores("linear", trials("iris", "accuracy", train=100, validation=50), {0: 1}, subset="test")

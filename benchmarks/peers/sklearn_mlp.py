"""scikit-learn's GridSearchCV over MLPClassifier's alpha: a network of the same size, on its own optimizer code.

Its alpha stands for l2·Σw² / 2 per row, on the output layer too, so scores are not to be compared number by number.
"""

import warnings

import numpy as np
from shared import KEPT, SEED, begin, given, mark
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

task = given()
warnings.filterwarnings("ignore", "Stochastic Optimizer", UserWarning)  # it was told to do all epochs


def marked(model, x, y):
    """Score as `scoring="accuracy"` does, and note the training's end."""
    score = accuracy_score(y, model.predict(x))
    mark(model.alpha, score)
    return score


begin()
# the user's
x = np.concatenate([task.x, task.x_validation])
y = np.concatenate([task.y, task.y_validation])
split = np.arange(len(task.x)), np.arange(len(task.x), len(x))
search = GridSearchCV(
    MLPClassifier(
        (task.hidden,),
        batch_size=min(task.batch_size, len(task.x)),
        max_iter=task.epochs,
        tol=0,
        n_iter_no_change=task.epochs,
        random_state=np.random.RandomState(SEED),
    ),
    {"alpha": task.lambdas},
    cv=[split] * task.repeats,
    scoring=marked,
    refit=False,
    n_jobs=-1,
)
search.fit(x, y)
# end
np.savez(KEPT / "cv_results.npz", **{name: search.cv_results_[name].astype(float) for name in ("mean_test_score",)})

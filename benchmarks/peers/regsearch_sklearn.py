"""regsearch as a scikit-learn estimator, in memory; each training is marked by the function that scores it."""

import numpy as np
from shared import SEED, begin, given, mark
from sklearn.metrics import accuracy_score

import regsearch

task = given()


def marked(network, x, y):
    """Score as `scoring="accuracy"` does, and note the training's end."""
    score = accuracy_score(y, network.predict(x))
    mark(network.penalties.max(), score)
    return score


begin()
# the user's
x = np.concatenate([task.x, task.x_validation])
y = np.concatenate([task.y, task.y_validation]).astype(int)
split = np.arange(len(task.x)), np.arange(len(task.x), len(x))
search = regsearch.RegularizationSearchCV(
    "mlp",
    options={"hidden": [task.hidden]},
    regularizers=["none", "l2"],
    lambdas=[lambda_ for lambda_ in task.lambdas if lambda_],
    epochs=task.epochs,
    batch_size=task.batch_size,
    scale="none",
    cv=[split],
    n_repeats=task.repeats,
    scoring=marked,
    refit=False,
    random_state=SEED,
    n_jobs=-1,
)
search.fit(x, y)
# end

"""scikit-learn's GridSearchCV over scikeras' KerasClassifier."""

import numpy as np
from scikeras.wrappers import KerasClassifier
from shared import SEED, begin, given, mark, network
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV

task = given()


def marked(model, x, y):
    """Score as `scoring="accuracy"` does, and note the training's end."""
    score = accuracy_score(y, model.predict(x))
    mark(model.get_params()["model__l2"], score)
    return score


begin()
# the user's
x = np.concatenate([task.x, task.x_validation])
y = np.concatenate([task.y, task.y_validation])
split = np.arange(len(task.x)), np.arange(len(task.x), len(x))
classifier = KerasClassifier(
    network,
    model__l2=0.0,
    model__hidden=task.hidden,
    epochs=task.epochs,
    batch_size=task.batch_size,
    verbose=0,
    random_state=SEED,
)
search = GridSearchCV(classifier, {"model__l2": task.lambdas}, cv=[split] * task.repeats, scoring=marked, refit=False)
search.fit(x, y)
# end

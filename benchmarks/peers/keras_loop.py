"""The case study's own loop: for every lambda and repeat a new network and `fit`."""

import json

import keras
from shared import KEPT, SEED, begin, given, mark, network

task = given()
begin()
# the user's
keras.utils.set_random_seed(SEED)
scores: dict[float, list[float]] = {}
for lambda_ in task.lambdas:
    for _ in range(task.repeats):
        model = network(lambda_, task.hidden)
        model.fit(task.x, task.y, epochs=task.epochs, batch_size=task.batch_size, verbose=0)
        score = model.evaluate(task.x_validation, task.y_validation, verbose=0)[1]
        scores.setdefault(lambda_, []).append(score)
        mark(lambda_, score)
KEPT.joinpath("scores.json").write_text(json.dumps(scores))
# end

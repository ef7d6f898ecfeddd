"""Optuna alone: a study in SQLite, a grid, and an objective that trains with Keras."""

import statistics

import keras
import optuna
from shared import KEPT, SEED, begin, given, mark, network

task = given()
optuna.logging.set_verbosity(optuna.logging.ERROR)
begin()


# the user's
def objective(trial):
    """Train one lambda several times."""
    lambda_ = trial.suggest_categorical("lambda", task.lambdas)
    scores = []
    for repeat in range(task.repeats):
        keras.utils.set_random_seed(SEED + repeat)
        model = network(lambda_, task.hidden)
        model.fit(task.x, task.y, epochs=task.epochs, batch_size=task.batch_size, verbose=0)
        scores.append(model.evaluate(task.x_validation, task.y_validation, verbose=0)[1])
        mark(lambda_, scores[-1])
    trial.set_user_attr("scores", scores)
    return statistics.fmean(scores)


study = optuna.create_study(
    study_name="grid",
    storage=f"sqlite:///{KEPT}/optuna.db",
    direction="maximize",
    load_if_exists=True,
    sampler=optuna.samplers.GridSampler({"lambda": task.lambdas}, seed=SEED),
)
study.optimize(objective)  # the sampler ends it
# end

"""Ray Tune over a function that trains with Keras; one trial a training, on every core."""

import os

os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_AIR_NEW_OUTPUT="0", RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS="0")

import logging

import ray
from ray import tune
from shared import KEPT, SEED, begin, given, mark, network

ray.init(
    include_dashboard=False,
    log_to_driver=False,
    logging_level=logging.ERROR,
    object_store_memory=100 * 2**20,
    _node_ip_address="127.0.0.1",
)
begin()


# the user's
def train(config):
    """Train once."""
    import keras

    keras.utils.set_random_seed(SEED + config["repeat"])
    task = given()
    model = network(config["lambda"], task.hidden)
    model.fit(task.x, task.y, epochs=task.epochs, batch_size=task.batch_size, verbose=0)
    score = model.evaluate(task.x_validation, task.y_validation, verbose=0)[1]
    mark(config["lambda"], score)
    tune.report({"accuracy": score})


if tune.Tuner.can_restore(str(KEPT / "grid")):
    tuner = tune.Tuner.restore(str(KEPT / "grid"), train, resume_unfinished=True, restart_errored=True)
else:
    tuner = tune.Tuner(
        train,
        param_space={
            "lambda": tune.grid_search(given().lambdas),
            "repeat": tune.grid_search(list(range(given().repeats))),
        },
        run_config=tune.RunConfig(name="grid", storage_path=str(KEPT), verbose=0),
    )
results = tuner.fit()
results.get_dataframe().groupby("config/lambda")["accuracy"].agg(["mean", "std"])
# end
ray.shutdown()

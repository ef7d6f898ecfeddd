"""KerasTuner's GridSearch, with executions_per_trial."""

import keras
import keras_tuner
from shared import KEPT, SEED, begin, given, mark, network

task = given()


class Marks(keras.callbacks.Callback):
    """Notes each training's end; no part of what a user writes."""

    def on_train_end(self, logs=None):
        """Note the score."""
        regularizer = self.model.layers[0].kernel_regularizer
        mark(float(regularizer.l2), self.model.evaluate(task.x_validation, task.y_validation, verbose=0)[1])


begin()
# the user's
tuner = keras_tuner.GridSearch(
    lambda hp: network(hp.Choice("lambda", task.lambdas), task.hidden),
    objective="val_accuracy",
    executions_per_trial=task.repeats,
    seed=SEED,
    directory=KEPT,
    project_name="grid",
    overwrite=False,
)
keras.utils.set_random_seed(SEED)
tuner.search(
    task.x,
    task.y,
    epochs=task.epochs,
    batch_size=task.batch_size,
    validation_data=(task.x_validation, task.y_validation),
    verbose=0,
    callbacks=[Marks()],
)
# end

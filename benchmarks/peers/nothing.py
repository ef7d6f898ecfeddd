"""Trials of nothing: how long each tool takes around an objective that returns at once.

`python nothing.py TOOL FOLDER TRIALS` prints the time at the end of every trial, a line each.
"""

import logging
import os
import sys
import time
from collections.abc import Callable

TOOL, FOLDER, TRIALS = sys.argv[1], sys.argv[2], int(sys.argv[3])
LAMBDAS = [10.0 ** -(1 + index / TRIALS) for index in range(TRIALS)]


def ended() -> None:
    """Print the time."""
    sys.stdout.write(f"{time.perf_counter()!r}\n")
    sys.stdout.flush()


def optuna_alone() -> None:
    """A study in SQLite whose random sampler draws one lambda."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(storage=f"sqlite:///{FOLDER}/optuna.db", sampler=optuna.samplers.RandomSampler(seed=1))

    def objective(trial):
        for step in range(10):
            trial.report(0.5, step)
        return trial.suggest_float("lambda", 1e-6, 1e-1, log=True)

    study.optimize(objective, n_trials=TRIALS, callbacks=[lambda *_: ended()])


def keras_tuner_random() -> None:
    """A RandomSearch whose trial is a number."""
    import keras_tuner

    class Nothing(keras_tuner.RandomSearch):
        def run_trial(self, trial, *args, **kwargs):
            trial.hyperparameters.Float("lambda", 1e-6, 1e-1, sampling="log")
            return 0.5

        def on_trial_end(self, trial):
            super().on_trial_end(trial)
            ended()

    Nothing(None, "val_loss", max_trials=TRIALS, seed=1, directory=FOLDER, project_name="nothing").search(verbose=0)


def ray_tune() -> None:
    """A function that reports at once, by actors that are used again."""
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_AIR_NEW_OUTPUT="0")
    import ray
    from ray import tune

    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR, object_store_memory=100 * 2**20)

    class Ended(tune.Callback):
        def on_trial_complete(self, iteration, trials, trial, **info):
            ended()

    tune.Tuner(
        lambda config: tune.report({"score": 0.5}),
        param_space={"lambda": tune.loguniform(1e-6, 1e-1)},
        tune_config=tune.TuneConfig(num_samples=TRIALS, reuse_actors=True),
        run_config=tune.RunConfig(name="nothing", storage_path=FOLDER, verbose=0, callbacks=[Ended()]),
    ).fit()


def regsearch_worker() -> None:
    """One worker of ours, with trainings replaced by ten made-up repeats."""
    from contextlib import suppress
    from itertools import count

    from benchmarks.overhead import grid
    from benchmarks.synthetic import REPEATS, repeat
    from sweeps.runtime.progress import Silent
    from sweeps.runtime.sweep import register
    from sweeps.runtime.worker import work

    class Enough(Exception):
        pass

    class Ends(Silent):
        done = count(1)

        def ended(self, *_: object) -> None:
            ended()
            if next(self.done) >= TRIALS:
                raise Enough

    repeats = [repeat(0, index) for index in range(REPEATS)]

    def evaluate(spec, seeds, **_how):
        yield from (repeats[index] for index in seeds)

    with register(grid(), f"sqlite:///{FOLDER}/regsearch.db") as sweep, suppress(Enough):
        work(sweep, progress=Ends(), evaluate=evaluate)


TOOLS: dict[str, Callable[[], None]] = {
    "optuna": optuna_alone,
    "keras-tuner": keras_tuner_random,
    "ray": ray_tune,
    "regsearch": regsearch_worker,
}
ended()
TOOLS[TOOL]()

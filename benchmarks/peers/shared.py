"""What the scripts of this folder share: the task they are given, and the marks they leave.

A script runs in an environment of its own, without regsearch: `python NAME.py FOLDER`. What lies between `# the user's`
and `# end` in it is what somebody writes who has the data and the task at hand.
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(os.environ.setdefault("PEER_FOLDER", sys.argv[-1])).resolve()  # worker processes have no such argument
KEPT = FOLDER / "kept"  # what the tool leaves behind
SEED = 1


@dataclass(frozen=True, kw_only=True)
class Task:
    """A grid of L2 lambdas, zero for none, each trained several times on the same rows."""

    lambdas: list[float]
    repeats: int
    hidden: int
    epochs: int
    batch_size: int
    x: np.ndarray[Any, Any]  # (train rows, features)
    y: np.ndarray[Any, Any]  # (train rows,), 0 or 1
    x_validation: np.ndarray[Any, Any]
    y_validation: np.ndarray[Any, Any]


@cache
def given() -> Task:
    """Return the task in the folder."""
    with np.load(FOLDER / "data.npz") as data:
        return Task(**json.loads((FOLDER / "given.json").read_text()), **data)


def mark(lambda_: float, score: float) -> None:
    """Note on disk that a training has ended, whatever becomes of this process."""
    line = json.dumps({"lambda": float(lambda_), "score": float(score), "at": time.time()})
    with (FOLDER / "marks.jsonl").open("a") as marks:
        marks.write(line + "\n")
        marks.flush()
        os.fsync(marks.fileno())


def begin() -> None:
    """Note that everything is imported and the search begins."""
    (FOLDER / "began").write_text(repr(time.time()))


def network(l2: float, hidden: int) -> Any:
    """Return the network as one writes it in Keras."""
    import keras

    # the user's
    model = keras.Sequential(
        [
            keras.Input((given().x.shape[1],)),
            keras.layers.Dense(hidden, activation="relu", kernel_regularizer=keras.regularizers.L2(l2)),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
    # end

"""Whether repeats start from weights of their own, as they should: not where a builder seeds random numbers itself."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np

from regsearch.backend import load_keras, load_tensorflow
from regsearch.notices import Notice
from regsearch.trainers.rewrites import replaced
from regsearch.trainers.tensors import Arrays, Model

Starts = Literal["apart", "reseeded", "loaded", "fixed"]  # the last two: all alike

APART: Starts = "apart"


def starts_of(build: Callable[[int], Model]) -> Starts:
    """Return how the initial weights of a builder's models depend on the seed.

    Args:
        build: seed -> a new model.

    Returns:
        `apart` where they follow it; `reseeded` where they do once the builder's own seeding is ignored; else `fixed`
        where an initializer with a seed of its own gives them, and `loaded` where they come from elsewhere.
    """
    if not _alike(build):
        return "apart"
    with seeding_ignored():
        if not _alike(build):
            return "reseeded"
    return "fixed" if _is_as_initialized(build(1)) else "loaded"


@contextmanager
def seeding_ignored() -> Iterator[None]:
    """Let this thread seed no global generator of random numbers meanwhile."""
    tf, keras = load_tensorflow(), load_keras()
    places = [(random, "seed"), (np.random, "seed"), (tf.random, "set_seed"), (keras.utils, "set_random_seed")]
    with replaced({place: lambda *args, **options: None for place in places}):
        yield


def notice_of(starts: Starts, model: Model, *, batches: int, own_splits: bool) -> Notice:
    """Return what a user should know about repeats that do not start apart by themselves.

    Args:
        starts: what `starts_of` found.
        model: one of the builder's.
        batches: of an epoch.
        own_splits: whether each repeat has a split of its own.
    """
    if starts == "reseeded":
        problem = "the builder seeds random numbers itself, which would make every repeat start from the same weights"
        return Notice(code="builder-seeds", message=f"{problem}; its seed is ignored, and each repeat has its own")
    cause = "which the builder loads" if starts == "loaded" else "which initializers with seeds of their own give"
    drawn = any(v.name.endswith("seed_generator_state") for v in model.non_trainable_variables)
    possible = {"the order of rows": batches > 1, "what random layers draw": drawn, "the split": own_splits}
    found = ", ".join(what for what, differs in possible.items() if differs)
    if found:
        message = f"every repeat starts from the same weights, {cause}; what differs between repeats: {found}"
        return Notice(code="same-start", message=message)
    message = f"repeats are copies of one training: they start from the same weights, {cause}, and nothing else differs"
    return Notice(code="repeats-are-copies", message=message)


def _alike(build: Callable[[int], Model]) -> bool:
    """Whether two seeds give the same weights, and these are not all constants."""
    a, b = (_weights(build(seed)) for seed in (1, 2))
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True)) and any(np.ptp(x) > 0 for x in a if x.size)


def _weights(model: Model) -> Arrays:
    return [np.asarray(v) for v in model.trainable_variables]


def _is_as_initialized(model: Model) -> bool:
    """Whether an initializer with a seed of its own gives some weights just as they are."""
    for layer in model._flatten_layers():
        for name, initializer in vars(layer).items():
            weight = getattr(layer, name.removesuffix("_initializer"), None)
            if not name.endswith("_initializer") or getattr(initializer, "_init_seed", None) is None:
                continue
            if weight is not None and np.array_equal(np.asarray(initializer(weight.shape)), np.asarray(weight)):
                return True
    return False

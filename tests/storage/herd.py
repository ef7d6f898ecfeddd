"""Several processes that do the same at the same instant. Imports only storage, so that they start quickly."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Any

import storage

START_S = 60.0


def upgrade_and_register(url: str, config_hash: str = "a") -> int:
    """What every worker does first."""
    engine = storage.connect(url, write=True)
    try:
        storage.upgrade(engine)
        records = storage.Records(engine)
        return records.register_sweep(name="moons", config={"seed": 0}, config_hash=config_hash, versions={})
    finally:
        engine.dispose()


def together(
    processes: int, url: str, act: Callable[[str], Any] = upgrade_and_register, preload: Sequence[str] = ()
) -> list[Any]:
    """Return what `act` gives in each of so many processes that begin together, or its error as text.

    Args:
        processes: how many.
        url: what `act` takes.
        act: a function of a module.
        preload: that module and what else takes long to import.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "storage.records", "storage.schema", "alembic.command", *preload])
    barrier, answers = context.Barrier(processes), context.Queue()
    herd = [context.Process(target=_member, args=(act, url, barrier, answers)) for _ in range(processes)]
    for process in herd:
        process.start()
    found = [answers.get(timeout=START_S) for _ in herd]
    for process in herd:
        process.join()
    return found


def _member(act: Callable[[str], Any], url: str, barrier: Any, answers: Any) -> None:
    try:
        barrier.wait(START_S)
        answers.put(act(url))
    except BaseException as error:
        answers.put(f"{os.getpid()}: {error!r}")

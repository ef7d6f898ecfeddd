"""Several processes that do the same at the same instant. Imports only storage, so that they start quickly."""

import multiprocessing
import os
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


def together(processes: int, url: str) -> list[int | str]:
    """Return what `upgrade_and_register` gives in each of so many processes that begin together."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.storage.herd", "storage.records", "storage.schema", "alembic.command"])
    barrier, answers = context.Barrier(processes), context.Queue()
    herd = [context.Process(target=_member, args=(url, barrier, answers)) for _ in range(processes)]
    for process in herd:
        process.start()
    found = [answers.get(timeout=START_S) for _ in herd]
    for process in herd:
        process.join()
    return found


def _member(url: str, barrier: Any, answers: Any) -> None:
    try:
        barrier.wait(START_S)
        answers.put(upgrade_and_register(url))
    except BaseException as error:
        answers.put(f"{os.getpid()}: {error!r}")

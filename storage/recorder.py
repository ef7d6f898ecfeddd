"""Repeats become rows as they end: one at once, and those that end while it is being written together after it.

So a repeat waits for one transaction at most before its own begins, and trainings of a millisecond do not pay for a
transaction each. What a killed process loses is what it was training, and what had ended a moment before.
"""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from regsearch.results import Repeat


class Recorder:
    """Writes repeats in a thread of its own, some in one transaction; leaving the `with` statement waits for all."""

    def __init__(self, record: Callable[[Sequence[Repeat]], object]) -> None:
        self._record = record
        self._ended: SimpleQueue[Repeat | None] = SimpleQueue()  # None: no more will come
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.put(None)
        self._thread.join()
        if error is None and self._error is not None:
            raise self._error

    def add(self, repeat: Repeat) -> None:
        """Have a repeat written; raise whatever an earlier one could not be written for."""
        if self._error is not None:
            raise self._error
        self._ended.put(repeat)

    def _work(self) -> None:
        try:
            while batch := self._next():
                self._record(batch)
        except BaseException as error:  # raised again where the next repeat is added
            self._error = error

    def _next(self) -> list[Repeat]:
        """Wait for a repeat; return it and those behind it, or nothing at the end."""
        batch = [self._ended.get()]
        try:
            while batch[-1] is not None:
                batch.append(self._ended.get_nowait())
        except Empty:
            pass
        if batch[-1] is None:
            self._ended.put(None)  # found again once this batch is written
        return [repeat for repeat in batch if repeat is not None]

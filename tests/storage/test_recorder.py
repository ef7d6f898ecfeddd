import threading
import time
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, text

import storage
from regsearch.errors import StorageError
from regsearch.results import Repeat
from storage.recorder import Recorder
from tests.storage.builders import repeat

WAIT_S = 20.0


class Slow:
    """Writes into a list, and takes as long as it is told to over the first."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, repeats: Sequence[Repeat]) -> None:
        self.begun.set()
        assert self.go_on.wait(WAIT_S)
        self.batches.append([one.repeat for one in repeats])


def test_those_that_end_while_one_is_written_are_written_together() -> None:
    slow = Slow()
    with Recorder(slow) as recorder:
        recorder.add(repeat(0))
        assert slow.begun.wait(WAIT_S)
        for index in (1, 2, 3):
            recorder.add(repeat(index))
        slow.go_on.set()
    assert slow.batches == [[0], [1, 2, 3]]


def test_a_repeat_is_a_row_before_the_next_one_ends(
    records: storage.Records, configuration: int, engine: Engine
) -> None:
    with Recorder(lambda repeats: records.add_repeats(configuration, "search", repeats, "w")) as recorder:
        for index in range(3):
            recorder.add(repeat(index))
            deadline = time.monotonic() + WAIT_S
            while True:
                with engine.connect() as connection:
                    rows = connection.scalar(text("SELECT count(*) FROM rs_repeats"))
                if rows == index + 1:
                    break
                assert time.monotonic() < deadline


def test_what_cannot_be_written_is_raised_with_the_next_repeat_or_at_the_end() -> None:
    failed = threading.Event()

    def broken(repeats: Sequence[Repeat]) -> None:
        failed.set()
        raise StorageError("the disk is full")

    with pytest.raises(StorageError, match="the disk is full"), Recorder(broken) as recorder:
        recorder.add(repeat(0))
    with pytest.raises(StorageError, match="the disk is full"), Recorder(broken) as recorder:
        for index in range(1_000_000):
            recorder.add(repeat(index))
    assert failed.is_set()


def test_what_ended_before_an_interruption_is_written() -> None:
    written: list[Repeat] = []
    with pytest.raises(KeyboardInterrupt), Recorder(written.extend) as recorder:
        for index in range(5):
            recorder.add(repeat(index))
        raise KeyboardInterrupt
    assert [one.repeat for one in written] == list(range(5))
    assert not [thread for thread in threading.enumerate() if thread.name == "recorder"]

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sweeps.config import SweepConfig
from tests.sweeps.tiny import Tiny


@pytest.fixture
def sweep(tmp_path: Path) -> Iterator[Callable[[SweepConfig], Tiny]]:
    """Return a function that makes an empty sweep of a configuration."""
    made: list[Tiny] = []

    def make(searched: SweepConfig) -> Tiny:
        made.append(Tiny(f"sqlite:///{tmp_path}/tiny.db", searched))
        return made[-1]

    yield make
    for tiny in made:
        tiny.close()

"""Values that are kept for as long as there is room."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Makes each value once, and keeps those last used while their sizes do not add up to more than a limit.

    The value used last is kept whatever its size. It may be used from several threads at once.
    """

    def __init__(self, limit: int, size: Callable[[Value], int] = lambda value: 1) -> None:
        """Begin with nothing.

        Args:
            limit: the most that sizes may add up to.
            size: of a value, such as its bytes; left out, values are counted.
        """
        self._limit, self._size = limit, size
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made now where it is not kept; nobody else makes one meanwhile."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(map(self._size, self._kept.values())) > self._limit:
                self._kept.popitem(last=False)
            return self._kept[key]

    def clear(self) -> None:
        """Forget all values."""
        with self._lock:
            self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)

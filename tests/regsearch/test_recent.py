"""What is kept for as long as there is room."""

import threading
import time

from regsearch.recent import Recent


def test_what_was_used_longest_ago_is_forgotten_first():
    recent, made = Recent(limit=100, size=len), []

    def get(key, size=40):
        return recent.get(key, lambda: made.append(key) or bytes(size))

    for key in (0, 1, 0, 2, 0, 1):  # two fit; 1 was used before 0 when 2 came
        get(key)
    assert made == [0, 1, 2, 1]
    get("large", size=1000)
    assert len(get("large")) == 1000  # one is kept, however large
    assert made[4:] == ["large"]


def test_threads_that_ask_at_once_get_what_one_of_them_made():
    recent, made = Recent(limit=100, size=lambda value: 1), []

    def make():
        time.sleep(0.05)
        made.append(1)
        return object()

    found = []
    threads = [threading.Thread(target=lambda: found.append(recent.get("key", make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(set(map(id, found))) == 1


def test_without_a_size_values_are_counted_and_can_be_forgotten():
    recent = Recent(limit=2)
    for key in (0, 1, 2):
        recent.get(key, object)
    assert len(recent) == 2
    recent.clear()
    assert len(recent) == 0

"""A sweep is made and opened by many at once. Nothing here loads TensorFlow."""

import pytest

import storage
from regsearch.errors import InputError
from regsearch.spec import hashing
from storage import resolve_url
from sweeps.runtime.sweep import open_sweep, register
from tests.storage.herd import together
from tests.sweeps.small import small


def register_and_ask(url: str) -> tuple[int, int, int]:
    """What a worker does first; returns the ids of the sweep and of its study, and the trial's number."""
    with register(small(search={"strategy": "random", "trials": 40}), resolve_url(url)) as sweep:
        return sweep.id, sweep.study._study_id, sweep.ask().number


def test_many_processes_make_one_sweep_and_one_study(database_url: str) -> None:
    answers = together(20, database_url, register_and_ask, preload=["tests.sweeps.runtime.test_sweep"])
    assert not [answer for answer in answers if isinstance(answer, str)]
    sweeps, studies, numbers = zip(*answers, strict=True)
    assert len({*sweeps}) == len({*studies}) == 1  # which id it has is Postgres' affair: one that was not used is lost
    assert sorted(numbers) == list(range(20))


def test_a_sweep_of_a_version_that_gave_other_numbers_is_read_and_not_trained_on(database_url, monkeypatch):
    url, config = resolve_url(database_url), small(search={"strategy": "random", "trials": 40})
    with monkeypatch.context() as earlier:
        earlier.setattr(hashing, "SCHEMA", hashing.SCHEMA - 1)
        register(config, url).close()
    for work in (lambda: register(config, url), lambda: open_sweep(config.name, url)):
        with pytest.raises(InputError, match=r"^name: 'small' was begun by regsearch 0.1.0, whose numbers this one"):
            work()
    with storage.open(url) as results:
        assert dict(results.sweep(config.name).config) == config.to_dict()

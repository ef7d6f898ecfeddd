"""The benchmark of picking: what it compares is one grid with few cells completed, and with many."""

import warnings

import optuna
from optuna.storages import InMemoryStorage

from benchmarks import picking


def test_a_filled_study_goes_on_with_the_next_cell():
    study = picking.filled(InMemoryStorage(), 40)
    cell = picking.in_order(study.sampler, study)[40]
    assert study.ask().suggest_int("b", 0, 99) == cell.params["b"]
    assert len(study.trials) == 41


def test_every_round_but_the_first_is_a_figure():
    storage = InMemoryStorage()
    few, many = picking.measured(storage, 40)
    assert len(few.seconds) == len(many.seconds) == picking.ROUNDS
    sizes = [len(optuna.load_study(study_name=figure.name, storage=storage).trials) for figure in (few, many)]
    assert sizes == [picking.FEW + picking.ROUNDS + 1, 40 + picking.ROUNDS + 1]


def test_a_database_is_opened_with_heartbeats_and_without_warnings(tmp_path):
    with warnings.catch_warnings(), picking.database(f"sqlite:///{tmp_path}/study.db") as storage:
        warnings.simplefilter("error")
        assert len(picking.filled(storage, 2).trials) == 2
        assert storage.get_heartbeat_interval() == 10

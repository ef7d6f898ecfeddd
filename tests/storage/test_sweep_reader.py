"""One sweep, read at one moment."""

import numpy as np
import pytest

import storage
from regsearch.errors import UnknownSweep
from regsearch.spec import Configuration, Target
from tests.storage.builders import curve, norm, repeat, rows

L2 = Configuration.tied("l2", 1e-3, Target())


def test_every_statement_sees_the_same_moment(
    results: storage.Results, records: storage.Records, sweep: int, configuration: int
) -> None:
    with results.at_one_moment("moons") as reader:
        assert [row["state"] for row in reader.configurations()] == ["open"]
        records.set_state(configuration, "complete")
        records.add_repeat(configuration, "search", repeat(weight_norms=(norm(),)), "w")
        assert [(row["state"], row["n"]) for row in reader.configurations()] == [("open", 0)]
        assert reader.weight_norms().empty
    with results.at_one_moment("moons") as reader:
        assert [(row["state"], row["n"]) for row in reader.configurations()] == [("complete", 1)]
        assert len(reader.weight_norms()) == 1


def test_configurations_are_the_leaderboards_rows_with_what_they_are(
    results: storage.Results, records: storage.Records, sweep: int, configuration: int
) -> None:
    other = records.register_sweep(name="other", config={}, config_hash="b", versions={})
    records.register_configuration(other, Configuration(), key="1" * 64, stage="coarse")
    records.add_repeat(configuration, "search", repeat(0, 0.75), "w")
    with results.at_one_moment("moons") as reader:
        (row,) = reader.configurations()
    assert (row["configuration"], row["reason"], row["mean"], row["std"]) == (L2, None, 0.75, None)
    (board,) = results.leaderboard("moons").to_dict("records")
    assert board.keys() <= row.keys()


def test_details_are_apart_by_configuration_and_purpose(
    results: storage.Results, records: storage.Records, sweep: int, configuration: int
) -> None:
    none = records.register_configuration(sweep, Configuration(), key="1" * 64, stage="coarse")
    records.add_repeat(configuration, "search", repeat(1, curve=curve(2), validation_rows=rows(0, 1)), "w")
    records.add_repeat(configuration, "search", repeat(0, curve=curve(3), validation_rows=rows(1)), "w")
    records.add_repeat(configuration, "confirm", repeat(0, curve=curve(4), test_rows=rows(1, 1, 0)), "w")
    with results.at_one_moment("moons") as reader:
        found = reader.details([configuration, none])
    mine = found[configuration]
    assert mine.curves["repeat"].tolist() == [0, 0, 0, 1, 1]
    assert mine.validation_rows["score"].tolist() == [1, 0, 1]
    assert mine.test_rows["row"].tolist() == [30, 31, 32]
    assert all(len(table) == 0 for table in vars(found[none]).values())
    assert found[none].test_scores.dtype == np.float64


def test_an_unknown_sweep_names_the_nearest(results: storage.Results, sweep: int) -> None:
    with pytest.raises(UnknownSweep, match="no sweep 'mons' in the database"), results.at_one_moment("mons"):
        pass

"""What is found out before a sweep's first training."""

import json

import numpy as np
import pandas as pd
import pytest

from regsearch.errors import InputError
from sweeps.analysis.answer import answer
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.config.toml_file import parse
from sweeps.runtime.checking import check_sweep, expected_seconds
from sweeps.runtime.sweep import create, open_sweep
from tests.sweeps.small import small


def test_a_table_is_described_column_by_column(tmp_path) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"a": rng.normal(size=90), "b": 1.0, "size": rng.choice(["s", "m"], 90), "y": rng.normal(size=90)}
    )
    table.to_csv(tmp_path / "table.csv", index=False)
    data = {"source": "table.csv", "target": "y", "encode": "one-hot"}
    found = check_sweep(parse({"name": "t", "data": data, "evaluation": {"resample": False}}, str(tmp_path)))
    assert [(c.name, c.use) for c in found.data.columns] == [(n, "feature") for n in "a b size".split()] + [
        ("y", "target")
    ]
    assert found.data.columns[2].treatment.startswith("one-hot: m, s")
    assert dict(found.data.subsets) == {"train": 46, "validation": 22, "test": 22}
    assert "constant-column" in {notice.code for notice in found.notices}
    assert found.constant_score <= 0  # R² of the train mean
    assert found.proof.equal and found.proof.engine == "xla"


def test_what_is_penalized() -> None:
    found = check_sweep(small(model={"hidden": [4, 3]}, search={"targets": [{"layers": "all"}, {"layers": "output"}]}))
    assert found.layout.hidden == ("hidden_1", "hidden_2") and found.layout.output == ("output",)
    assert [p.weights for p in found.layout.penalized] == [
        ("hidden_1/kernel", "hidden_2/kernel", "output/kernel"),
        ("output/kernel",),
    ]
    assert check_sweep(small(search={"regularizers": ["weight_decay"]})).layout.penalized == ()


def test_a_constant_says_the_commoner_class() -> None:
    config = small(data={"split": {"train": 30, "validation": 70}})
    rows = 70 * check_sweep(config).constant_score
    assert rows == pytest.approx(round(rows)) and 30 <= rows <= 40  # of the 70, those of the train rows' commoner class


def test_it_stays_with_the_sweep(database_url: str) -> None:
    with create(small(), database_url) as sweep:
        assert sweep.check is not None
        stored = json.loads(json.dumps(sweep.check.stored()))
    with create(small(), database_url) as again, open_sweep("small", database_url) as opened:
        assert again.check is opened.check is None  # it was there
        assert load_snapshot(opened.results, "small").checks == stored
    assert stored["layout"]["output"] == ["output"]
    assert stored["proof"]["engine"] == "xla" and stored["proof"]["steps"] > 2
    assert stored["constant_score"] == pytest.approx(check_sweep(small()).constant_score)


def test_what_cannot_be_is_told_before_anything_is_written(tmp_path) -> None:
    url = f"sqlite:///{tmp_path}/none.db"
    with pytest.raises(InputError, match="matches no weight"):
        create(small(search={"targets": [{"layers": "conv_1"}]}), url)
    assert not (tmp_path / "none.db").exists()


def test_how_many_trainings_and_how_long() -> None:
    trainings, seconds = expected_seconds(small())
    assert trainings == 3 * (4 + 9)  # repeats, the coarse cells, and the most that a fine stage has
    assert 0 < seconds < 600
    assert expected_seconds(small(search={"strategy": "grid"}))[0] == 3 * 4


def test_an_answer_says_what_was_penalized(database_url: str) -> None:
    from sweeps.runtime.worker import work

    with create(small(search={"strategy": "grid"}), database_url) as sweep:
        work(sweep)
        found = answer(load_snapshot(sweep.results, "small"))
    assert found.penalized == ("penalized by hidden kernel: hidden_1/kernel; output: output",)
    assert found.has_winner and found.constant_score is not None

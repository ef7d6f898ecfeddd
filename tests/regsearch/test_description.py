"""What is done to a data set, for people."""

import numpy as np
import pytest

from regsearch.data import describe_data, load, make_split
from regsearch.spec import DataSpec, SplitSpec, TableSpec
from tests.regsearch.test_scaling import TOKENS

TABLE = """\
,size,city,a,when,y
1,low,u,1.5,2024-01-01,10
2,high,v,,2024-01-02,20
3,medium,u,2.5,2024-01-03,35
4,low,v,3.5,2024-01-04,40
"""


def test_a_table(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    encode = (("size", ("low", "medium", "high")), ("city", "one-hot"))
    table = TableSpec(target=("y",), encode=encode, missing=(("", "impute"),), drop=("when",), task="regression")
    split = SplitSpec(validation=0.25)
    spec = DataSpec(source="t.csv", folder=str(tmp_path), table=table, split=split, scale="auto")
    found = describe_data(spec, load(spec), make_split(spec, scale_target=True))
    rows = [(each.name, each.kind, each.use, each.treatment, each.missing) for each in found.columns]
    assert rows == [
        ("", "numbers", "left out", "", 0),
        ("size", "strings", "feature", "ordinal: low < medium < high; standardized", 0),
        ("city", "strings", "feature", "one-hot: u, v; standardized", 0),
        ("a", "numbers", "feature", "missing: median; standardized", 1),
        ("when", "dates", "left out", "", 0),
        ("y", "numbers", "target", "standardized for training", 0),
    ]
    assert (found.task, found.classes, found.subsets) == ("regression", (), (("train", 3), ("validation", 1)))


@pytest.mark.parametrize(
    ("x", "uses", "treatment"),
    [
        (np.zeros((40, 3), np.float32), (), "standardized"),
        (np.zeros((40, 3), np.float32), (TOKENS,), "ids, as they are"),
        (np.full((40, 4, 4), 200, np.uint8), (), "divided by 255"),
    ],
)
def test_arrays(tmp_path, x, uses, treatment):
    np.savez(tmp_path / "a.npz", x=x, y=np.where(np.arange(40) % 4, "cat", "dog"))
    spec = DataSpec(source="a.npz", folder=str(tmp_path), split=SplitSpec(validation=0.25, test=0.25), scale="auto")
    found = describe_data(spec, load(spec), make_split(spec, uses=uses), uses)
    assert [(each.name, each.treatment) for each in found.columns] == [("x", treatment), ("y", "")]
    assert found.classes == (("cat", 30), ("dog", 10))
    assert found.subsets == (("train", 20), ("validation", 10), ("test", 10))


def test_a_generated_set():
    spec = DataSpec(source="moons", split=SplitSpec(train=30, validation=70), fresh_test=7)
    found = describe_data(spec, load(spec), make_split(spec))
    assert found.classes == (("0", 50), ("1", 50))
    assert found.subsets[2] == ("test", 7)

"""Whatever a table holds, a sweep over it ends with an answer, or one line says what is wrong."""

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import event, given
from hypothesis import strategies as st

from regsearch.errors import InputError
from sweeps.config.toml_file import parse
from tests.fuzz.cases import cases
from tests.fuzz.one_line import is_one_line
from tests.fuzz.whole_sweep import GRID, assert_it_is_searched_or_told

VALUES = {
    "numbers": st.floats(-1e6, 1e6),
    "far": st.floats(0, 1).map(lambda value: 5e8 + value),
    "huge": st.floats(-1e300, 1e300),
    "few": st.integers(0, 3),
    "alike": st.just(2.5),
    "classes": st.sampled_from(["u", "v", "w"]),
    "odd": st.sampled_from(["NA", "?", "", "größe", "[red]", "a,b", "1", "%s"]),
    "booleans": st.booleans(),
    "rare": st.sampled_from([0] * 30 + [1]),
}
NAMES = ["a", "größe", "x 1", "[x]", "a/b", "0", "None", 'quote"d', "λ", "%s"]
SETTINGS = {
    "data": [
        *({}, {}, {"task": "regression"}, {"task": "multiclass"}, {"split": {"folds": 3}}, {"scale": "none"}),
        *({"split": {"train": 10, "validation": 6, "test": 5}}, {"split": {"validation": 0.3, "test": 0}}),
    ],
    "model": [{"hidden": []}, {"hidden": [3]}, {"hidden": [4, 2], "dropout": 0.5}, {"batch_normalization": True}],
    "training": [{}, {"batch_size": 7}, {"optimizer": "sgd", "learning_rate": 1e6}, {"class_weight": "balanced"}],
    "evaluation": [{"repeats": 1}, {"repeats": 2}, {"repeats": 2, "resample": False}],
}


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Two to four columns, some with gaps; the last is the target."""
    rows, names = draw(st.integers(12, 60)), draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    columns = {name: draw(_column(rows)) for name in names}
    target = VALUES[draw(st.sampled_from(["numbers", "far", "few", "classes", "classes", "booleans", "rare", "alike"]))]
    return pd.DataFrame(columns | {"y": draw(st.lists(target, min_size=rows, max_size=rows))})


def _column(rows: int) -> st.SearchStrategy[list[object]]:
    kinds = st.sampled_from([*VALUES, "numbers", "numbers", "few", "classes"])
    gaps = st.sampled_from([None, None, 3, 5])
    drawn = kinds.flatmap(lambda kind: st.lists(VALUES[kind], min_size=rows, max_size=rows))
    return st.builds(
        lambda values, gap: [None if gap and i % gap == 1 else v for i, v in enumerate(values)], drawn, gaps
    )


@given(frame=tables(), settings=st.fixed_dictionaries({key: st.sampled_from(each) for key, each in SETTINGS.items()}))
@cases(4)
def test_a_table_is_searched_or_refused_in_one_line(frame: pd.DataFrame, settings: dict[str, dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        frame.to_csv(Path(folder, "table.csv"), index=False)
        data = {"source": "table.csv", "target": "y", "encode": "one-hot", "missing": "impute", **settings["data"]}
        tables = settings | GRID | {"training": GRID["training"] | settings["training"], "data": data}
        try:
            config = parse({"name": "s", **tables}, folder)
        except InputError as error:
            assert is_one_line(str(error)), str(error)
            event(str(error)[-60:])
            return
        assert_it_is_searched_or_told(config, Path(folder), drawn=True)

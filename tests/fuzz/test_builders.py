"""Whatever a builder does, its model is searched by what it is, or one line says what is wrong.

`REGSEARCH_FUZZ` multiplies the number of cases, as in the other files here.
"""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from regsearch.data import load
from regsearch.errors import InputError
from regsearch.models import build
from sweeps.config import SweepConfig
from sweeps.config.toml_file import parse
from sweeps.runtime.checking import check_sweep
from tests.fuzz.builder_files import builder_files
from tests.fuzz.cases import cases
from tests.fuzz.one_line import is_one_line
from tests.fuzz.whole_sweep import GRID, assert_it_is_searched_or_told

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras")  # Keras' own, of what a builder does

TABLE = "a,b,y\n" + "".join(f"{i % 7},{(i * i) % 11},{'uvw'[i % 3]}\n" for i in range(40))
DATA: dict[str, dict[str, Any]] = {
    "binary": {"source": "moons", "fresh_test": 50},
    "multiclass": {"source": "tiny.csv", "target": "y"},
    "regression": {"source": "tiny.csv", "target": "a", "features": ["b"], "task": "regression"},
}


@given(
    text=builder_files(wrong=2),
    task=st.sampled_from(["binary", *DATA]),
    engine=st.sampled_from(["fit"] * 4 + ["auto"]),
)
@cases(40)
def test_a_model_is_understood_or_refused_in_one_line(text: str, task: str, engine: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables = {"training": {"epochs": 3, "engine": engine}, "search": {"targets": [{"layers": "all"}]}}
        try:
            config = _config(folder, text, task, **tables)
            found = check_sweep(config)
        except InputError as error:
            assert is_one_line(str(error)), str(error)
            event(error.problem[-60:])
            return
        event("checked")
        model = build(config.model_spec, load(config.data_spec))
        kernels = [v for v in model.trainable_variables if len(v.shape) > 1 and v.name != "recurrent_kernel"]
        penalized = {w for target in found.layout.penalized for w in target.weights}
        own = {w for w in found.layout.own if not w.endswith("/bias")}
        assert len(penalized | own) == len(kernels), (found.layout, [v.path for v in kernels])
        assert len(found.layout.hidden) + len(found.layout.output) > 0
        assert [line for line in found.summary() if not is_one_line(line)] == []


@given(text=builder_files(wrong=1), task=st.sampled_from([*DATA]), repeats=st.integers(1, 2))
@cases(6)
def test_a_model_is_searched_or_refused_in_one_line(text: str, task: str, repeats: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            config = _config(folder, text, task, evaluation={"repeats": repeats}, **GRID)
        except InputError as error:
            assert is_one_line(str(error)), str(error)
            return
        assert_it_is_searched_or_told(config, Path(folder))


def _config(folder: str, text: str, task: str, **tables: Any) -> SweepConfig:
    Path(folder, "builder.py").write_text(text, "utf-8")
    Path(folder, "tiny.csv").write_text(TABLE, "utf-8")
    return parse({"name": "s", "data": DATA[task], "model": {"builder": "builder.py:build"}, **tables}, folder)

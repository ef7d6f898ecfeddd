"""The user's own Python files: found, loaded under a name of their own, and told by their own line."""

import pytest

from regsearch.errors import InputError
from regsearch.loading import digest, is_reference, load_function


def get(folder, reference="mine.py:build"):
    return load_function(reference, str(folder), field="model.builder")


def refused(folder, reference="mine.py:build"):
    with pytest.raises(InputError) as caught:
        get(folder, reference)
    assert "\n" not in str(caught.value)
    assert caught.value.field == "model.builder"
    return caught.value.problem


@pytest.mark.parametrize(
    ("text", "is_one"), [("a.py:f", True), ("sub/a.py:f", True), ("a.py", False), ("mlp", False), ("a.py:f()", False)]
)
def test_what_a_reference_looks_like(text, is_one):
    assert is_reference(text) == is_one


def test_a_function_is_found_beside_the_sweep_file_and_may_import_its_neighbours(tmp_path):
    (tmp_path / "neighbour_of_mine.py").write_text("VALUE = 3\n")
    (tmp_path / "mine.py").write_text("from neighbour_of_mine import VALUE\ndef build():\n    return VALUE\n")
    assert get(tmp_path)() == 3


def test_a_file_that_has_changed_is_loaded_anew(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("def build():\n    return 1\n")
    first = get(tmp_path)
    assert get(tmp_path) is first
    file.write_text("def build():\n    return 'two'\n")
    assert (first(), get(tmp_path)()) == (1, "two")


def test_two_files_of_one_name_do_not_meet(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(f"def build():\n    return '{name}'\n")
    assert [get(tmp_path / name)() for name in ("a", "b")] == ["a", "b"]


BROKEN = {
    "syntax": ("def build(:\n    pass\n", ":1: SyntaxError: "),
    "import": ("import os\n\nimport no_such_module\n", ":3: ModuleNotFoundError: No module named 'no_such_module'"),
    "deep": ("def f():\n    return 1 / 0\n\nf()\n", ":2: ZeroDivisionError: division by zero"),
    "exit": ("import sys\nsys.exit(3)\n", ":2: SystemExit: 3"),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_imported_is_told_by_its_own_line(tmp_path, text, told):
    (tmp_path / "mine.py").write_text(text)
    assert f"mine.py{told}" in refused(tmp_path)


def test_a_file_that_is_missing_and_a_function_that_is(tmp_path):
    (tmp_path / "mine.py").write_text("def build():\n    pass\n")
    assert refused(tmp_path, "mien.py:build").endswith("mien.py' (did you mean 'mine.py'?)")
    assert refused(tmp_path, "mine.py:biuld").endswith("mine.py has no function 'biuld' (did you mean 'build'?)")


def test_a_neighbour_that_our_own_package_hides_is_named(tmp_path):
    (tmp_path / "storage.py").write_text("THING = 1\n")
    (tmp_path / "mine.py").write_text("from storage import THING\n")
    told = refused(tmp_path)
    assert "mine.py:1: ImportError: " in told
    assert told.endswith("storage.py was not loaded: storage is a package of regsearch; give the file another name)")


def test_a_digest_follows_the_content(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("a")
    before = digest(file, field="data.source")
    file.write_text("bb")
    assert len(before) == 64
    assert digest(file, field="data.source") != before

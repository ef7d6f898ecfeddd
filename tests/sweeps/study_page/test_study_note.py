"""What the note of a study says."""

import tomllib

import pytest

from sweeps.study_page.study_note import BELOW, escaped, study_note, with_own_text
from tests.sweeps.tiny import NONE, config, repeat, tied

NORMS = {("hidden_1", "kernel"): (1.0, 2.0)}


def test_it_says_what_the_sweep_is_before_anything_is_finished(sweep) -> None:
    note = study_note(sweep(config(evaluation={"repeats": 4})).snapshot())

    assert note.startswith("# tiny: which regularization\n\nOn the data moons, with the model mlp. The strategy ")
    assert "each configuration is trained 4 times" in note and "mean validation accuracy of its 4 repeats" in note
    assert "No configuration has all its repeats yet." in note
    assert "regsearch export" not in note


@pytest.fixture
def tied_sweep(sweep):
    """A sweep in which two configurations have the best mean but for rounding; the dashboard's best is 1e-3."""
    tiny = sweep(config(search={"regularizers": ["none", "l2"]}))
    tiny.add(NONE, repeat(0, 0.8, rows=[1, 0] * 20, norms=NORMS))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.9, rows=[1, 1] * 20, norms=NORMS))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9 - 1e-16, rows=[1, 1] * 20, norms=NORMS))
    return tiny


def test_it_gives_the_answer_and_why_the_dashboard_may_name_another(tied_sweep) -> None:
    note = study_note(tied_sweep.snapshot())

    assert "3 configurations are finished." in note
    assert "**Winner: l2 1e-2 on hidden kernel: mean validation accuracy 0.9000 (n=1)**" in note
    assert "of equal means the larger λ" in note
    assert "Here l2 1e-3 have the winner's mean, so that the dashboard may name one of them." in note
    assert "- On 40 validation rows: +0.5000 accuracy" in note


def test_it_says_where_both_name_the_same(tied_sweep) -> None:
    tied_sweep.add(tied("l2", 1e-1), repeat(0, 0.95, rows=[1, 1] * 20, norms=NORMS))
    assert "Here no other configuration has the same mean" in study_note(tied_sweep.snapshot())


def test_its_toml_is_the_sweep(tied_sweep) -> None:
    _, _, after = study_note(tied_sweep.snapshot()).partition("```toml\n")
    assert tomllib.loads(after.partition("\n```")[0]) == tied_sweep.config.to_dict()


def test_what_people_wrote_below_it_stays() -> None:
    first = with_own_text("ours", "")
    assert first == f"ours\n\n---\n\n{BELOW}"
    assert with_own_text("newer", first) == f"newer\n\n---\n\n{BELOW}"
    with_theirs = f"{first}\n\nmine, *really*\n"
    assert with_own_text("newer", with_theirs) == f"newer\n\n---\n\n{BELOW}\n\nmine, *really*"
    assert with_own_text("ours", "from before regsearch wrote one") == f"{first}\n\nfrom before regsearch wrote one"


def test_markup_in_names_is_text() -> None:
    assert escaped("a_b <img> [x](y) `c` *") == "a\\_b \\<img\\> \\[x\\](y) \\`c\\` \\*"

"""Every picture and every answer of sweeps that search unusual things: an answer, and no traceback."""

import io
import itertools
from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from rich.console import Console

from regsearch.spec import Configuration, EarlyStopping, Target
from sweeps.analysis.answer import answer
from sweeps.analysis.export import to_json, to_python, to_toml
from sweeps.analysis.report import show
from sweeps.plots.pictures import PICTURES, figure_of
from tests.sweeps.tiny import HIDDEN, NONE, OUTPUT, config, repeat, scheduled, tied

CURVE = {
    "epochs": [1, 10],
    **{f"{subset}_{what}": [0.5, 0.9] for subset in ("train", "validation") for what in ("loss", "score")},
}
NORMS = {("hidden", "kernel"): (5.0, 6.0), ("output", "kernel"): (1.0, 2.0)}
STOPPED = Configuration(regularizer="early_stopping", early_stopping=EarlyStopping(patience=3))
INDEPENDENT = replace(tied("l1_l2", 1e-2), lambda_l1=1e-3)
EACH = replace(tied("l2", 1e-2, Target(layers=("hidden", "output"))), lambdas=(1e-2, 1e-3))

SWEEPS = {
    "weight decay alone": (
        {"regularizers": ["weight_decay"]},
        [NONE, tied("weight_decay", 0.1), tied("weight_decay", 1.0)],
    ),
    "one weight decay": ({"regularizers": ["weight_decay"]}, [tied("weight_decay", 0.1)]),
    "early stopping alone": ({"regularizers": ["early_stopping"]}, [NONE, STOPPED]),
    "early stopping without a control": ({"regularizers": ["early_stopping"]}, [STOPPED]),
    "no regularization alone": ({"regularizers": ["none"]}, [NONE]),
    "one lambda": ({"regularizers": ["l2"]}, [tied("l2", 1e-2)]),
    "one lambda and none": ({"regularizers": ["none", "l2"]}, [NONE, tied("l2", 1e-2)]),
    "everything once": (
        {"regularizers": ["none", "l1", "weight_decay", "early_stopping"]},
        [NONE, tied("l1", 1e-2), tied("weight_decay", 0.1), STOPPED],
    ),
    "a schedule alone": ({"regularizers": ["l2"], "schedules": ["rising"]}, [scheduled("rising", 1e-2)]),
    "independent coefficients": ({"regularizers": ["l1_l2"], "l1_l2": "independent"}, [NONE, INDEPENDENT]),
    "a lambda per layer": (
        {"regularizers": ["l2"], "targets": [{"layers": ["hidden", "output"]}], "depth": ["each"]},
        [NONE, EACH],
    ),
    "two targets": (
        {"regularizers": ["l2"], "targets": [{"layers": "hidden"}, {"layers": "output"}]},
        [tied("l2", 1e-2, HIDDEN), tied("l2", 1e-2, OUTPUT)],
    ),
}


def printed(found) -> str:
    console = Console(file=io.StringIO(), width=200)
    show(found, console=console)
    return console.file.getvalue()


def drawn(snapshot) -> list[str]:
    """Draw every picture, small and without a file; return which there were."""
    figures = {name: figure_of(picture, snapshot) for name, picture in PICTURES.items()}
    for figure in filter(None, figures.values()):
        figure.set_dpi(40)
        FigureCanvasAgg(figure).draw()
    return [name for name, figure in figures.items() if figure is not None]


@pytest.mark.parametrize(("name", "repeats"), [*itertools.product(SWEEPS, (1, 2))])
def test_it_is_drawn_told_and_exported(sweep, name, repeats) -> None:
    search, configurations = SWEEPS[name]
    tiny = sweep(config(training={"epochs": 10}, search=search))
    for number, configuration in enumerate(configurations):
        scores = [0.8 + 0.01 * number + 0.001 * i for i in range(repeats)]
        tiny.add(configuration, *(repeat(i, s, curve=CURVE, norms=NORMS, rows=[1, 0, 1]) for i, s in enumerate(scores)))
    found = answer(tiny.snapshot())
    assert f"Winner: {found.winner.configuration}" in printed(found)
    assert to_json(found) and to_toml(found) and to_python(found)
    assert drawn(tiny.snapshot())


@pytest.fixture
def untrained(sweep):
    """A sweep whose best configuration is worse than always saying the commoner class."""
    tiny = sweep(config(search={"regularizers": ["none", "l2"]}))
    tiny.add(NONE, repeat(0, 0.55, curve=CURVE, norms=NORMS, rows=[1, 0]))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.5, curve=CURVE, norms=NORMS, rows=[0, 1]))
    notices = [{"code": "constant-column", "message": "column '[a]' is"}]
    tiny.records.add_checks(tiny.id, {"constant_score": 0.6, "notices": notices})
    return answer(tiny.snapshot())


def test_there_is_no_winner_where_a_constant_does_better(untrained) -> None:
    assert not untrained.has_winner
    plain = untrained.to_dict()
    assert plain["regularizer"] is plain["lambda"] is plain["mean"] is plain["against_none"] is None
    assert plain["constant_score"] == 0.6
    assert plain["warnings"] == [{"code": "constant-column", "message": "column '[a]' is"}]


def test_it_says_so(untrained) -> None:
    text = printed(untrained)
    assert "No winner: the best, no regularization, has mean validation accuracy 0.5500" in text
    assert "a constant prediction 0.6000" in text
    assert "Warning (constant-column): column '[a]' is." in text
    assert "Winner" not in text and "against no regularization" not in text


def test_a_loss_is_better_below_the_constant(untrained) -> None:
    config_ = untrained.config
    better = replace(untrained, constant_score=0.5)
    assert better.has_winner and not replace(better, constant_score=better.winner.mean).has_winner
    assert replace(untrained, constant_score=None).has_winner
    assert config_.greater_is_better

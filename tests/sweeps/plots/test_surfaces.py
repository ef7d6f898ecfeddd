"""The decision surface at the end of each level of a schedule."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.results import LevelResult, Scores, Surface
from regsearch.spec import Schedule
from sweeps.plots import surfaces
from tests.sweeps.plots.tiny import config, repeat, tied

LEVELS = 5
LONG = tuple((2, value) for value in (0.0, 1e-4, 1e-3, 1e-2, 1e-1))


def on_schedule(name="rising", levels=LONG):
    return replace(tied("l2", levels[-1][1]), schedule=Schedule(name=name, levels=levels))


def level(number, score, value):
    table = np.full((3, 4), value, np.float32)
    return LevelResult(
        level=number,
        epochs=2 * (number + 1),
        strength=LONG[number][1],
        train=Scores(score=1.0, loss=0.1),
        validation=Scores(score=score, loss=0.2),
        weight_norms=(),
        surface=Surface(x1=np.float32([-1, 0, 1, 2]), x2=np.float32([-1, 0, 1]), values=table),
    )


def trained(index, score, value=0.5):
    levels = tuple(level(i, score - 0.1 * (LEVELS - 1 - i), value) for i in range(LEVELS))
    return replace(repeat(index, score), levels=levels)


@pytest.fixture
def scheduled(sweep):
    tiny = sweep(config(training={"epochs": 10}, search={"regularizers": ["l2"], "schedules": ["fixed", "rising"]}))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.95))
    tiny.add(on_schedule("worse", levels=((10, 0.1),)), trained(0, 0.7, value=0.9))
    tiny.add(on_schedule(), trained(0, 0.9), trained(1, 0.8))
    return tiny


def test_shows_the_best_configuration_on_a_schedule_level_by_level(scheduled):
    figure = surfaces.figure(scheduled.results, "tiny", scheduled.config)
    shown = [axes for axes in figure.axes if axes.get_visible()]
    titles = [axes.get_title(loc="left") for axes in shown]
    assert titles == [
        "no penalty\n2 epochs: 0.450",
        "λ = 1e-4\n4 epochs: 0.550",
        "λ = 1e-3\n6 epochs: 0.650",
        "λ = 1e-2\n8 epochs: 0.750",
        "λ = 1e-1\n10 epochs: 0.850",
    ]
    for axes in shown:
        assert [len(line.get_xdata()) for line in axes.lines] == [14, 16]  # 30 moons to train on
    picture = surfaces.collect(scheduled.results, "tiny", scheduled.config)
    assert {float(panel.surface.values.mean()) for panel in picture.panels} == {0.5}
    assert "L2, schedule rising" in picture.title


def test_many_levels_are_thinned_out_and_the_last_is_kept(scheduled, monkeypatch):
    monkeypatch.setattr(surfaces, "MOST", 3)
    picture = surfaces.collect(scheduled.results, "tiny", scheduled.config)
    assert [panel.epochs for panel in picture.panels] == [2, 6, 10]


def test_nothing_to_draw_without_a_schedule(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.95))
    assert surfaces.figure(tiny.results, "tiny", tiny.config) is None

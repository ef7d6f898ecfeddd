"""The decision surface at the end of each phase of a schedule."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.results import PhaseResult, Scores, Surface
from regsearch.spec import Schedule, Target
from sweeps.plots import surfaces
from sweeps.plots.pictures import figure_of
from tests.sweeps.tiny import config, repeat, tied

PHASES = 5
LONG = tuple((2, value) for value in (0.0, 1e-4, 1e-3, 1e-2, 1e-1))


def on_schedule(name="rising", phases=LONG):
    return replace(tied("l2", phases[-1][1]), schedule=Schedule(name=name, phases=phases))


def phase(number, score, value):
    table = np.full((3, 4), value, np.float32)
    return PhaseResult(
        phase=number,
        epochs=2 * (number + 1),
        coefficient=LONG[number][1],
        train=Scores(score=1.0, loss=0.1),
        validation=Scores(score=score, loss=0.2),
        weight_norms=(),
        surface=Surface(x1=np.float32([-1, 0, 1, 2]), x2=np.float32([-1, 0, 1]), values=table),
    )


def trained(index, score, value=0.5):
    phases = tuple(phase(i, score - 0.1 * (PHASES - 1 - i), value) for i in range(PHASES))
    return replace(repeat(index, score), phases=phases)


@pytest.fixture
def scheduled(sweep):
    tiny = sweep(config(training={"epochs": 10}, search={"regularizers": ["l2"], "schedules": ["fixed", "rising"]}))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.95))
    tiny.add(on_schedule("late", phases=((10, 0.1),)), trained(0, 0.7, value=0.9))
    tiny.add(on_schedule(), trained(0, 0.9), trained(1, 0.8))
    tiny.add(replace(on_schedule(), target=Target(layers="all")), trained(0, 0.6, value=0.1))
    return tiny


def test_shows_the_best_configuration_on_each_schedule_phase_by_phase(scheduled):
    picture = surfaces.collect(scheduled.snapshot())
    late, rising = picture.strips
    assert (late.heading, rising.heading) == ("L2, schedule late", "L2, schedule rising")
    assert {float(panel.surface.values.mean()) for panel in rising.panels} == {0.5}
    figure = figure_of(surfaces, scheduled.snapshot())
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown[len(late.panels) :]] == [
        "L2, schedule rising\nno penalty, slope 0.0\n2 epochs: 0.450",
        "λ = 1e-4, slope 0.0\n4 epochs: 0.550",
        "λ = 1e-3, slope 0.0\n6 epochs: 0.650",
        "λ = 1e-2, slope 0.0\n8 epochs: 0.750",
        "λ = 1e-1, slope 0.0\n10 epochs: 0.850",
    ]
    for axes in shown:
        assert [len(line.get_xdata()) for line in axes.lines] == [14, 16]  # 30 moons to train on


def test_the_slope_is_that_of_the_steepest_place():
    """p = 0.3·x1 - 0.4·x2 has |∇p| = 0.5 everywhere; a step of 2 in one place of a grid of width 0.5, 2/(2·0.5) = 2."""
    x1, x2 = np.linspace(-1, 1, 9, dtype=np.float32), np.linspace(0, 3, 7, dtype=np.float32)
    plane = np.float32(0.3 * x1[None, :] - 0.4 * x2[:, None])
    assert panel(Surface(x1=x1, x2=x2, values=plane)).slope == pytest.approx(0.5, rel=1e-5)
    step = np.zeros((7, 9), np.float32)
    step[3, :] = 2
    assert panel(Surface(x1=x1, x2=x2, values=step)).slope == pytest.approx(2.0)


def panel(surface):
    return surfaces.Panel(coefficient=0.0, epochs=1, score=1.0, surface=surface)


def test_many_phases_are_thinned_out_and_the_last_is_kept(scheduled, monkeypatch):
    monkeypatch.setattr(surfaces, "MOST", 3)
    picture = surfaces.collect(scheduled.snapshot())
    assert [panel.epochs for panel in picture.strips[1].panels] == [2, 6, 10]


def test_nothing_to_draw_without_a_schedule(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.95))
    assert figure_of(surfaces, tiny.snapshot()) is None

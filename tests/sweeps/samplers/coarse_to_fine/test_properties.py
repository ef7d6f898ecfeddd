"""The logic of stages: any space, any order in which cells end, any failures, any way to go on."""

import random
from collections import Counter

import optuna
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from sweeps.samplers.coarse_to_fine import STANDARD_ERROR, CellState, Poll
from sweeps.samplers.coarse_to_fine.plan import Score
from tests.sweeps.samplers.coarse_to_fine.spaces import Search, searches

OUTCOMES = [0.0, 1.0, 1.0, 2.0, 2.0, "pruned"]  # few values, so that ties happen
CLOSED = {CellState.COMPLETE, CellState.PRUNED, CellState.ABANDONED}
LONGEST = 2_000  # steps of a search
properties = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(seed: int, params: dict, attempt: int) -> tuple[float | str, float | None]:
    """Return how a cell ends, and its standard error: the same in whatever order cells are run."""
    rng = random.Random(repr((seed, sorted(params.items()))))
    failures = rng.choice([0, 0, 0, 1, 2, 3])
    ended, error = rng.choice(OUTCOMES), rng.choice([None, 0.0, 1.0])
    return ("failed" if attempt < failures else ended), error


def drive(search: Search, seed: int, order: random.Random) -> optuna.Study:
    """Run a whole search under ask/tell: up to five at a time, ended in any order."""
    study = optuna.create_study(direction="maximize", sampler=search.sampler())
    running, attempts = [], Counter()
    for _ in range(LONGEST):
        poll = study.sampler.poll(study)
        if poll is Poll.CELL and len(running) < 5 and order.random() < 0.7:
            trial = study.ask()
            search.suggest(trial)
            running.append(trial)
        elif running:
            trial = running.pop(order.randrange(len(running)))
            cell = tuple(sorted(trial.params.items()))
            ended, error = outcome(seed, trial.params, attempts[cell])
            attempts[cell] += 1
            if error is not None:
                trial.set_user_attr(STANDARD_ERROR, error)
            tell(study, trial, ended)
        elif poll is Poll.DONE:
            return study
    raise AssertionError(f"still not over: {Counter(trial.state for trial in study.trials)}")


def tell(study: optuna.Study, trial: optuna.Trial, ended: float | str) -> None:
    states = {"failed": TrialState.FAIL, "pruned": TrialState.PRUNED}
    if isinstance(ended, str):
        study.tell(trial, state=states[ended])
    else:
        study.tell(trial, ended)


def facts(study: optuna.Study) -> list[tuple]:
    cells = study.sampler.cells(study)
    return [(cell.stage, cell.params, cell.state, cell.value, cell.edges) for cell in cells]


@properties
@given(searches(), st.integers(0, 10**6), st.randoms(use_true_random=False), st.randoms(use_true_random=False))
def test_the_search_does_not_depend_on_the_order_in_which_cells_end(search, seed, order, other_order):
    study = drive(search, seed, order)
    expected = facts(study)
    assert facts(drive(search, seed, other_order)) == expected
    study.sampler = search.sampler()  # which reads everything at once
    assert facts(study) == expected


@properties
@given(searches(), st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_stages_follow_from_the_results_of_those_before_alone(search, seed, order):
    study = drive(search, seed, order)
    cells, plan = study.sampler.cells(study), search.plan()
    errors = {trial.number: trial.user_attrs.get(STANDARD_ERROR) for trial in study.trials}
    key_of = {tuple(cell.params.items()): plan.space.key(cell.params) for cell in cells}
    scores = {
        key_of[tuple(cell.params.items())]: Score(value=cell.value, standard_error=errors[cell.trials[-1]])
        for cell in cells
        if cell.value is not None
    }
    stages = [plan.first()]
    while True:
        closed = {key for stage in stages for key in stage.cells}
        following = plan.after(stages, {key: score for key, score in scores.items() if key in closed}, maximize=True)
        if following is None:
            break
        stages = following
    expected = [(stage.name, key) for stage in stages for key in stage.cells]
    assert [(cell.stage, key_of[tuple(cell.params.items())]) for cell in cells] == expected


@properties
@given(searches(), st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_every_cell_is_closed_and_none_is_completed_twice(search, seed, order):
    study = drive(search, seed, order)
    cells = study.sampler.cells(study)
    assert {cell.state for cell in cells} <= CLOSED
    completed = Counter(tuple(t.params.items()) for t in study.trials if t.state is TrialState.COMPLETE)
    assert set(completed.values()) <= {1}
    assert len(completed) == sum(cell.state is CellState.COMPLETE for cell in cells)
    assert all(len(cell.trials) == search.max_failures for cell in study.sampler.failures(study))


@properties
@given(searches(), st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_no_two_cells_differ_by_rounding_alone(search, seed, order):
    study = drive(search, seed, order)
    found = [cell.params for cell in study.sampler.cells(study)]
    names = {tuple((name, named(value)) for name, value in params.items()) for params in found}
    assert len(names) == len(found)
    distribution = search.space.get("lambda", FloatDistribution(1, 1))
    values = {params["lambda"] for params in found if "lambda" in params}
    assert all(value in (named(value), distribution.low, distribution.high) for value in values)


def named(value: object) -> object:
    """Return a float with four significant digits."""
    return float(f"{value:.3e}") if isinstance(value, float) else value


@properties
@given(searches(), st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_count_of_cells_to_come_is_never_too_low(search, seed, order):
    study = optuna.create_study(direction="maximize", sampler=search.sampler())
    most = Counter(cell.stage for cell in study.sampler.cells(study))
    found = Counter(cell.stage for cell in drive(search, seed, order).sampler.cells(study))
    assert all(found[stage] <= most[stage] for stage in found)

"""Strategies by name, on a score that is made up: Optuna alone, nothing is trained."""

import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import optuna
import pytest
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState

from regsearch.errors import SweepFileError
from regsearch.spec import Configuration
from sweeps.config import STRATEGIES, SweepConfig
from sweeps.samplers.coarse_to_fine import NothingLeft, Poll
from sweeps.search.space import suggest
from sweeps.search.strategies import check_installed, optuna_samplers, strategy
from tests.sweeps.small import small

HERE = [name for name in STRATEGIES if name != "gp"]  # gp needs PyTorch
BUDGETED = [name for name in HERE if name not in ("coarse-to-fine", "grid")]
DECADES = 19  # none, and three penalties at six decades
WIDE = {"regularizers": ["none", "l1", "l2", "l1_l2"], "lambda": {"low": 1e-6, "high": 1e-1}}
Score = Callable[[Configuration], float]


@pytest.fixture(params=[*HERE, "gp"])
def name(request: pytest.FixtureRequest) -> str:
    """Every strategy by name; gp where PyTorch is."""
    if request.param == "gp":
        pytest.importorskip("torch")
    return str(request.param)


def wide(**search: Any) -> SweepConfig:
    return small(search=WIDE | search, evaluation={"repeats": 10})


def score(c: Configuration) -> float:
    """Largest, and 0, for l2 10^-2.6; none is in the middle."""
    if c.regularizer == "none":
        return -0.3
    return -abs(math.log10(c.max_coefficient) + 2.6) / 5 - {"l2": 0.0, "l1_l2": 0.05, "l1": 0.1}[c.regularizer]


def searched(config: SweepConfig, storage: Any = None, most: int = 999, of: Score = score) -> list[str]:
    """Search as a worker does, but for at most so many trials; return what was tried so far."""
    found = strategy(config)
    study = optuna.create_study(
        storage=storage, study_name="s", sampler=found.sampler, load_if_exists=True, direction="maximize"
    )
    while most and found.poll(study) is Poll.CELL:
        most -= 1
        trial = study.ask()
        study.tell(trial, of(suggest(trial, config)))
    return [str(trial.params) for trial in study.trials]


def test_each_finds_the_decade_within_its_budget(name: str) -> None:
    config = wide(strategy=name)
    found, study = strategy(config), optuna.create_study(direction="maximize")
    study.sampler = found.sampler
    while found.poll(study) is Poll.CELL:
        trial = study.ask()
        study.tell(trial, score(suggest(trial, config)))
    assert found.poll(study) is Poll.DONE
    assert len(study.trials) == {"grid": DECADES, "coarse-to-fine": DECADES + 8}.get(name, 50)
    extent = found.extent(study)
    assert extent.done == extent.total == len(study.trials) and found.left(study) == 0
    assert abs(math.log10(study.best_params["lambda"]) + 2.6) < (0.5 if name in ("grid", "random", "qmc") else 0.15)


def tried_on(config: SweepConfig, of: Score) -> list[Configuration]:
    """Return the configurations that a search on this score tries, in order."""
    tried: list[Configuration] = []

    def noted(c: Configuration) -> float:
        tried.append(c)
        return of(c)

    searched(config, of=noted)
    return tried


@pytest.mark.parametrize("given", BUDGETED)
def test_a_resumed_search_goes_on_as_an_unbroken_one(given: str) -> None:
    config = wide(strategy=given, trials=26)
    whole = searched(config)
    storage = InMemoryStorage()  # of what a process knows beside it, nothing is kept
    searched(config, storage, most=13)  # inside a generation of cmaes
    searched(config, storage, most=9)
    assert searched(config, storage) == whole and len(set(whole)) > 15


@pytest.mark.parametrize("given", ["coarse-to-fine", "grid", "random", "qmc"])
def test_what_is_tried_does_not_depend_on_how_many_work_or_who_is_stopped(given: str) -> None:
    config = wide(strategy=given)
    alone = sorted(searched(config))
    storage = InMemoryStorage()
    optuna.create_study(storage=storage, study_name="s", direction="maximize")

    def work(stopped: Iterator[int]) -> None:
        found = strategy(config)
        study = optuna.load_study(storage=storage, study_name="s", sampler=found.sampler)
        while (step := found.poll(study)) is not Poll.DONE:
            if step is Poll.CELL:
                try:
                    trial = study.ask()
                except NothingLeft:
                    continue
                configuration = suggest(trial, config)
                failed = trial.number in stopped
                study.tell(trial, None if failed else score(configuration), TrialState.FAIL if failed else None)

    workers = [threading.Thread(target=work, args=([3, 8, 16],)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    trials = optuna.load_study(storage=storage, study_name="s").trials
    done = [str(t.params) for t in trials if t.state is TrialState.COMPLETE]
    assert sorted(done) == alone
    assert [trials[number].state for number in (3, 8, 16)] == [TrialState.FAIL] * 3


@pytest.mark.parametrize("given", ["random", "qmc"])
def test_draws_differ_have_the_parameters_they_need_and_cover_the_decades(given: str) -> None:
    config = wide(strategy=given, trials=64)
    found, study = strategy(config), optuna.create_study()
    study.sampler = found.sampler
    tried = []
    while found.poll(study) is Poll.CELL:
        trial = study.ask()
        tried.append(suggest(trial, config))
        assert ("lambda" in trial.params) == (trial.params["regularizer"] != "none")
        study.tell(trial, 0.0)
    assert len(set(tried)) == 64
    assert Counter(c.regularizer for c in tried)["none"] == 1
    decades = Counter(math.floor(math.log10(c.max_coefficient)) for c in tried if c.max_coefficient)
    assert sorted(decades) == [-6, -5, -4, -3, -2]


def test_qmc_has_one_of_64_points_in_each_64th_of_the_range() -> None:
    config = wide(strategy="qmc", trials=64, regularizers=["l2"])  # from 1e-6 to 1e-1
    tried = [c.max_coefficient for c in tried_on(config, lambda c: 0.0)]
    assert sorted(int((math.log10(value) + 6) / 5 * 64) for value in tried) == list(range(64))


def test_qmc_goes_on_with_one_sequence() -> None:
    few, many = (searched(wide(strategy="qmc", trials=trials)) for trials in (10, 30))
    assert many[:10] == few
    assert searched(wide(strategy="qmc", trials=10).model_copy(update={"seed": 4})) != few


def test_a_space_with_fewer_settings_than_trials_ends() -> None:
    assert len(searched(small(search={"strategy": "random", "regularizers": ["none"], "trials": 9}))) == 1


@pytest.mark.parametrize("given", ["gp", "cmaes"])
def test_learners_see_lambda_although_none_has_none(given: str) -> None:
    """Their trials close in on the best λ; drawn at random, a fifth of them would lie so near."""
    if given == "gp":
        pytest.importorskip("torch")
    config = wide(strategy=given, trials=60)
    tried = tried_on(config, score)
    late = [c for c in tried[30:] if c.max_coefficient]
    assert sum(abs(math.log10(c.max_coefficient) + 2.6) < 0.5 for c in late) > 0.4 * len(late)
    assert Counter(c.regularizer for c in tried[30:]).most_common(1)[0][0] == "l2"


def test_tpe_looks_between_the_neighbours_of_the_best_decade() -> None:
    config = wide(strategy="coarse-to-tpe", trials=DECADES + 12)
    found, study = strategy(config), optuna.create_study(direction="maximize")
    study.sampler = found.sampler
    stages = []
    while found.poll(study) is Poll.CELL:
        trial = study.ask()
        configuration = suggest(trial, config)
        stages.append(found.stage(trial))
        assert stages[-1] == "coarse" or 1e-4 <= configuration.lambda_l2 <= 1e-2
        study.tell(trial, score(configuration))
    assert Counter(stages) == {"coarse": DECADES, "fine": 12}
    assert stages == sorted(stages)


@pytest.mark.parametrize(("sign", "low", "high"), [(1, 1e-2, 1e-1), (-1, 1e-6, 1e-5)])
def test_at_the_edge_of_the_range_tpe_looks_on_the_inner_side(sign: int, low: float, high: float) -> None:
    config = wide(strategy="coarse-to-tpe", trials=DECADES + 12)
    tried = tried_on(config, lambda c: sign * c.lambda_l1 if c.regularizer == "l1" else -1.0)
    assert all(low <= c.lambda_l1 <= high for c in tried[DECADES:])


@pytest.mark.parametrize("given", ["coarse-to-fine", "coarse-to-tpe"])
def test_the_range_grows_while_the_best_lies_at_its_upper_edge(given: str) -> None:
    config = wide(strategy=given, grow=True, **{"lambda": {"low": 1e-3, "high": 1e-1, "limit": 1e4}})
    tried = tried_on(config, lambda c: -abs(math.log10(c.max_coefficient) - 1) if c.regularizer == "l2" else -9.0)
    l2 = [c.max_coefficient for c in tried if c.regularizer == "l2"]
    assert {1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0} <= set(l2) and 1e3 not in l2
    assert len(l2) > 6 and all(1.0 <= value <= 100.0 for value in l2[6:])  # then around 10
    assert max(c.max_coefficient for c in tried if c.regularizer != "l2") == 1e-1


def test_what_the_answer_says_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    tried_on(wide(strategy="grid"), lambda c: c.lambda_l2)  # best at the upper edge
    tried_on(wide(strategy="random"), lambda c: c.lambda_l2)
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_how_many_go_on_to_how_many_stages() -> None:
    def fine(**search: Any) -> list[Configuration]:
        return tried_on(wide(**search), score)[DECADES:]

    assert {c.regularizer for c in fine()} == {"l2"}
    assert {c.regularizer for c in fine(promote="each-regularizer")} == {"l2", "l1", "l1_l2"}
    assert len(fine(stages=3)) > len(fine())


def test_tpe_has_nothing_to_look_into_where_none_is_best() -> None:
    config = wide(strategy="coarse-to-tpe")
    assert len(searched(config, of=lambda c: float(c.regularizer == "none"))) == DECADES


@pytest.mark.parametrize("given", ["tpe", "cmaes"])
def test_the_budget_counts_what_runs_and_gives_back_what_failed(given: str) -> None:
    found = strategy(small(search={"strategy": given, "trials": 2}))
    study = optuna.create_study(sampler=found.sampler)
    first, second = study.ask(), study.ask()
    assert found.poll(study) is Poll.WAIT
    study.tell(first, state=TrialState.FAIL)
    assert found.poll(study) is Poll.CELL
    study.tell(second, 1.0)
    study.tell(study.ask(), state=TrialState.PRUNED)
    assert found.poll(study) is Poll.DONE
    assert (found.extent(study).done, found.extent(study).total) == (2, 2)


def test_of_trials_asked_for_at_the_same_time_the_first_fit_the_budget() -> None:
    found = strategy(small(search={"strategy": "tpe", "trials": 2}))
    study = optuna.create_study(sampler=found.sampler)
    trials = [study.ask() for _ in range(4)]
    assert [found.is_surplus(study, t) for t in trials] == [False, False, True, True]
    study.tell(trials[0], state=TrialState.FAIL)
    assert [found.is_surplus(study, t) for t in trials[1:]] == [False, False, True]


@pytest.mark.parametrize("given", ["coarse-to-fine", "grid", "tpe"])
@pytest.mark.parametrize("budget", [{"trials": 7}, {"trainings": 79}, {"trials": 9, "trainings": 70}])
def test_trials_and_trainings_cap_every_strategy(given: str, budget: dict[str, int]) -> None:
    config = wide(strategy=given, **budget)  # 10 repeats each: 79 trainings are 7 configurations
    found, study = strategy(config), optuna.create_study()
    study.sampler = found.sampler
    while found.poll(study) is Poll.CELL:
        trial = study.ask()
        study.tell(trial, score(suggest(trial, config)))
    assert len(study.trials) == 7
    assert (found.extent(study).done, found.extent(study).total) == (7, 7)
    assert found.left(study) == {"tpe": 0, "grid": DECADES - 7}.get(given, DECADES + 9 - 7)


def test_an_abandoned_cell_is_named_and_leaves_the_budget_alone() -> None:
    config = wide(strategy="grid", trials=3)
    found, study = strategy(config), optuna.create_study()
    study.sampler = found.sampler
    while found.poll(study) is Poll.CELL:
        trial = study.ask()
        if suggest(trial, config).regularizer == "none":
            study.tell(trial, state=TrialState.FAIL)
        else:
            study.tell(trial, 0.0)
    assert found.abandoned(study) == [{"regularizer": "none"}]
    assert [t.state for t in study.trials].count(TrialState.COMPLETE) == 3


def test_a_diverged_configuration_keeps_cmaes_away_from_it() -> None:
    """λ above 1e-3 diverges; what is left without a value is no better than the worst."""
    config = wide(strategy="cmaes", trials=60, regularizers=["l2"])
    found, study = strategy(config), optuna.create_study(direction="maximize")
    study.sampler = found.sampler
    states = []
    while found.poll(study) is Poll.CELL:
        trial = study.ask()
        configuration = suggest(trial, config)
        diverged = configuration.max_coefficient > 1e-3
        study.tell(trial, None if diverged else score(configuration), TrialState.PRUNED if diverged else None)
        states.append(diverged)
    assert sum(states[40:]) < sum(states[:20])


def test_several_targets_multiply_the_grid_but_not_none() -> None:
    targets = [{"layers": "hidden"}, {"layers": "output"}]
    config = small(search={"strategy": "grid", "targets": targets})
    assert strategy(config).extent(optuna.create_study()).total == 1 + 2 * 3


@pytest.mark.parametrize(("given", "packages"), [("gp", "scipy torch"), ("cmaes", "cmaes"), ("qmc", "scipy")])
def test_what_is_not_installed_is_named(given: str, packages: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optuna_samplers, "find_spec", lambda package: None)
    needs = packages.replace(" ", " and ")
    line = f"search.strategy: '{given}' needs {needs}, not installed here: pip install {packages}"
    with pytest.raises(SweepFileError) as caught:
        strategy(small(search={"strategy": given}))
    assert str(caught.value) == line
    check_installed("tpe")

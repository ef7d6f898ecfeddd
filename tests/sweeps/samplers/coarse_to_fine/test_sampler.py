"""The sampler as its users meet it: under optimize, under ask/tell, and when something is wrong."""

import logging
import math
import pickle
from collections import Counter
from functools import partial

import optuna
import pytest
from optuna.trial import TrialState

from sweeps.samplers.coarse_to_fine import STANDARD_ERROR, CellState, CoarseToFineSampler, NothingLeft, Poll, stage_of
from tests.sweeps.samplers.coarse_to_fine.moons import sampler, score, space, suggest

NONE = {"regularizer": "none"}


def created(direction: str = "maximize", **options) -> optuna.Study:
    return optuna.create_study(direction=direction, sampler=sampler(**options))


def stages(study: optuna.Study) -> Counter:
    return Counter((cell.stage, cell.state.value) for cell in study.sampler.cells(study))


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_optimize_runs_both_stages_and_stops(direction):
    study = created(direction)
    sign = 1 if direction == "maximize" else -1
    study.optimize(lambda trial: sign * score(*suggest(trial)))
    assert stages(study) == {("coarse", "complete"): 19, ("fine", "complete"): 8}
    assert len(study.trials) == 27
    assert study.sampler.choice(study).params == {"regularizer": "l2", "lambda": 1e-3}
    assert [stage_of(trial) for trial in study.trials] == ["coarse"] * 19 + ["fine"] * 8


def test_best_on_an_edge_has_nine_fine_cells():
    study = created()
    study.optimize(lambda trial: -math.log10(suggest(trial)[1] or 1e9))
    assert study.sampler.choice(study).params == {"regularizer": "l2", "lambda": 1e-6}
    assert stages(study) == {("coarse", "complete"): 19, ("fine", "complete"): 9}


def test_when_none_is_best_there_is_no_fine_stage():
    study = created("minimize")
    study.optimize(lambda trial: score(*suggest(trial)))  # none has the smallest
    assert study.sampler.choice(study).params == NONE
    assert stages(study) == {("coarse", "complete"): 19}
    assert study.sampler.poll(study) is Poll.DONE


def test_further_stages_zoom_on():
    study = created(stages=4, points=3)
    study.optimize(lambda trial: score(*suggest(trial)))
    by_stage = Counter(stage_of(trial) for trial in study.trials)
    assert by_stage == {"coarse": 19, "fine": 2, "fine-2": 2, "fine-3": 2}  # 3 points less the centre, which is best


@pytest.mark.parametrize("options", [{"fine": "none"}, {"stages": 1}])
def test_a_plain_grid_has_one_stage(options):
    study = created(**options)
    study.optimize(lambda trial: score(*suggest(trial)))
    assert stages(study) == {("grid", "complete"): 19}


def test_a_resumed_study_goes_on_where_it_was():
    study = created()
    for n_trials in (7, 15, None):
        study.sampler = sampler()
        study.optimize(lambda trial: score(*suggest(trial)), n_trials=n_trials)
    assert len({tuple(trial.params.items()) for trial in study.trials}) == len(study.trials) == 27


def test_a_finished_study_adds_one_pruned_trial_and_stops():
    study = created(stages=1)
    study.optimize(lambda trial: score(*suggest(trial)))
    study.optimize(lambda trial: score(*suggest(trial)))
    assert [trial.state for trial in study.trials[19:]] == [TrialState.PRUNED]
    assert stage_of(study.trials[19]) == ""


def test_hyperband_which_hides_trials_changes_nothing():
    study = created()
    study.pruner = optuna.pruners.HyperbandPruner()
    study.optimize(lambda trial: score(*suggest(trial)))
    assert stages(study) == {("coarse", "complete"): 19, ("fine", "complete"): 8}


def test_pruned_cells_are_closed_and_take_no_part_in_choosing():
    def objective(trial: optuna.Trial) -> float:
        regularizer, value = suggest(trial)
        trial.report(100.0, 0)  # which Optuna makes the pruned trial's value
        if regularizer == "l2":
            raise optuna.TrialPruned
        return score(regularizer, value)

    study = created()
    study.optimize(objective)
    assert study.sampler.choice(study).params == {"regularizer": "l1", "lambda": 1e-3}
    assert stages(study) == {("coarse", "complete"): 13, ("coarse", "pruned"): 6, ("fine", "complete"): 8}


def test_failed_cells_are_tried_again_then_abandoned_and_reported():
    def objective(trial: optuna.Trial) -> float:
        regularizer, value = suggest(trial)
        if value == 1e-3 and (regularizer == "l2" or (regularizer == "l1" and trial.number < 4)):
            raise RuntimeError
        return score(regularizer, value)

    study = created(max_failures=2)
    study.optimize(objective, catch=(RuntimeError,))
    (failure,) = study.sampler.failures(study)
    assert failure.params == {"regularizer": "l2", "lambda": 1e-3}
    assert failure.state is CellState.ABANDONED
    assert [study.trials[n].state for n in failure.trials] == [TrialState.FAIL] * 2
    assert study.sampler.choice(study).params["regularizer"] == "l2"  # 1e-2 or 1e-4 are as good as l1 at 1e-3
    assert study.sampler.poll(study) is Poll.DONE


def test_without_a_completed_cell_the_search_ends_without_a_choice():
    def objective(trial: optuna.Trial) -> float:
        suggest(trial)
        raise optuna.TrialPruned

    study = created()
    study.optimize(objective)
    assert study.sampler.choice(study) is None
    assert stages(study) == {("coarse", "pruned"): 19}


def test_poll_says_cell_wait_and_done():
    study = created("minimize")
    poll = partial(study.sampler.poll, study)
    assert poll() is Poll.CELL
    running = []
    while poll() is Poll.CELL:
        running.append(study.ask())
    assert len(running) == 19
    assert poll() is Poll.WAIT
    assert study.sampler.choice(study) is None
    study.tell(running.pop(), state=TrialState.FAIL)
    assert poll() is Poll.CELL
    running.append(study.ask())
    for trial in running:
        study.tell(trial, score(*suggest(trial)))
    assert poll() is Poll.DONE
    with pytest.raises(NothingLeft, match="call poll"):
        study.ask()
    assert study.trials[-1].state is TrialState.FAIL


def test_poll_counts_cells_that_other_tickets_are_about_to_take():
    study = created(stages=1)
    for _ in range(18):
        study.ask()
    assert study.sampler.poll(study) is Poll.CELL
    study._storage.create_new_trial(study._study_id)  # a ticket that will take the last cell
    assert study.sampler.poll(study) is Poll.WAIT


def test_cells_count_what_is_still_to_come():
    study = created(stages=3)
    assert stages(study) == {("coarse", "free"): 19, ("fine", "undecided"): 9, ("fine-2", "undecided"): 9}
    trial = study.ask()
    cell = study.sampler.cells(study)[0]
    assert (cell.params, cell.state, cell.trials) == (NONE, CellState.RUNNING, (0,))
    study.tell(trial, 2.5)
    cell = study.sampler.cells(study)[0]
    assert (cell.state, cell.value, cell.trials) == (CellState.COMPLETE, 2.5, (0,))


def test_stage_of_reads_both_kinds_of_trial():
    study = created()
    trial = study.ask()
    assert stage_of(trial) == stage_of(study.trials[0]) == "coarse"


def test_an_enqueued_cell_is_filled_once():
    study = created()
    study.enqueue_trial({"regularizer": "l1", "lambda": 0.01})
    study.enqueue_trial({"regularizer": "l1", "lambda": 0.01})
    study.optimize(lambda trial: score(*suggest(trial)))
    assert [stage_of(trial) for trial in study.trials[:3]] == ["coarse", "", "coarse"]
    assert stages(study) == {("coarse", "complete"): 19, ("fine", "complete"): 8}
    assert len(study.trials) == 28


@pytest.mark.parametrize("params", [{"regularizer": "l2"}, {"lambda": 1e-3}, {"regularizer": "l2", "lambda": 5e-3}])
def test_an_enqueued_trial_that_is_no_cell_takes_none(params):
    study = created()
    study.enqueue_trial(params)
    study.optimize(lambda trial: 100.0 + score(*suggest(trial)) if trial.number == 0 else score(*suggest(trial)))
    assert stage_of(study.trials[0]) == ""
    assert params.items() <= study.trials[0].params.items() or study.trials[0].params == NONE
    assert stages(study) == {("coarse", "complete"): 19, ("fine", "complete"): 8}
    assert study.sampler.choice(study).params == {"regularizer": "l2", "lambda": 1e-3}


def test_an_enqueued_cell_that_was_abandoned_stays_so():
    study = created(max_failures=1)
    study.optimize(lambda trial: math.nan if suggest(trial) == ("l2", 1e-3) else score(*suggest(trial)))
    before = study.sampler.cells(study)
    study.enqueue_trial({"regularizer": "l2", "lambda": 1e-3})
    study.optimize(lambda trial: score(*suggest(trial)), n_trials=1)
    assert study.sampler.cells(study) == before


def test_a_sampler_can_be_pickled_in_the_middle_of_a_study():
    study = created()
    study.optimize(lambda trial: score(*suggest(trial)), n_trials=5)
    study.sampler = pickle.loads(pickle.dumps(study.sampler))
    study.optimize(lambda trial: score(*suggest(trial)))
    assert len(study.trials) == 27


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stages": 0}, "stages is at least 1, not 0"),
        ({"max_failures": 0}, "max_failures is at least 1, not 0"),
        ({"grace_s": 0}, "grace_s is more than 0 seconds, not 0"),
        ({"points": 0}, "points is at least 1, not 0"),
        ({"fine": "finer"}, "fine is one of"),
    ],
)
def test_bad_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        sampler(**options)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (partial(sampler, low=1e-5), r"^space\['lambda'\]\.low: this study was made with 1e-06, not 1e-05$"),
        (partial(sampler, points=5), "points: this study was made with 9, not 5"),
        (partial(sampler, fine="within"), "fine: this study was made with around, not within"),
        (
            lambda: CoarseToFineSampler(space()),
            r"conditions\['lambda'\]: this study was made with \['regularizer', \['l1', 'l2', 'l1_l2'\]\], not None",
        ),
    ],
)
def test_a_study_of_another_space_is_refused(other, message):
    study = created()
    study.ask()
    study.sampler = other()
    with pytest.raises(ValueError, match=message):
        study.sampler.poll(study)
    with pytest.raises(ValueError, match=message):
        study.ask()
    assert study.trials[-1].state is TrialState.FAIL


@pytest.mark.parametrize(
    ("suggestion", "message"),
    [
        (lambda trial: trial.suggest_float("mu", 0, 1), "suggests 'mu', which is not in the space"),
        (lambda trial: trial.suggest_float("lambda", 1e-6, 1), "suggests 'lambda' from .*high=1.0.*but the space has"),
        (
            lambda trial: trial.suggest_float("lambda", 1e-6, 1e-1, log=True),
            "has no 'lambda'; it exists only where regularizer is l1 or l2 or l1_l2",
        ),
    ],
)
def test_an_objective_that_leaves_the_space_is_told_so(suggestion, message):
    trial = created().ask()  # regularizer none
    with pytest.raises(ValueError, match=message):
        suggestion(trial)


@pytest.fixture
def logged():
    """What the sampler logs, as one whom Optuna's verbosity lets through."""
    records, logger = [], logging.getLogger("optuna.coarse_to_fine")
    handler = logging.Handler()
    handler.emit = lambda record: records.append((record.levelname, record.getMessage()))
    logger.addHandler(handler)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield records
    logger.removeHandler(handler)


EDGE = "The best coarse cell {'regularizer': 'l2', 'lambda': 0.1} lies at the high end of the range of lambda"


@pytest.mark.parametrize("options", [{}, {"stages": 1}])
def test_a_best_cell_on_an_edge_is_logged_once(logged, options):
    study = created(**options)
    study.optimize(lambda trial: math.log10(suggest(trial)[1] or 1e-9))
    assert len(logged) == 1 and logged[0][0] == "WARNING" and logged[0][1].startswith(EDGE)
    assert study.sampler.choice(study).edges == {"lambda": "high"}


def test_it_is_not_logged_where_nobody_wants_it(logged):
    study = created(log_warnings=False)
    study.optimize(lambda trial: math.log10(suggest(trial)[1] or 1e-9))
    assert logged == [] and study.sampler.choice(study).edges == {"lambda": "high"}


def test_under_ask_and_tell_poll_logs_it(logged):
    study = created(stages=1)
    while study.sampler.poll(study) is Poll.CELL:
        trial = study.ask()
        study.tell(trial, math.log10(suggest(trial)[1] or 1e-9))
    assert len(logged) == 1 and logged[0][1].startswith(EDGE)


def test_a_best_cell_inside_is_not_logged(logged):
    study = created()
    study.optimize(lambda trial: score(*suggest(trial)))
    assert logged == []
    assert study.sampler.choice(study).edges == {}


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize("n_jobs", [1, 4])
def test_the_range_grows_until_the_best_cell_lies_inside(direction, n_jobs, logged):
    sign = 1 if direction == "maximize" else -1
    study = optuna.create_study(direction=direction, sampler=sampler(1e-6, 1e4, grow={"lambda": (1e-6, 1e-1)}))
    # best at 1e1, for each regularizer; score's is at 1e-3
    study.optimize(lambda trial: sign * shifted(*suggest(trial, 1e-6, 1e4)), n_jobs=n_jobs)
    cells = study.sampler.cells(study)
    assert [cell.params for cell in cells if cell.stage == "coarse"][19:] == [
        {"regularizer": "l2", "lambda": value} for value in (1.0, 10.0, 100.0)
    ]
    assert study.sampler.choice(study).params == {"regularizer": "l2", "lambda": 10.0}
    assert sum(cell.stage == "fine" for cell in cells) == 8
    assert logged == []
    copy = optuna.create_study(direction=direction)
    copy.add_trials(study.trials)  # which refuses values outside a recorded distribution
    assert len(copy.trials) == len(study.trials)


def shifted(regularizer: str, value: float | None) -> float:
    return score(regularizer, None if value is None else value * 1e-4)


def test_growth_goes_on_where_a_resumed_study_was():
    make = partial(sampler, 1e-6, 1e4, grow={"lambda": (1e-6, 1e-1)})
    study = optuna.create_study(direction="maximize", sampler=make())
    while study.sampler.poll(study) is not Poll.DONE:
        study.sampler = make()
        study.optimize(lambda trial: shifted(*suggest(trial, 1e-6, 1e4)), n_trials=1)
    assert len(study.trials) == 22 + 8
    assert [stage_of(trial) for trial in study.trials] == ["coarse"] * 22 + ["fine"] * 8


def test_cells_within_one_standard_error_go_on_together(logged):
    def objective(trial: optuna.Trial) -> float:
        value = score(*suggest(trial))  # the best of l1 is 1 below that of l2, which is 0
        trial.set_user_attr(STANDARD_ERROR, 1.5)
        return value

    study = created(promote="one-se")
    study.optimize(objective)
    assert [cell.params["regularizer"] for cell in study.sampler.promoted(study)] == ["l2", "l1"]
    assert stages(study) == {("coarse", "complete"): 19, ("fine", "complete"): 16}
    assert logged == []


@pytest.mark.parametrize("error", [None, -1.0, math.nan, math.inf, "large"])
def test_without_a_standard_error_only_the_best_goes_on_and_it_is_said(logged, error):
    def objective(trial: optuna.Trial) -> float:
        trial.set_user_attr(STANDARD_ERROR, error)
        return score(*suggest(trial))

    study = created(promote="one-se")
    study.optimize(objective)
    assert [cell.params["regularizer"] for cell in study.sampler.promoted(study)] == ["l2"]
    assert len(logged) == 1 and "standard error" in logged[0][1]


def test_nothing_is_promoted_before_the_coarse_stage_is_closed():
    study = created(promote="each")
    study.optimize(lambda trial: score(*suggest(trial)), n_trials=18)
    assert study.sampler.promoted(study) == []
    study.optimize(lambda trial: score(*suggest(trial)))
    best = [cell.params["regularizer"] for cell in study.sampler.promoted(study)]
    assert best == ["l2", "l1", "l1_l2", "none"]
    assert stages(study) == {("coarse", "complete"): 19, ("fine", "complete"): 24}

"""The sweep file's meaning: defaults, what they turn into, and the hash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regsearch.data import GENERATED, SOURCES, TASKS
from regsearch.errors import SweepFileError
from regsearch.losses import LOSSES
from regsearch.spec import (
    Configuration,
    DataSpec,
    EarlyStopping,
    ModelSpec,
    Named,
    SplitSpec,
    Target,
    TrainingSpec,
    TrialSpec,
)
from sweeps.config import DEFAULT_REGULARIZERS as REGULARIZERS
from sweeps.config import STRATEGIES
from sweeps.config.toml_file import parse, restore


def config(**tables):
    return parse({"name": "s", "data": {"source": "moons"}} | tables)


def test_defaults_are_the_contracts():
    found = config()
    assert found.seed == 0
    assert found.data.spec() == DataSpec(
        source="moons",
        split=SplitSpec(train=30, validation=70),
        n_samples=100,
        noise=0.2,
        random_state=1,
        fresh_test=5000,
        scale="none",
    )
    assert found.model.spec() == ModelSpec(builder="mlp", options=(("hidden", (500,)),))
    assert found.training.spec() == TrainingSpec(epochs=1000, batch_size=32, optimizer="adam", learning_rate=1e-3)
    assert found.search.strategy == "coarse-to-fine"
    assert found.search.regularizers == ("none", "l1", "l2", "l1_l2")
    assert (found.search.lambda_.low, found.search.lambda_.high) == (1e-6, 1e-1)
    assert found.targets == (Target(layers="hidden", weights=("kernel",)),)
    assert (found.evaluation.repeats, found.metric, found.greater_is_better) == (10, "accuracy", True)
    assert (found.resample, found.trials) == (False, None)


def test_defaults_that_follow_from_the_data():
    iris = config(data={"source": "iris"})
    assert iris.data.spec().split == SplitSpec(validation=0.25, test=0.25)
    assert iris.data.spec().scale == "standard"
    assert iris.resample
    assert not config(data={"source": "iris"}, evaluation={"resample": False}).resample
    assert config(data={"source": "diabetes"}).metric == "r2"
    loss = config(evaluation={"metric": "log_loss"})
    assert (loss.metric, loss.greater_is_better) == ("log_loss", False)


@pytest.mark.parametrize(
    ("search", "trials", "most"),  # 10 repeats each
    [
        ({"strategy": "random"}, 50, 50),
        ({"strategy": "coarse-to-tpe"}, 50, 50),
        ({"strategy": "tpe", "trials": 7}, 7, 7),
        ({"strategy": "grid"}, None, None),
        ({"strategy": "grid", "trials": 7}, 7, 7),
        ({"strategy": "coarse-to-fine", "trainings": 99}, None, 9),
        ({"strategy": "tpe", "trainings": 990}, None, 99),
        ({"strategy": "tpe", "trainings": 99, "trials": 7}, 7, 7),
        ({"strategy": "tpe", "trainings": 30, "trials": 7}, 7, 3),
    ],
)
def test_budgets_in_configurations(search, trials, most):
    found = config(search=search)
    assert (found.trials, found.max_configurations) == (trials, most)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("1s", 1), ("30m", 1800), ("1.5h", 5400), ("2d", 172_800), ("90 s", 90), ("0.5m", 30), (None, None)],
)
def test_how_long_a_search_may_take(written, seconds):
    search = {} if written is None else {"stop_after": written}
    assert config(search=search).search.stop_after_s == seconds
    assert config(search=search).to_dict().get("search", {}) == search  # as it is written


def test_how_long_a_training_may_take():
    assert config(training={"timeout": "1.5m"}).training_spec.timeout_s == 90
    assert config().training_spec.timeout_s is None


def test_the_clock_is_no_part_of_what_is_searched():
    """A sweep whose time is up goes on once it is given more."""
    assert config(search={"stop_after": "30m"}).hash() == config().hash()
    assert config(training={"timeout": "30m"}).hash() == config().hash()
    slow = {"epochs": 50, "timeout": "1m"}
    assert config(training=slow).hash() == config(training={"epochs": 50}).hash() != config().hash()
    both = {"strategy": "tpe", "stop_after": "30m"}
    assert config(search=both).hash() == config(search={"strategy": "tpe"}).hash()


def test_where_lambda_may_grow_to():
    plain, grown = config(), config(search={"grow": True})
    limited = config(search={"grow": True, "lambda": {"low": 1e-4, "high": 0.1, "limit": 10.0}})
    ranges = [(c.search.searched_lambda.low, c.search.searched_lambda.high) for c in (plain, grown, limited)]
    assert ranges == [(1e-6, 0.1), (1e-6, pytest.approx(100)), (1e-4, 10.0)]


STOP_AFTER = 'search.stop_after: must be a number above 0 and a unit, s, m, h or d, such as "30m", got '


@pytest.mark.parametrize(
    ("search", "line"),
    [
        ({"trainings": 0}, "search.trainings: must be ≥ 1, got 0"),
        ({"trainings": 1.5}, "search.trainings: must be an integer, got 1.5"),
        ({"trainings": 9}, "search.trainings: must be at least evaluation.repeats (10), what one configuration takes"),
        ({"stop_after": 30}, f"{STOP_AFTER}30"),
        ({"stop_after": "30"}, f"{STOP_AFTER}'30'"),
        ({"stop_after": "0m"}, f"{STOP_AFTER}'0m'"),
        ({"stop_after": "-1h"}, f"{STOP_AFTER}'-1h'"),
        ({"stop_after": "1h 30m"}, f"{STOP_AFTER}'1h 30m'"),
        ({"stop_after": "2 weeks"}, f"{STOP_AFTER}'2 weeks'"),
        ({"stages": 1}, "search.stages: must be ≥ 2, got 1"),
        ({"stages": 3, "strategy": "grid"}, "search: stages goes with coarse-to-fine, not with grid"),
        ({"promote": "all"}, "search.promote: may be 'best', 'each-regularizer' or 'one-se', got 'all'"),
        ({"promote": "one-se", "strategy": "tpe"}, "search: promote goes with coarse-to-fine, not with tpe"),
        ({"grow": 1}, "search.grow: must be true or false, got 1"),
        ({"grow": True, "strategy": "qmc"}, "search: grow goes with coarse-to-fine or coarse-to-tpe, not with qmc"),
        ({"lambda": {"limit": 1.0}}, "search: lambda.limit says how far lambda may grow: set grow = true, or leave"),
        (
            {"grow": True, "lambda": {"limit": 0.1}},
            "search.lambda: limit must be above high, got high = 0.1 and limit = 0.1",
        ),
        ({"grow": True, "lambda": {"limit": -1}}, "search.lambda.limit: must be > 0, got -1"),
        ({"strategy": "bayes"}, "search.strategy: may be 'coarse-to-fine', 'coarse-to-tpe', 'grid', 'random', 'qmc', "),
    ],
)
def test_a_mistake_in_the_search(search, line):
    with pytest.raises(SweepFileError) as caught:
        config(search=search)
    assert str(caught.value).startswith(line) and "\n" not in str(caught.value)


def test_what_to_train_for_a_configuration():
    found = config(model={"hidden": [3, 2], "activation": "tanh"}, evaluation={"resample": True, "metric": "log_loss"})
    configuration = Configuration.tied("l1", 0.01, Target(layers="all"))
    assert found.trial_spec(configuration) == TrialSpec(
        data=found.data.spec(),
        metric="log_loss",
        model=ModelSpec(options=(("activation", "tanh"), ("hidden", (3, 2)))),
        training=TrainingSpec(),
        resample=True,
        penalties=configuration.penalties,
    )


def test_how_to_train():
    training = {
        "optimizer": {"name": "sgd", "nesterov": True, "momentum": 0.9},
        "learning_rate": 0.1,
        "learning_rate_schedule": {"name": "piecewise_constant_decay", "boundaries": [9, 99], "values": [0.01, 0.001]},
        "loss": {"name": "binary_crossentropy", "label_smoothing": 0.1},
        "class_weight": [1, 3.0],
        "early_stopping": {"patience": 20},
    }
    found = config(training=training)
    assert found.trial_spec(Configuration()).training == TrainingSpec(
        optimizer="sgd",
        optimizer_options=(("momentum", 0.9), ("nesterov", True)),
        learning_rate=0.1,
        schedule=Named(name="piecewise_constant_decay", options=(("boundaries", (9, 99)), ("values", (0.01, 0.001)))),
        loss=Named(name="binary_crossentropy", options=(("label_smoothing", 0.1),)),
        class_weight=(1.0, 3.0),
        early_stopping=EarlyStopping(patience=20, min_delta=0.0),
    )
    assert found.to_dict()["training"] == training


def test_names_without_options():
    found = config(data={"source": "diabetes"}, training={"optimizer": "rmsprop", "loss": "huber"})
    assert found.training.spec() == TrainingSpec(optimizer="rmsprop", loss=Named(name="huber"))
    assert found.to_dict()["training"] == {"optimizer": "rmsprop", "loss": "huber"}


SPELLED_OUT = [
    {"seed": 0},
    {"data": {"source": "moons", "noise": 0.2, "n_samples": 100, "random_state": 1, "fresh_test": 5000}},
    {"data": {"source": "moons", "split": {"train": 30, "validation": 70}, "scale": "none"}},
    {"model": {"builder": "mlp", "hidden": [500], "activation": "relu"}},
    {"training": {"epochs": 1000, "batch_size": 32, "learning_rate": 0.001}},
    {"training": {"optimizer": "adam", "engine": "auto"}},
    {"training": {"optimizer": {"name": "adam", "beta_1": 0.9, "amsgrad": False}}},
    {"training": {"loss": "binary_crossentropy"}},
    {"training": {"loss": {"name": "binary_crossentropy", "label_smoothing": 0}}},
    {"search": {"strategy": "coarse-to-fine", "regularizers": ["none", "l1", "l2", "l1_l2"], "fine": "around"}},
    {"search": {"lambda": {"low": 0.000001, "high": 0.1}}},
    {"search": {"stages": 2, "promote": "best", "grow": False}},
    {"search": {"targets": [{"layers": "hidden", "weights": ["kernel"]}]}},
    {"evaluation": {"repeats": 10, "metric": "accuracy", "resample": False, "racing": False}},
]


@pytest.mark.parametrize("written", SPELLED_OUT, ids=lambda tables: next(iter(tables)))
def test_a_default_written_out_changes_no_hash(written):
    assert config(**written).hash() == config().hash()
    assert config(**written).trial_spec(Configuration()) == config().trial_spec(Configuration())


def test_a_default_number_of_trials_written_out_changes_no_hash():
    for strategy in ("random", "tpe"):
        implied, written = ({"strategy": strategy}, {"strategy": strategy, "trials": 50})
        assert config(search=written).hash() == config(search=implied).hash()


def test_the_name_is_not_hashed():
    assert parse({"name": "other", "data": {"source": "moons"}}).hash() == config().hash()


def test_weights_of_a_target_have_no_order():
    a, b = (config(search={"targets": [{"weights": w}]}) for w in (["bias", "kernel"], ["kernel", "bias", "kernel"]))
    assert a.targets == b.targets == (Target(weights=("kernel", "bias")),)
    assert a.hash() == b.hash() != config().hash()


CHANGED = [
    {"seed": 1},
    {"data": {"source": "circles"}},
    {"data": {"source": "moons", "noise": 0.3}},
    {"data": {"source": "moons", "split": {"train": 40, "validation": 60}}},
    {"data": {"source": "moons", "scale": "standard"}},
    {"model": {"hidden": [500, 500]}},
    {"training": {"epochs": 1001}},
    {"training": {"optimizer": "sgd"}},
    {"training": {"optimizer": {"name": "sgd", "momentum": 0.9}}},
    {"training": {"optimizer": {"name": "adam", "epsilon": 1e-8}}},
    {"training": {"learning_rate_schedule": {"name": "cosine_decay", "decay_steps": 1000}}},
    {"training": {"learning_rate_schedule": {"name": "cosine_decay", "decay_steps": 1001}}},
    {"training": {"loss": "mean_squared_error"}},
    {"training": {"class_weight": "balanced"}},
    {"training": {"class_weight": [1.0, 3.0]}},
    {"training": {"early_stopping": {"patience": 20}}},
    {"training": {"early_stopping": {"patience": 20, "min_delta": 1e-3}}},
    {"search": {"strategy": "random"}},
    {"search": {"strategy": "random", "trials": 49}},
    {"search": {"regularizers": ["none", "l2"]}},
    {"search": {"lambda": {"low": 1e-5}}},
    {"search": {"targets": [{"layers": "all"}]}},
    {"search": {"fine": "within"}},
    {"search": {"stages": 3}},
    {"search": {"promote": "one-se"}},
    {"search": {"grow": True}},
    {"search": {"grow": True, "lambda": {"limit": 10.0}}},
    {"search": {"trainings": 100}},
    {"search": {"trials": 10}},
    {"evaluation": {"repeats": 11}},
    {"evaluation": {"metric": "log_loss"}},
    {"evaluation": {"resample": True}},
]


def test_whatever_changes_the_sweep_changes_the_hash():
    hashes = [config().hash(), *(config(**tables).hash() for tables in CHANGED)]
    assert len(set(hashes)) == len(hashes)


PINNED = [
    ({}, "94dacfe75bf96364bd82b8673fd6340ff03088b4700538660fe8c8f5c170edd8"),
    (
        {"training": {"optimizer": "sgd", "learning_rate": 0.1, "epochs": 9}},
        "3783da7b794200d6741494333a1eae9860b612fbebf5adede7cf1f489fe18fd0",
    ),
]


@pytest.mark.parametrize(("tables", "digest"), PINNED, ids=["moons", "sgd"])
def test_hashes_are_pinned(tables, digest):
    """Another value means that sweeps in existing databases count as changed."""
    assert config(**tables).hash() == digest


STAGED = {
    "fine": st.just("within"),
    "stages": st.integers(2, 5),
    "promote": st.sampled_from(["best", "each-regularizer", "one-se"]),
    "grow": st.booleans(),
}


@st.composite
def sweeps(draw):
    """Tables of a sweep file, each key there or left out."""

    def some(**keys):
        return draw(st.fixed_dictionaries({}, optional=keys))

    def numbers(low, high):
        return st.floats(low, high, allow_nan=False)

    source = draw(st.sampled_from(SOURCES))
    counts = st.fixed_dictionaries({"train": st.integers(1, 50), "validation": st.integers(1, 50)})
    fractions = st.fixed_dictionaries({"validation": numbers(0.01, 0.4)}, optional={"test": numbers(0.0, 0.4)})
    strategy = draw(st.sampled_from(STRATEGIES))
    low = draw(numbers(1e-12, 1e-3))
    search = {"strategy": strategy} | some(
        regularizers=st.lists(st.sampled_from(REGULARIZERS), min_size=1, unique=True),
        targets=st.just([{"layers": "all", "weights": ["bias"]}, {"layers": "output"}]),
        trials=st.integers(1, 99),
        trainings=st.integers(99, 999),
        stop_after=st.sampled_from(["30m", "1.5h"]),
        **(STAGED if strategy == "coarse-to-fine" else {}),
    )
    classes = TASKS[source] != "regression"
    losses = [name for name, loss in LOSSES.items() if TASKS[source] in loss.tasks]
    metrics = ["accuracy", "log_loss"] if classes else ["r2", "mse", "mae"]
    return {
        "name": "s",
        "data": {"source": source}
        | some(
            split=counts | fractions,
            scale=st.sampled_from(["none", "standard"]),
            **({"noise": numbers(0, 2), "n_samples": st.integers(4, 999)} if source in GENERATED else {}),
        ),
        "search": search | {"lambda": {"low": low, "high": low * draw(numbers(1.01, 1e6))}},
        "evaluation": some(repeats=st.integers(1, 99), metric=st.sampled_from(metrics), resample=st.booleans()),
        "training": some(
            epochs=st.integers(1, 9999),
            learning_rate=numbers(1e-9, 9),
            optimizer=st.sampled_from(["sgd", {"name": "rmsprop", "rho": 0.5}, {"name": "adam", "amsgrad": True}]),
            learning_rate_schedule=st.builds(
                lambda steps, rate: {"name": "exponential_decay", "decay_steps": steps, "decay_rate": rate},
                st.integers(1, 99),
                numbers(0.1, 1),
            ),
            loss=st.sampled_from(losses),
            early_stopping=st.fixed_dictionaries(
                {"patience": st.integers(1, 9)}, optional={"min_delta": numbers(0, 1)}
            ),
            **({"class_weight": st.sampled_from(["balanced", [1, 2.5]])} if classes else {}),
        ),
        "model": some(hidden=st.lists(st.integers(1, 999), min_size=1, max_size=3)),
    } | some(seed=st.integers(0, 2**64))


def test_what_is_stored_is_spelled_as_the_file_is():
    found = config(seed=3, search={"lambda": {"low": 1e-5, "high": 0.1}})
    assert found.to_dict() == {
        "name": "s",
        "seed": 3,
        "data": {"source": "moons"},
        "search": {"lambda": {"low": 1e-5}},
    }


@given(sweeps())
def test_what_is_stored_reads_back_as_the_same_sweep(plain):
    found = parse(plain)
    again = restore(found.to_dict())
    assert again == found
    assert again.hash() == found.hash()
    assert again.trial_spec(Configuration()) == found.trial_spec(Configuration())

"""Sweep files: every mistake is one line that names the field and what it may be."""

from typing import Any

import pytest

from regsearch.data import SOURCES
from regsearch.errors import SweepFileError
from regsearch.spec import SplitSpec
from regsearch.trainers.optimizers import OPTIMIZERS
from sweeps.config.toml_file import load, parse, preset_names, restore

GOOD = 'name = "s"\n[data]\nsource = "moons"\n'


def message_of(text, tmp_path):
    file = tmp_path / "sweep.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SweepFileError) as caught:
        load(file)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", preset_names())
def test_presets_load(name):
    assert load(name).name == name


def test_moons_is_the_case_study():
    moons = load("moons")
    assert moons.seed == 1
    assert moons.data.spec().split == SplitSpec(train=30, validation=70)
    assert (moons.training.epochs, moons.training.batch_size, moons.model.options()) == (4000, 32, {"hidden": (500,)})
    assert (moons.evaluation.repeats, moons.evaluation.racing) == (10, False)
    assert moons.search.regularizers == ("none", "l1", "l2", "l1_l2")


def test_a_file_comes_before_a_preset_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moons").write_text(GOOD)
    assert load("moons").name == "s"


def test_a_folder_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moons").mkdir()
    assert load("moons").name == "moons"


@pytest.mark.parametrize(
    ("table", "line"),
    [
        # lambda
        ("[search]\nlambda = { low = 0.0 }", "search.lambda.low: must be > 0, got 0.0"),
        ("[search]\nlambda = { low = -1e-3 }", "search.lambda.low: must be > 0, got -0.001"),
        (
            "[search]\nlambda = { low = 1e-2, high = 1e-2 }",
            "search.lambda: low must be below high, got low = 0.01 and high = 0.01",
        ),
        (
            "[search]\nlambda = { low = 1.0 }",
            "search.lambda: low must be below high, got low = 1 and high = 0.1",
        ),
        ("[search]\nlambda = { low = nan }", "search.lambda.low: input should be a finite number, got nan"),
        ("[search]\nlambda = { high = inf }", "search.lambda.high: input should be a finite number, got inf"),
        ("[search]\nlambda = 0.1", "search.lambda: must be a table, got 0.1"),
        ('[search]\nlambda = { low = "1e-3" }', "search.lambda.low: must be a number, got '1e-3'"),
        # counts of things
        ("[evaluation]\nrepeats = 0", "evaluation.repeats: must be ≥ 1, got 0"),
        ("[evaluation]\nrepeats = 2.5", "evaluation.repeats: must be an integer, got 2.5"),
        ("[evaluation]\nrepeats = true", "evaluation.repeats: must be an integer, got true"),
        ("[training]\nepochs = 0", "training.epochs: must be ≥ 1, got 0"),
        ("[training]\nbatch_size = 0", "training.batch_size: must be ≥ 1, got 0"),
        ("[training]\nlearning_rate = 0", "training.learning_rate: must be > 0, got 0"),
        ("[training]\nlearning_rate = -1", "training.learning_rate: must be > 0, got -1"),
        # optimizers, schedules and losses
        ("[training]\noptimizer = 3", "training.optimizer: must be a name, or a table of a name and options, got 3"),
        ("[training]\noptimizer = { nam = 'sgd' }", "training.optimizer: must be a name, or a table of a name and opt"),
        (
            "[training]\noptimizer = { name = 'sgd', momentm = 0.9 }",
            "training.optimizer: sgd has no option 'momentm' (did you mean 'momentum'?); known: momentum, nesterov",
        ),
        (
            "[training]\noptimizer = { name = 'sgd', momentum = 1.5 }",
            "training.optimizer: momentum of sgd must be a number of at least 0 and at most 1, got 1.5",
        ),
        (
            "[training]\nlearning_rate_schedule = 'cosine_decay'",
            "training.learning_rate_schedule: cosine_decay needs decay_steps, an integer of at least 1",
        ),
        (
            "[training]\nloss = 'hubre'",
            "training.loss: 'hubre' is not one of binary_crossentropy, binary_focal_crossentropy, sparse_categorical",
        ),
        (
            "[training]\nloss = { name = 'huber' }",
            "training.loss: 'huber' does not fit a binary target; use binary_cro",
        ),
        (
            "[training]\nclass_weight = 'balance'",
            "training.class_weight: must be 'balanced' or a list of one number of at least 0 for each class, got 'bal",
        ),
        ("[training]\nclass_weight = [1, -1]", "training.class_weight: must be 'balanced' or a list of one number of"),
        ("[training]\nearly_stopping = 20", "training.early_stopping: must be a table, got 20"),
        ("[training]\nearly_stopping = {}", "training.early_stopping.patience: is required"),
        ("[training]\nearly_stopping = { patience = 0 }", "training.early_stopping.patience: must be ≥ 1, got 0"),
        (
            "[training]\nearly_stopping = { patince = 3 }",
            "training.early_stopping.patince: unknown key (did you mean 'patience'?); known: patience, min_delta",
        ),
        ("[model]\nhidden = [0]", "model: hidden of mlp must be a list"),
        ('[model]\nbuilder = "cnn"\nfilters = []', "model: filters of cnn must be a list"),
        ("[model]\nhiden = [3]", "model: mlp has no option 'hiden' (did you mean 'hidden'?)"),
        ("[search]\nregularizers = []", "search.regularizers: must not be empty"),
        # names of things
        (
            '[search]\nregularizers = ["l3"]',
            "search.regularizers.0: may be 'none', 'l1', 'l2', 'l1_l2', 'weight_decay' or 'early_stopping', got",
        ),
        ('[search]\nregularizers = ["l1", "l1"]', "search: regularizers must not repeat themselves"),
        (
            '[search]\nstrategy = "coarse_to_fine"',
            "search.strategy: may be 'coarse-to-fine', 'coarse-to-tpe', 'grid', 'random', 'qmc', 'tpe', 'gp' or 'cmaes'"
            ", got 'coarse_to_fine' (did you mean 'coarse-to-fine'?)",
        ),
        ('[model]\nbuilder = "mpl"', "model.builder: may be 'mlp', 'cnn', 'lstm' or 'file.py:function', got 'mpl' (di"),
        (
            '[evaluation]\nmetric = "acuracy"',
            "evaluation.metric: 'acuracy' is not one of accuracy, log_loss, auc, f1, balanced_accuracy,"
            " average_precision, brier, subset_accuracy, r2, mse, rmse, mae, mape, top_3 and the like,"
            " 'my_metrics.py:score' (did you mean 'accuracy'?)",
        ),
        ("[search]\ntargets = [{ weights = [] }]", "search.targets.0.weights: must not be empty"),
        ("[search]\ntargets = [{ layers = [] }]", "search.targets.0.layers: must be 'hidden', 'output', 'all', a"),
        ("[search]\ntargets = [{ layers = 0 }]", "search.targets.0.layers: must be 'hidden'"),
        ('[[search.targets]]\nlayers = ""', "search.targets.0.layers: must be 'hidden'"),
        # keys
        ("[search]\nlamda = {}", "search.lamda: unknown key (did you mean 'lambda'?); known: strategy, regularizers"),
        ("[search]\nlambda_ = {}", "search.lambda_: unknown key (did you mean 'lambda'?)"),
        ("[serch]", "serch: unknown key (did you mean 'search'?); known: name, seed, data"),
        ("[search]\ntargets = [{ layer = 1 }]", "search.targets.0.layer: unknown key (did you mean 'layers'?)"),
        ("[search.lambda]\nlo = 1", "search.lambda.lo: unknown key (did you mean 'low'?); known: low, high"),
    ],
)
def test_a_mistake_in_a_table(table, line, tmp_path):
    assert message_of(GOOD + table + "\n", tmp_path).startswith(line)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (
            'source = "mons"',
            f"data.source: may be {', '.join(map(repr, SOURCES))}, a file ending in .csv, .csv.gz, .tsv, .txt,"
            " .parquet, .xlsx, .npz, or 'file.py:function', got 'mons' (did you mean 'moons'?)",
        ),
        ("", "data.source: is required"),
        ('source = "moons"\nsplit = { train = 30 }', "data.split: needs one of validation, folds and column, such as"),
        ('source = "moons"\nsplit = { train = 30, validation = 0.5 }', "data.split: must be all counts"),
        ('source = "moons"\nsplit = { validation = 70 }', "data.split: counts need train as well"),
        ('source = "moons"\nsplit = { validation = 1.5 }', "data.split: must be all counts"),
        ('source = "iris"\nsplit = { validation = 0.5, test = 0.5 }', "data.split: fractions must leave rows"),
        ('source = "iris"\nsplit = { train = 0.5, validation = 0.6 }', "data.split: fractions must not add up to more"),
        ('source = "iris"\nsplit = { validation = 0 }', "data.split.validation: must be > 0, got 0"),
        ('source = "iris"\nsplit = { validation = "half" }', "data.split.validation: must be a"),
        ('source = "iris"\nsplit = { validation = 0.2, trian = 0.1 }', "data.split.trian: unknown key (did"),
        ('source = "iris"\nsplit = 3', "data.split: must be a table, got 3"),
        ('source = "iris"\nnoise = 0.1', "data.noise: goes with generated sets, not with iris"),
        ('source = "iris"\ntarget = "x"', "data.target: goes with tables, not with iris"),
        ('source = "moons"\ninputs = ["a"]', "data.inputs: goes with your own data, not with moons"),
        ('source = "a.npz"\ninputs = "a"', "data.inputs: may be a table of columns, { numbers = ["),
        ('source = "a.npz"\ninputs = { a = 3 }', "data.inputs: may be a table of columns, { numbers = ["),
        ('source = "a.npz"\ninputs = ["a", "b", "a"]', "data.inputs: must name each input once, got a, b, a"),
        (
            'source = "a.npz"\ninputs = { a = ["b"] }',
            'data.inputs: a.npz has arrays, without columns; list their names: inputs = ["a"]',
        ),
        (
            'source = "a.npz"\ninputs = ["image", "words"]\nshape = { imag = [8, 8] }',
            "data.shape: there is no input 'imag' (did you mean 'image'?); inputs are image, words",
        ),
        (
            'source = "a.npz"\nshape = { image = [8, 8] }',
            "data.shape: there is no input 'image'; inputs are not named: data.inputs",
        ),
        ('source = "a.npz"\nshape = [8, 0]', "data.shape: may be a list of integers of 1 or more such as [8, 8, 1],"),
        ('source = "a.csv"', "data.target: is required for a table: the column to predict, or a list of columns"),
        ('source = "a.parquet"\ntarget = "y"\nseparator = ";"', "data.separator: goes with CSV files, not with a.parq"),
        ('source = "a.csv"\ntarget = "y"\nseparator = ", "', 'data.separator: must be one character such as ";"'),
        ('source = "a.csv"\ntarget = "y"\ndecimal = ";"', "data.decimal: may be '.' or ',', got ';'"),
        ('source = "a.csv"\ntarget = "y"\nencode = "onehot"', "data.encode: may be one-hot, ordinal, refuse, or"),
        ('source = "a.csv"\ntarget = "y"\nmissing = { a = 1 }', "data.missing: may be refuse, drop, impute"),
        ('source = "a.csv"\ntarget = "y"\nsplit = { folds = 5, order = "time" }', 'data.split.order: "time" needs the'),
        ('source = "iris"\nsplit = { folds = 5, validation = 0.2 }', "data.split: needs one of validation"),
        ('source = "iris"\nsplit = { column = "part" }', "data.split.column: goes with tables, not with iris"),
        ('source = "my.py:load"\nparams = { a = { b = 1 } }', "data.params.a: may be a number, text, true"),
        ('source = "moons"\nnoise = -0.1', "data.noise: must be ≥ 0, got -0.1"),
        ('source = "moons"\nrandom_state = 4294967296', "data.random_state: must be < 4294967296, got 4294967296"),
        ('source = "moons"\nn_samples = 0', "data.n_samples: must be ≥ 4, got 0"),
    ],
)
def test_a_mistake_in_the_data(data, line, tmp_path):
    assert message_of(f'name = "s"\n[data]\n{data}\n', tmp_path).startswith(line)


@pytest.mark.parametrize("name", ["", "-s", "a b", "é", "x" * 65, "s\\n", "a/b"])
def test_names_that_are_none(name, tmp_path):
    message = message_of(f'name = "{name}"\n[data]\nsource = "moons"\n', tmp_path)
    assert message.startswith("name: may hold letters, digits, . _ - (at most 64, the first a letter or digit), got ")


@pytest.mark.parametrize("name", ["s", "2nd", "a.b_c-D", "x" * 64])
def test_names_that_are_some(name):
    assert parse({"name": name, "data": {"source": "moons"}}).name == name


def test_missing_tables_and_several_mistakes(tmp_path):
    assert message_of('name = "s"\n', tmp_path) == "data: is required"
    assert message_of("", tmp_path) == "name: is required (and 1 more)"
    # the misspelt key is named first, for it is why the other is missing
    assert message_of('nme = "s"\n[data]\nsource = "moons"\n', tmp_path).startswith(
        "nme: unknown key (did you mean 'name'?)"
    )
    assert message_of("name = 3\ndata = 4\n", tmp_path) == "name: must be a string, got 3 (and 1 more)"


def test_a_metric_that_does_not_fit_the_target(tmp_path):
    message = message_of(GOOD + '[evaluation]\nmetric = "r2"\n', tmp_path)
    fitting = "accuracy, log_loss, auc, f1, balanced_accuracy, average_precision, brier"
    assert message == f"evaluation.metric: 'r2' does not fit a binary target; use {fitting}"


def test_class_weights_go_with_classes(tmp_path):
    message = message_of('name = "s"\n[data]\nsource = "diabetes"\n[training]\nclass_weight = "balanced"\n', tmp_path)
    assert message == "training.class_weight: goes with classes; the target is one of regression"


def test_only_what_is_allowed_is_suggested(tmp_path):
    message = message_of(GOOD + '[training]\noptimizer = "or"\n', tmp_path)
    assert message == f"training.optimizer: 'or' is not one of {', '.join(OPTIMIZERS)}"


def test_broken_toml_names_the_file_and_the_line(tmp_path):
    message = message_of('name = "s"\n[data\n', tmp_path)
    assert message.startswith(f"{tmp_path / 'sweep.toml'}: is not valid TOML: ")
    assert "line 2" in message


@pytest.mark.parametrize(
    "toml",
    ["a = " + "[" * 5000 + "]" * 5000, "a = " + "{ a = " * 3000 + "1" + "}" * 3000, ".".join("a" * 5_000) + " = 1"],
)
def test_toml_nested_too_deeply_is_one_line(tmp_path, toml):
    assert message_of(toml, tmp_path) == f"{tmp_path / 'sweep.toml'}: is nested too deeply for a sweep file"


def test_a_number_of_thousands_of_digits_is_not_valid(tmp_path):
    assert "is not valid TOML: Exceeds the limit" in message_of("a = " + "9" * 10_000, tmp_path)


def test_no_such_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SweepFileError) as caught:
        load("mons")
    assert str(caught.value) == (
        f"mons: no such sweep file, nor a preset; presets: {', '.join(preset_names())} (did you mean 'moons'?)"
    )


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(SweepFileError, match="cannot be read: Is a directory"):
        load(tmp_path)
    assert "not a text file in UTF-8" in message_of(b"\xff\xfe", tmp_path)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            'racing = "slow"',
            "evaluation.racing: may be false, true, \"fast\" or a table of rungs and alpha, got 'slow'",
        ),
        ("racing = true\nrepeats = 3", "evaluation.racing: needs at least 4 repeats, got evaluation.repeats = 3"),
        (
            "racing = { rungs = [4, 12] }",
            "evaluation.racing.rungs: must not go beyond evaluation.repeats = 10, got [4, 12]",
        ),
        ("racing = { rungs = [7, 4] }", "evaluation.racing.rungs: must ascend, from 3 repeats on, not [7, 4, 10]"),
        ("racing = { alpha = 0.7 }", "evaluation.racing.alpha: must be between 0 and 0.5, not 0.7"),
    ],
)
def test_a_race_is_refused_by_name(written: str, message: str, tmp_path: Any) -> None:
    assert message_of(f"{GOOD}[evaluation]\n{written}\n", tmp_path) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            'source = "iris"\nsplit = { validation = 0.25, redraw = true }',
            "data.split.redraw: goes with generated sets: moons, circles, waves",
        ),
        (
            'source = "moons"\nsplit = { folds = 5, redraw = true }',
            "data.split.redraw: draws every repeat's rows anew: leave out folds and resample",
        ),
    ],
)
def test_only_what_is_generated_is_drawn_anew(data: str, message: str, tmp_path: Any) -> None:
    assert message_of(f'name = "a"\n[data]\n{data}\n', tmp_path) == message


def test_strategies_that_learn_do_not_race(tmp_path: Any) -> None:
    text = f'{GOOD}[search]\nstrategy = "tpe"\n[evaluation]\nracing = true\n'
    assert message_of(text, tmp_path).startswith("evaluation.racing: goes with coarse-to-fine, grid, random, qmc")


def test_a_default_that_is_written_out_is_asked_for_where_a_builder_may_compile_another(tmp_path) -> None:
    (tmp_path / "m.py").write_text("def build(input_shape, n_outputs): ...\n")
    plain = {"name": "s", "data": {"source": "moons"}, "model": {"builder": "m.py:build"}}
    silent, written = (parse(plain | more, str(tmp_path)) for more in ({}, {"training": {"optimizer": "adam"}}))
    assert not silent.training_spec.gives("optimizer")
    assert written.training_spec.gives("optimizer") and not written.training_spec.gives("loss")
    assert restore(written.to_dict()).training_spec.given == ("optimizer",)  # as other workers read it
    assert written.hash() != silent.hash()
    built_in = {name: plain[name] for name in ("name", "data")}
    assert parse(built_in | {"training": {"optimizer": "adam"}}).hash() == parse(built_in).hash()

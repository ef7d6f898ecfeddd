"""A training as a plain Keras script that imports nothing of ours."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from regsearch.backend import load_keras
from regsearch.data import DataSet, Split
from regsearch.data.imputation import fillings
from regsearch.data.sources import SOURCES
from regsearch.errors import InputError
from regsearch.loading import is_reference, resolve
from regsearch.script.code import Code, literal
from regsearch.script.metrics import score_code
from regsearch.script.network import assignments, built_in_code, is_built_in, penalties_of, users_code
from regsearch.script.reading import reading_code
from regsearch.script.rows import rows_code
from regsearch.script.scaled_inputs import features_scaling_code, inputs_code, inputs_function, labels_scaling_code
from regsearch.script.table import features_code, filling_expression, labels_code
from regsearch.script.training import Phase, is_one_hot, loop_code, loss_code, optimizer_code
from regsearch.script.users_files import import_code
from regsearch.seeds import permutation_seed
from regsearch.spec import TrialSpec
from regsearch.trainers.base import BUILDING
from regsearch.trainers.overrides import overridden
from regsearch.trial import Evaluator, evaluator

FIELD = "--to"
SAME = 1e-5  # relative to 1, or to the number: what rounding in another order may change a scaled feature by
HERE = "HERE = Path(__file__).resolve().parent"


@dataclass(frozen=True, kw_only=True)
class Script:
    """A training as a script.

    Args:
        text: the script.
        exact: whether it trains as the recorded repeat was trained, but for rounding.
        reasons: why it does not, for its reader.
    """

    text: str
    exact: bool
    reasons: tuple[str, ...] = ()


def keras_script(spec: TrialSpec, *, seed: int, script: Path, repeat: int = 0, about: str = "") -> Script:
    """Return a script that trains a configuration as one of its repeats was, and prints its validation score.

    Its lines that read and scale the data, and those that build the model, are run here: they must give the same rows,
    and are compared with the same initial weights. It takes rows in the same order.

    Args:
        spec: what to train.
        seed: of the repeat.
        script: where the script is to be: files beneath its folder are named from there.
        repeat: the repeat's index.
        about: what its docstring begins with.

    Raises:
        InputError: something of the training has no place in such a script; the message says what.

    Example:
        >>> from pathlib import Path
        >>> spec = regsearch.TrialSpec(data=regsearch.DataSpec(source="iris"), metric="accuracy")
        >>> from regsearch.script import keras_script
        >>> keras_script(spec, seed=1, script=Path("iris.py")).exact
        True
    """
    writer = _Writer(spec, seed, script, repeat)
    modules, path = set(sys.modules), list(sys.path)
    try:
        return writer.script(about)
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if name in writer.imported:  # the user's file may be another one next time
                del sys.modules[name]


class _Writer:
    """Writes one script, and runs its lines as far as they train nothing."""

    def __init__(self, spec: TrialSpec, seed: int, script: Path, repeat: int) -> None:
        self._trials: Evaluator = evaluator(spec, log=False)
        self._spec, self._seed, self._path, self._repeat = spec, seed, script, repeat
        self._data: DataSet = self._trials.data
        self._split: Split = self._trials.split(repeat, seed)
        self._trainer = self._trials.trainer
        self._compiled = self._trainer.compilation
        self._code, self._ran, self._labels = Code(), 0, "labels"
        self._names: dict[str, Any] = {"__file__": str(script.absolute()), "__name__": "script"}
        self.imported = {
            reference.rpartition(":")[0].rpartition("/")[2].removesuffix(".py")
            for reference in (spec.data.source, spec.model.builder, spec.metric)
            if is_reference(reference)
        }
        self._check_path()
        if own := overridden(self._trainer.model):
            raise InputError(FIELD, f"a script trains by train_on_batch, and the model has its own {' and '.join(own)}")

    def _check_path(self) -> None:
        """Raise where the script would take the place of a file that it needs."""
        spec, here = self._spec, self._path.absolute().resolve()
        sources = ((spec.data.source, spec.data.folder), (spec.model.builder, spec.model.folder))
        for reference, folder in (*sources, (spec.metric, spec.metric_folder)):
            if is_reference(reference) and resolve(reference.rpartition(":")[0], folder).resolve() == here:
                raise InputError(FIELD, f"{self._path} is the file of {reference!r}, which the script imports")

    def script(self, about: str) -> Script:
        """Return the script; see `keras_script`."""
        code, training = self._code, self._compiled.training
        code.needs("import keras", "import numpy as np")
        self._write_data()
        self._check_data()
        reasons = self._write_model()
        self._write_training()
        self._write_score()
        constants = [f"SEED = {self._seed}", f"BATCH_SIZE = {training.batch_size}"]
        constants += [] if self._spec.phases else [f"EPOCHS = {training.epochs}"]
        if training.early_stopping is not None:
            constants.append(f"PATIENCE = {training.early_stopping.patience}")
        head = [*_import_lines(code.imports), "", *([HERE] if any("HERE" in e for e in code.lines) else []), *constants]
        docstring = "\n".join(filter(None, [about, *(f"\n{reason}" for reason in reasons)]))
        quoted = docstring.replace("\\", "\\\\").replace('"""', "'''")
        text = "\n".join([f'"""{quoted}\n"""', "", *head, *code.lines]) + "\n"
        return Script(text=text, exact=not reasons, reasons=tuple(reasons))

    def _write_data(self) -> None:
        spec, data, code = self._spec, self._data, self._code
        code.add("", "# The data")
        reading_code(spec.data, data, self._path, code)
        if data.columns:
            labels_code(spec.data, data, code)
        self._write_labels()
        rows_code(spec, data, self._split, repeat=self._repeat, seed=self._seed, code=code)
        self._run()
        train = self._split.train.rows.astype(np.int64)
        if data.columns:
            features_code(data, self._names["table"], self._fillings(train), code)
            self._run()
        if self._names["x"].dtype != np.float64:
            code.add("x = x.astype(float)")
        features_scaling_code(spec.data, data, self._trainer.input_uses, train, code)
        self._write_targets()
        self._write_weights()
        inputs_function(self._trainer.inputs, code)
        self._run()

    def _write_labels(self) -> None:
        data, code = self._data, self._code
        several = data.y.shape[1] > 1
        known = data.columns or self._spec.data.source in SOURCES  # to be (rows,)
        flat = "y" if known or several else "np.ravel(y)"
        if data.task in ("binary", "multiclass"):
            if data.class_names:
                code.add(f"classes, y = np.unique({flat}, return_inverse=True)")
        elif not (data.columns and several):
            code.add(f"y = {flat}.astype(float)")

    def _write_targets(self) -> None:
        """Add what is trained on, where that is not `y` itself."""
        data, code = self._data, self._code
        if self._split.target_scale is not None:
            labels_scaling_code(code)
        elif self._has_own_loss:
            shaped = "y.reshape(-1, 1)" if data.y.shape[1] == 1 else "y"
            code.add(f"labels = {shaped}" + ("" if data.task == "multiclass" else '.astype("float32")'))
        elif is_one_hot(self._trainer.problem.loss):
            code.add(f'labels = np.eye({data.n_outputs}, dtype="float32")[y]')
        else:
            self._labels = "y"

    def _write_weights(self) -> None:
        given, code = self._compiled.training.class_weight, self._code
        if given is None:
            if self._data.weights is not None:
                code.add("weights = row_weights")
            return
        if given == "balanced":
            code.add("counts = np.bincount(y[train])")
            code.add("weights = (len(train) / (np.count_nonzero(counts) * np.maximum(counts, 1)))[y]")
        else:
            code.add(f"weights = np.array({literal(list(given))})[y]")
        product = "weights" if self._data.weights is None else "(weights * row_weights)"
        code.add(f'weights = {product}.astype("float32")')

    def _fillings(self, train: Any) -> dict[str, str]:
        """Return what fills in the missing values of which columns, as expressions."""
        data, table = self._data, self._names["table"]
        x = np.array(data.x[train], np.float64)
        owners = {name: column for column in data.columns if column.use == "feature" for name in _features_of(column)}
        found = fillings(x.reshape(len(x), -1), data.imputations, data.feature_names)
        return {
            (column := owners[data.feature_names[places[0]]]).name: filling_expression(
                column, table, train, np.atleast_1d(values).tolist()
            )
            for places, values in found
        }

    def _check_data(self) -> None:
        """Raise where the lines give other rows than those that were trained on."""
        names = self._names
        for part, subset in (("train", self._split.train), ("validation", self._split.validation)):
            x, y = names["x"][names[part]], np.asarray(names[self._labels])[names[part]]
            wanted = subset.y if y.ndim == 1 or y.shape == subset.y.shape else np.eye(y.shape[1])[subset.y[:, 0]]
            if x.shape != subset.x.shape or not np.allclose(x, subset.x, rtol=SAME, atol=SAME):
                raise InputError(FIELD, f"a script would read other {part} rows than the sweep did; export as .toml")
            if y.size != wanted.size or not np.allclose(y.reshape(wanted.shape), wanted, rtol=SAME, atol=SAME):
                raise InputError(FIELD, f"a script would read other {part} labels than the sweep did; export as .toml")

    def _write_model(self) -> list[str]:
        """Add the model, and return why it does not train as the recorded one, if it does not."""
        spec, code, model = self._spec, self._code, self._trainer.model
        code.add("", "# The model")
        penalties = self._phases()[0][1] if len(self._phases()) == 1 else {}
        if is_built_in(spec.model):
            code.add("keras.utils.set_random_seed(SEED)")
            built_in_code(model, penalties, code)
            self._run(locked=True)
        else:
            call = users_code(spec.model, self._data, self._path, code)
            code.add("keras.utils.set_random_seed(SEED)", f"model = {call}")
            self._run(locked=True)
            self._write_rest_of_model(penalties)
        return self._reasons()

    def _write_rest_of_model(self, penalties: Any) -> None:
        """Add what is done to a model of the user's before it is trained: it is built, and penalized."""
        code, model = self._code, self._names["model"]
        if not model.built:
            code.add(f"model({inputs_code(self._trainer.inputs, 'train[:1]')})  # builds it")
            self._run(locked=True)
        replaced = self._spec.model.own_penalties == "replace"
        if replaced and any(v.regularizer is not None for v in model.trainable_variables):
            code.add("for variable in model.trainable_variables:", "    variable.regularizer = None")
        code.add(*assignments(penalties))
        self._run(locked=True)

    def _reasons(self) -> list[str]:
        reasons, model = [], self._names["model"]
        initial = self._trainer.initial(self._seed)[0]
        ours = [np.asarray(v) for v in model.trainable_variables]
        if len(ours) != len(initial) or not all(np.array_equal(a, b) for a, b in zip(ours, initial, strict=True)):
            reasons.append(
                "The builder gives other initial weights here than in the sweep: the score lies in its spread."
            )
        if any(map(_draws, model._flatten_layers())):
            reasons.append("Random layers draw other numbers here than in the sweep: the score lies in its spread.")
        return reasons

    def _write_training(self) -> None:
        code, compiled, phases = self._code, self._compiled, self._phases()
        stopping = compiled.training.early_stopping
        code.add("", "# The training")
        if compiled.optimizer is not None:
            self._write_own_optimizer()
        else:
            code.add(f"optimizer = {optimizer_code(compiled.training, self._spec.weight_decay)}")
        loss = "model.loss" if self._has_own_loss else ""
        loss = loss or loss_code(self._trainer.problem.loss, as_object=stopping is not None)
        if stopping is not None or len(phases) > 1:
            code.add(f"loss = {'keras.losses.get(model.loss)' if self._has_own_loss else loss}")
            loss = "loss"
        if len(phases) == 1:
            code.add(f"model.compile(optimizer=optimizer, loss={loss})")
        code.add(f"order = np.random.default_rng({permutation_seed(self._seed)})  # of the rows in each epoch")
        scaled = self._split.target_scale is not None
        loop_code(
            phases,
            self._trainer.inputs,
            loss=loss,
            stopping=stopping,
            weighted=self._data.weights is not None or compiled.training.class_weight is not None,
            labels=self._labels,
            restored="y_mean + y_std * outputs" if scaled else "outputs",
            code=code,
        )

    def _write_own_optimizer(self) -> None:
        """Add the builder's own optimizer, with what the settings and the configuration say beside it."""
        training, code = self._spec.training, self._code
        if training.schedule is not None:
            raise InputError(FIELD, "a script cannot give a schedule to the optimizer that the builder compiles")
        code.add("optimizer = model.optimizer")
        if training.gives("learning_rate"):
            code.add(f"optimizer.learning_rate = {float(training.learning_rate)!r}")
        if decay := self._spec.weight_decay:
            code.add(f"optimizer.weight_decay = (optimizer.weight_decay or 0) + {decay!r}")

    def _write_score(self) -> None:
        code, data = self._code, self._data
        code.add("", "# The score")
        code.add(f"outputs = model.predict({inputs_code(self._trainer.inputs, 'validation')}, verbose=0)")
        column = "[:, 0]" if data.n_outputs == 1 else ""
        scaled = self._split.target_scale is not None
        restored = f"y_mean + y_std * outputs{column}" if scaled else f"outputs{column}"
        code.add(f"predicted = {restored}", "y = y[validation]")
        name = self._spec.metric
        if is_reference(name):
            function = import_code(name, self._spec.metric_folder, self._path, code)
            expression, name = f"np.mean({function}(y, predicted))", function
        else:
            expression = score_code(name, self._trials.metric.k, data.task, code)
        code.add(f"score = {expression}", f'print(f"{name} on the {{len(validation)}} validation rows: {{score:.6f}}")')

    def _phases(self) -> list[Phase]:
        return [(phase.epochs, penalties_of(phase.coefficients)) for phase in self._trials.phases(self._spec)]

    @property
    def _has_own_loss(self) -> bool:
        """Whether the builder compiled a loss that the settings have no word for."""
        return self._compiled.loss_name != self._trainer.problem.loss.name

    def _run(self, *, locked: bool = False) -> None:
        """Run the lines that have come since the last time."""
        code, imports = self._code, [*_import_lines(self._code.imports), HERE, f"SEED = {self._seed}"]
        text = "\n".join(["from pathlib import Path", *imports, *code.lines[self._ran :]])
        self._ran = len(code.lines)
        load_keras()
        try:
            if locked:
                with BUILDING:
                    exec(compile(text, "<script>", "exec"), self._names)
            else:
                exec(compile(text, "<script>", "exec"), self._names)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}".splitlines()[0]
            raise InputError(FIELD, f"a script cannot read the data or build the model: {problem}") from error


def _draws(layer: Any) -> bool:
    """Whether a layer draws random numbers in training; recurrent layers could, and do where they have dropout."""
    if not hasattr(layer, "seed_generator") or layer.seed_generator is None:
        return False
    rates = [getattr(layer, name) for name in ("dropout", "recurrent_dropout") if hasattr(layer, name)]
    return not rates or any(rates)


def _features_of(column: Any) -> list[str]:
    if column.encoding == "one-hot":
        return [f"{column.name}={category}" for category in column.categories]
    return [column.name]


def _import_lines(imports: set[str]) -> list[str]:
    """Return imports as they stand in a script: those of Python first, names of one module in one line."""
    modules, names = set[str](), dict[str, set[str]]()
    for line in imports:
        if line.startswith("from "):
            module, name = line.removeprefix("from ").split(" import ")
            names.setdefault(module, set()).add(name)
        else:
            modules.add(line)
    froms = [f"from {module} import {', '.join(sorted(found))}" for module, found in names.items()]
    both = sorted(modules) + sorted(froms)
    own = [line for line in both if line.split()[1].split(".")[0] in sys.stdlib_module_names]
    others = [line for line in both if line not in own]
    return [*own, *([""] if own and others else []), *others]

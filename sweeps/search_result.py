"""What a sweep found, to go on working with: tables, pictures, trained models."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rich.console import Console

from regsearch.errors import DataError, InputError, RegsearchError
from regsearch.in_memory import Kept
from regsearch.seeds import refit_seed
from regsearch.spec import TrialSpec, format_lambda
from sweeps.analysis.answer import Answer
from sweeps.analysis.brief import brief_answer
from sweeps.analysis.candidates import Candidate, ranked
from sweeps.analysis.export import MODEL, export, suffix_of, write_file
from sweeps.analysis.report import WIDTH, show
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots.embedded import embedded_png
from sweeps.plots.pictures import PICTURES, draw_all, draw_picture, figure_of
from sweeps.report_page import report_page

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from regsearch.ensemble import FittedEnsemble
    from regsearch.fitted import FittedModel, Rows

COEFFICIENTS = ("lambda", "lambda_l1", "lambda_l2")
SCORES = ("n", "mean", "std", "se", "train_mean", "train_std")
COLUMNS = ("stage", "regularizer", *COEFFICIENTS, "target", "variant", *SCORES, "configuration_id")
CURVE_COLUMNS = (
    *("configuration_id", "repeat", "epoch"),
    *("train_loss", "train_score", "validation_loss", "validation_score"),
)
HIDDEN = ("configuration_id", "se", "train_std")  # columns that a notebook shows no row of
SHOWN_ROWS = 10  # of the table, in a notebook


@dataclass(frozen=True, kw_only=True, eq=False)
class SearchResult:
    """What a sweep found: its answer, its tables and pictures, and the winner as a trained model.

    It holds what was read at one moment, and needs no database any more. To train it needs the data and the builder.

    Args:
        snapshot: all that the rest is made of.
        answer: what won, against what, and how certain that is.
        written: the files that were written on the way.
        needs: what must stay in memory to train: rows and a function that are in no file.

    Example:
        >>> found = regsearch.load_result("small")
        >>> found.best.configuration.regularizer
        'l2'
        >>> fitted = found.fit()  # trained once more, with a seed of its own
        >>> fitted.predict([[0.0, 0.5], [1.0, -0.5]]).shape
        (2,)
    """

    snapshot: SweepSnapshot
    answer: Answer
    written: tuple[Path, ...] = ()
    needs: tuple[Kept, ...] = ()
    _fitted: dict[Any, "FittedModel"] = field(default_factory=dict, init=False)

    @property
    def name(self) -> str:
        """The sweep's name."""
        return self.snapshot.name

    @property
    def best(self) -> Candidate:
        """The winner: its `configuration`, and the `mean`, `std` and `n` of its validation scores.

        Where `answer.has_winner` is false it is the best of those that are of no use.
        """
        return self.answer.winner

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per finished configuration, the best first, ties as the answer breaks them.

        Columns: stage, regularizer, lambda (NaN where there is none), lambda_l1, lambda_l2, target, variant; n
        (repeats), mean, std and se of the validation scores, train_mean and train_std; configuration_id.
        """
        order = ranked(self.snapshot.finished, greater_is_better=self.snapshot.config.greater_is_better)
        frame = pd.DataFrame([_row(candidate) for candidate in order], columns=list(COLUMNS))
        return frame.astype(dict.fromkeys((*COEFFICIENTS, *SCORES[1:]), "float64"))

    def summary(self) -> str:
        """Return the whole answer as text: tables, verdicts, what limits them.

        Example:
            >>> "Winner: l2" in found.summary()
            True
        """
        console = Console(file=io.StringIO(), width=WIDTH, markup=False, force_jupyter=False, color_system=None)
        with console.capture() as captured:
            show(self.answer, console=console)
        return captured.get()

    def curves(self) -> pd.DataFrame:
        """Return learning curves, one row per point, of the best 100 configurations and of what was confirmed.

        Columns: configuration_id, repeat, epoch, train_loss, train_score, validation_loss, validation_score; losses are
        without penalties.

        Example:
            >>> int(found.curves()["epoch"].max())
            20
        """
        kept = [each.curves for each in self.snapshot.details.values() if not each.curves.empty]
        return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(CURVE_COLUMNS))

    def weight_norms(self) -> pd.DataFrame:
        """Return √Σw² of each weight tensor before and after each training of the search.

        Columns: configuration_id, repeat, layer, weight, l2_before, l2_after, and others that say which layer it is.

        Example:
            >>> sorted(set(found.weight_norms()["layer"]))
            ['hidden_1', 'output']
        """
        return self.snapshot.weight_norms

    def plot(self, picture: str = "lambda") -> "Figure":
        """Return a picture as a matplotlib Figure, whose panels are its `axes`; `savefig` writes it.

        Args:
            picture: `comparison`, `lambda`, `targets`, `l1_l2`, `learning_curves`, `gap`, `repeats`, `weight_norms`,
                `layer_norms`, `data` or `surfaces`.

        Raises:
            InputError: there is none of that name, or nothing to show in it.

        Example:
            >>> figure = found.plot("lambda")
            >>> figure.axes[0].get_xlabel()
            'λ (log scale)'
        """
        return draw_picture(self.snapshot, picture)

    def plots(self, out: str | Path) -> list[Path]:
        """Write every picture that there is something to draw for to a folder, as PNG and SVG; return the files.

        Args:
            out: the folder; it is made if it is not there, and older pictures in it are replaced.

        Example:
            >>> found.plots("pictures")[0].as_posix()
            'pictures/comparison.png'
        """
        return draw_all(self.snapshot, out)

    def fit(self, *, refit: "Rows" = "train", seed: int | None = None) -> "FittedModel":
        """Train the winner once more and return the model with what is done to rows before it and to outputs after it.

        The seed is a fresh one, which no scored repeat had: never the luckiest of them. Trained once, it is kept.

        Args:
            refit: `train` for the train rows; `all` for train and validation rows together.
            seed: of initial weights, permutations and splits; None for one that follows from the sweep's seed.

        Raises:
            InputError: there is no winner, refit is neither, or the data or the builder are not there any more.
            RegsearchError: the training failed or diverged.

        Example:
            >>> everything = found.fit(refit="all")
            >>> everything.repeat.validation is None  # no rows are left to score
            True
        """
        from regsearch.fitted import fit_model

        if refit not in ("train", "all"):
            raise InputError("refit", f"may be 'train' or 'all', got {refit!r}")
        for each in self.needs:
            each.require_unchanged()
        seed = refit_seed(self.snapshot.config.seed) if seed is None else seed
        if (refit, seed) not in self._fitted:
            fitted = fit_model(self._spec(refit), seed=seed, rows=refit)
            if fitted.repeat.status != "ok":
                raise RegsearchError(f"the winner was trained with seed {seed} and {fitted.repeat.reason}")
            self._fitted[refit, seed] = fitted
        return self._fitted[refit, seed]

    def model(self, *, refit: "Rows" = "train", seed: int | None = None) -> "keras.Model":
        """Return the winner as a trained Keras model, its penalties as keras.regularizers.

        It takes rows as they were prepared for it: scaled, encoded, filled in. `predict`, and what `fit` returns, do
        that to rows in the units of the data.

        Args:
            refit: as for `fit`.
            seed: as for `fit`.

        Raises:
            InputError, RegsearchError: as `fit`.

        Example:
            >>> found.model().output_shape
            (None, 1)
        """
        return self.fit(refit=refit, seed=seed).model

    def predict(self, x: Any, *, refit: "Rows" = "train", seed: int | None = None) -> "NDArray[Any]":
        """Return what the winner's model predicts for new rows, as the data have their labels.

        Args:
            x: (rows, *shape of one row) in the units of the data; of a table, a DataFrame with its columns.
            refit: as for `fit`.
            seed: as for `fit`.

        Returns:
            (rows,) classes, as they were given; (rows, labels) of several; of a regression (rows,) or
            (rows, targets), in the target's own units.

        Raises:
            DataError: rows do not fit those that were trained on.
            InputError, RegsearchError: as `fit`.

        Example:
            >>> found.predict([[0.0, 0.5], [1.0, -0.5], [2.0, 0.0]]).shape
            (3,)
        """
        return self.fit(refit=refit, seed=seed).predict(x)

    def ensemble(self, n: int = 10, *, refit: "Rows" = "train") -> "FittedEnsemble":
        """Train the winner n times with fresh seeds and return what predicts by the mean of their outputs.

        Args:
            n: how many, at least 1.
            refit: as for `fit`.

        Raises:
            InputError, RegsearchError: as `fit`; or n is below 1.

        Example:
            >>> together = found.ensemble(2)
            >>> together.outputs([[0.0, 0.5]]).shape
            (1, 1)
        """
        from regsearch.ensemble import FittedEnsemble

        if n < 1:
            raise InputError("n", f"must be at least 1, got {n}")
        seeds = [refit_seed(self.snapshot.config.seed, member) for member in range(n)]
        return FittedEnsemble(members=tuple(self.fit(refit=refit, seed=seed) for seed in seeds))

    def predictions(self, rows: Any, *, refit: "Rows" = "train", ensemble: int | None = None) -> pd.DataFrame:
        """Return what the winner's model predicts for new rows, as a table.

        Args:
            rows: a file's path, a DataFrame, or arrays. Of a table a .csv, .parquet or the like with its columns, as
                `[data]` of the sweep file reads them; of named features likewise, by these; of images and sequences
                `x` in a .npz file.
            refit: as for `fit`.
            ensemble: how many trainings to average; None for one.

        Returns:
            One row per row: the columns that are no features, `prediction`, `probability_CLASS` of each class; of an
            ensemble also `std_CLASS`, or `std_prediction` of a regression: how much its members differ.

        Raises:
            InputError: the file cannot be read; or its rows do not fit: a column is not there, or holds a category or
                lacks a value as no row did in training. The message names all of them.
            RegsearchError: as `fit`.

        Example:
            >>> found.predictions([[0.0, 0.5], [1.0, -0.5]]).columns.tolist()
            ['prediction', 'probability_0', 'probability_1']
        """
        from regsearch.data import load
        from regsearch.ensemble import FittedEnsemble
        from regsearch.new_rows import new_rows, read_new_rows
        from regsearch.prediction_table import PREDICTION, prediction_table

        self.answer.require_winner()
        spec = self._winner_spec().data
        data, is_file = load(spec), isinstance(rows, str | Path)
        given = read_new_rows(Path(rows), data, spec.table) if is_file else new_rows(rows, data, spec.table)
        members = (self.fit(refit=refit),) if ensemble is None else self.ensemble(ensemble, refit=refit).members
        together = FittedEnsemble(members=members)
        try:
            outputs = together.outputs(given.x)
        except DataError as error:
            raise InputError(str(rows) if is_file else "rows", error.problem) from None
        spread = None if len(members) == 1 else together.spread(given.x)
        table = prediction_table(outputs, data, spread)
        if taken := [name for name in given.others.columns if name in table.columns]:
            raise InputError("rows", f"has a column {taken[0]!r}, which is what the {PREDICTION}s are to be called")
        return pd.concat([given.others, table], axis=1)

    def regularizers(self) -> Mapping[str, Mapping[str, "keras.Regularizer"]]:
        """Return the winner's penalties as arguments of Keras' layers: by layer, then by argument.

        As in `Dense(64, **regularizers["hidden_1"])`, which is `Dense(64, kernel_regularizer=L1L2(0, 1e-3))`. Empty
        where the winner has no penalty; of a schedule, those of its last phase.

        Raises:
            InputError: the data or the builder are not there any more.

        Example:
            >>> list(found.regularizers()["hidden_1"])
            ['kernel_regularizer']
        """
        from regsearch.layer_regularizers import layer_regularizers

        return layer_regularizers(self._winner_spec())

    def report(self, path: str | Path = "report.html") -> Path:
        """Write the whole answer to a file, in place of one that is there.

        Args:
            path: of the file; folders on the way are made. A .html file is one page with pictures and tables that
                needs nothing beside itself, a .txt file is `summary()`.

        Raises:
            InputError: it ends otherwise, or cannot be written.

        Example:
            >>> found.report("report.html").read_text().startswith("<!doctype html>")
            True
        """
        path = Path(path)
        if path.suffix not in (".html", ".txt"):
            raise InputError(str(path), "a report may end in .html or .txt")
        write_file(path, self.summary() if path.suffix == ".txt" else report_page(self.snapshot, self.answer))
        return path

    def export(self, path: str | Path, *, refit: "Rows | None" = None, ensemble: int | None = None) -> Path:
        """Write the best configuration to a file, ready to use, in place of one that is there; the ending says how.

        Args:
            path: of the file: .toml or .json for the setting, its scores and a sweep of it alone, which `run` takes;
                .py for a plain Keras script that trains it as its first repeat was, and prints its score; .keras for
                a trained model that takes rows as they are in the source, with a model card, .md, beside it.
            refit: of a .keras file: what it is trained on, as for `fit`.
            ensemble: of a .keras file: how many trainings are averaged in it; None for one.

        Raises:
            InputError: the ending is unknown, there is no winner, the file cannot be written, or something of the
                training has no place in a script, or in a file that Keras alone can load.
            RegsearchError: a training failed or diverged.

        Example:
            >>> found.export("best.toml").read_text().splitlines()[0]
            'sweep = "small"'
            >>> import keras
            >>> keras.saving.load_model(found.export("best.keras"))(np.array([[0.0, 0.5]])).shape
            TensorShape([1, 1])
        """
        path = Path(path)
        if suffix_of(path) != MODEL:
            for name, given in (("refit", refit), ("ensemble", ensemble)):
                if given is not None:
                    raise InputError(name, f"goes with a .keras file, not with {path.name}")
            export(self.answer, path, self.snapshot)
            return path
        from sweeps.analysis.keras_export import card_beside, export_keras

        refit = refit or "train"
        members = (self.fit(refit=refit),) if ensemble is None else self.ensemble(ensemble, refit=refit).members
        card = export_keras(members, self.fit(), self.answer, self.snapshot, path, refit)
        write_file(card_beside(path), card)
        return path

    def __repr__(self) -> str:
        head = f"SearchResult of {self.name!r}: {len(self.snapshot.finished)} configurations"
        tail = "See .table, .summary(), .plot(), .model(), .predict(x), .report(), .export(path)"
        return "\n".join([head, *brief_answer(self.answer), tail])

    def _repr_html_(self) -> str:
        verdict = "".join(f"<div>{escape(line)}</div>" for line in brief_answer(self.answer))
        shown, more = self._shown_table(), max(0, len(self.table) - SHOWN_ROWS)
        rest = f"<div>and {more} more: <code>.table</code></div>" if more else ""
        figure = figure_of(PICTURES["lambda"], self.snapshot)
        picture = "" if figure is None else embedded_png(figure, f"{self.name}: score against lambda")
        lambdas = {name: lambda value: "-" if np.isnan(value) else format_lambda(value) for name in COEFFICIENTS}
        table = shown.to_html(index=False, border=0, float_format=lambda value: f"{value:.4g}", formatters=lambdas)
        return f"<div><b>{escape(self.name)}</b>{verdict}{table}{rest}{picture}</div>"

    def _shown_table(self) -> pd.DataFrame:
        """Return the best rows of the table, without columns that say nothing more."""
        table = self.table.head(SHOWN_ROWS)
        tied = table["lambda"].notna() | table["lambda_l1"].add(table["lambda_l2"]).eq(0)
        same = [name for name in ("target", "variant") if self.table.loc[self.table[name].ne(""), name].nunique() < 2]
        return table.drop(columns=[*HIDDEN, *(COEFFICIENTS[1:] if tied.all() else ()), *same])

    def _spec(self, refit: "Rows") -> TrialSpec:
        """Return what to train; on all rows after a number of epochs instead of early stopping."""
        self.answer.require_winner()
        spec = self._winner_spec()
        if refit == "train" or spec.training.early_stopping is None:
            return spec
        from regsearch.fitted import stopped_at

        curves = self.snapshot.details_of(self.best).curves
        return stopped_at(spec, curves.groupby("repeat")["epoch"].max().to_numpy())

    def _winner_spec(self) -> TrialSpec:
        return self.snapshot.trial_spec(self.best.configuration)


def _row(candidate: Candidate) -> dict[str, Any]:
    c = candidate.configuration
    coefficients = {"lambda": c.lambda_, "lambda_l1": c.lambda_l1, "lambda_l2": c.lambda_l2}
    where = {"target": str(c.target or ""), "variant": c.variant, "configuration_id": candidate.id}
    scores = {name: getattr(candidate, name) for name in SCORES}
    return {"stage": candidate.stage, "regularizer": c.regularizer} | coefficients | scores | where

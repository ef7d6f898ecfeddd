"""What to train on: where rows come from, how a table becomes numbers, and how rows are split."""

from dataclasses import dataclass, field
from typing import Literal

from regsearch.spec.hashing import UNHASHED
from regsearch.spec.training_spec import Options, sorted_options

Task = Literal["binary", "multiclass", "multilabel", "regression"]
TASK_NAMES: tuple[Task, ...] = ("binary", "multiclass", "multilabel", "regression")
Scale = Literal["none", "standard", "auto"]
Pairs = tuple[tuple[str, str], ...]  # column and what is done with it, sorted
Encodings = tuple[tuple[str, str | tuple[str, ...]], ...]
InputColumns = tuple[tuple[str, tuple[str, ...]], ...]  # names of inputs and of their columns


@dataclass(frozen=True, kw_only=True)
class SplitSpec:
    """How rows are split into train, validation and test subsets.

    Args:
        train: rows (int) or a fraction (float) to train on; what is left when None.
        validation: likewise to choose by; unused with folds or a column.
        test: likewise to confirm on.
        folds: for k-fold cross-validation: repeat i validates on fold i mod k and trains on the others, and every k
            repeats the rows are shuffled anew; 0 for none.
        column: the column that says for each row `train`, `validation` or `test`; empty for none.
        order: `random`, or `time`: the earliest rows train, later ones validate, the last ones test.
        stratify: whether classes keep their proportions in every subset.
        keep: how many of the rows to train on are trained on, others in each repeat; 0 for all.
        redraw: whether each repeat draws its rows anew from the generator of a generated set, so that repeats are
            trained on training sets that have no row in common.

    Example:
        >>> regsearch.SplitSpec(train=30, validation=70).train
        30
    """

    train: float | None = None
    validation: float = 0.25
    test: float = 0.0
    folds: int = 0
    column: str = ""
    order: Literal["random", "time"] = "random"
    stratify: bool = True
    keep: int = 0
    redraw: bool = False

    @property
    def in_counts(self) -> bool:
        """Whether the subsets are counted in rows."""
        return self.train is not None and self.train >= 1

    @property
    def fixed(self) -> bool:
        """Whether every repeat has the same subsets, as nothing in them is drawn."""
        return bool(self.column) or (self.order == "time" and not self.folds)


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """What the columns of a table are. Only `task`, `group`, `time` and `weights` mean something for arrays.

    Args:
        target: the columns to predict; several for a regression of several targets, or for several labels of 0 and 1.
        features: the columns to predict from; empty for all that have no other use.
        drop: columns to leave out.
        encode: what becomes of columns that are not numbers: `one-hot` (a column per category), `ordinal` (its number
            in the order that the file stores, else sorted), the categories in their order, or `refuse`; under the name
            `` the default of all columns.
        missing: what becomes of missing values: `refuse`, `drop` (the row), `mean`, `median`, `most-frequent`, or
            `impute` (the median of numbers, the most frequent category); under `` likewise. Filled in from train rows.
        group: the column whose equal values must stay in one subset; empty for none.
        time: the column rows are ordered by; empty for none.
        weights: the column that says how much a row counts in the training loss; empty for none.
        task: what kind of target it is; None to tell by its values.
        separator: what stands between the fields of a CSV file; empty for a comma, or a tab in a .tsv file.
        decimal: the decimal mark of its numbers.
        thousands: what groups the digits of its numbers; empty for nothing.
        encoding: of a CSV file, as Python names it; empty for UTF-8.
        missing_values: strings, or numbers as strings, that mean that a value is missing, beside an empty field; None
            for those of pandas, such as NA and null.

    Example:
        >>> regsearch.TableSpec(target=("price",), encode=(("city", "one-hot"),)).encode
        (('city', 'one-hot'),)
    """

    target: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    encode: Encodings = ()
    missing: Pairs = ()
    group: str = ""
    time: str = ""
    weights: str = ""
    task: Task | None = None
    separator: str = ""
    decimal: str = "."
    thousands: str = ""
    encoding: str = ""
    missing_values: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "encode", sorted_options(self.encode))
        object.__setattr__(self, "missing", sorted_options(self.missing))


@dataclass(frozen=True, kw_only=True)
class DataSpec:
    """What to train on.

    Args:
        source: a data set's name; a .csv, .txt, .parquet, .xlsx or .npz file; or `file.py:function`.
        split: how its rows are split.
        n_samples: rows drawn from a generated set.
        noise: standard deviation of the noise added to a generated set.
        random_state: seed of a generated set, and of the test subset of a split in fractions.
        fresh_test: rows drawn afresh from the generator as the test subset.
        scale: `standard` for features with mean 0 and standard deviation 1 on the train rows; `none`; or `auto`:
            standard but for ids that the model looks up, and for images of uint8, which are divided by 255.
        scale_target: whether a regression is trained on labels with mean 0 and standard deviation 1 on the train rows;
            None for yes where loss and model allow it.
        shape: the shape of one row, where its features are an image or a sequence; () to leave it as it is.
        inputs: the inputs of a model of several, in order, with the columns of a table that each takes; without columns
            they are arrays; () for a model of one input.
        shapes: the shape of one row of each input that is an image or a sequence, as pairs sorted by name.
        table: what the columns of a file are.
        params: what a `file.py:function` is called with, as sorted pairs.
        digest: the SHA-256 of the file; empty where there is none.
        folder: what the file's path is relative to; no part of the content.

    Example:
        >>> regsearch.DataSpec(source="moons", n_samples=200).noise
        0.2
    """

    source: str
    split: SplitSpec = field(default_factory=SplitSpec)
    n_samples: int = 100
    noise: float = 0.2
    random_state: int = 1
    fresh_test: int = 5000
    scale: Scale = "none"
    scale_target: bool | None = None
    shape: tuple[int, ...] = ()
    inputs: InputColumns = ()
    shapes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    table: TableSpec = field(default_factory=TableSpec)
    params: Options = ()
    digest: str = ""
    folder: str = field(default="", metadata=UNHASHED)

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", sorted_options(self.params))
        object.__setattr__(self, "shapes", sorted_options(self.shapes))

"""[data]: what to train on."""

import codecs
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from regsearch.data import GENERATED, SOURCES
from regsearch.data.table_files import CSV_ENDINGS, ENDINGS
from regsearch.errors import SweepFileError, nearest
from regsearch.in_memory import is_in_memory
from regsearch.loading import is_reference
from regsearch.spec import DataSpec, InputColumns, Scale, SplitSpec, TableSpec, Task
from sweeps.config.section import Flag, Int, Number, Section, Text, plain_option

FILES = (*ENDINGS, ".npz")
OF_COLUMNS = (
    *("target", "features", "drop", "encode", "missing", "missing_values", "thousands"),
    *("group", "time", "weights"),
)

ENCODINGS = ("one-hot", "ordinal", "refuse")
FILLINGS = ("refuse", "drop", "impute", "mean", "median", "most-frequent")


def _names(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


def _by_column(allowed: tuple[str, ...]) -> Callable[[Any], dict[str, str]]:
    """Return what reads one string for all columns, kept under the empty name, or a table of columns and strings."""

    def read(written: Any) -> dict[str, str]:
        given = {"": written} if isinstance(written, str) else written
        if not isinstance(given, dict) or not all(way in allowed for way in given.values()):
            raise ValueError(f"may be {', '.join(allowed)}, or a table of columns and these, got {written!r}")
        return given

    return read


def _encodings(written: Any) -> dict[str, str | tuple[str, ...]]:
    """Return encodings of all columns, or of each; a list is the categories of one column in their order."""
    columns = written.items() if isinstance(written, dict) else ()
    listed = {name: tuple(map(_category, each)) for name, each in columns if isinstance(each, list | tuple)}
    for name, levels in listed.items():
        if len(set(levels)) != len(levels) or len(levels) < 2:
            raise ValueError(f"of {name!r} must list two categories or more, each once, got {list(levels)}")
    rest = {name: each for name, each in columns if name not in listed} if isinstance(written, dict) else written
    return {**_by_column(ENCODINGS)(rest), **listed}


def _category(written: Any) -> str:
    if isinstance(written, bool):
        return str(written).lower()
    if not isinstance(written, str | int | float):
        raise ValueError(f"may list strings and numbers, got {written!r}")
    return f"{written:g}" if isinstance(written, float) else str(written)


def _codec(written: Any) -> Any:
    try:
        return codecs.lookup(written).name
    except (LookupError, TypeError):
        raise ValueError(f'must be an encoding that Python knows, such as "latin-1", got {written!r}') from None


def _separator(written: Any) -> Any:
    if not isinstance(written, str) or len(written) != 1 or not written.isascii() or written in '"\r\n':
        raise ValueError(f'must be one character such as ";" or "\\t", got {written!r}')
    return written


def _inputs(written: Any) -> Any:
    """Return inputs with their columns, as pairs in the order of the file; those of a list have none."""
    items = written.items() if isinstance(written, dict) else written if isinstance(written, list | tuple) else [None]
    inputs: list[Any] = [(item, ()) if isinstance(item, str) else item for item in items]
    for item in inputs:
        if not isinstance(item, list | tuple) or len(item) != 2 or not isinstance(item[1], str | list | tuple):
            ways = 'a table of columns, { numbers = ["age", "bill"], plan = ["plan"] }, or a list of names of arrays'
            raise ValueError(f"may be {ways}, got {written!r}")
    return tuple((name, _names(columns)) for name, columns in inputs)


def _shape(written: Any) -> Any:
    """Return the shape of a row, or of a row of each input."""
    for shape in written.values() if isinstance(written, dict) else [written]:
        sizes = shape if isinstance(shape, list | tuple) else [0]
        if any(isinstance(size, bool) or not isinstance(size, int) or size < 1 for size in sizes):
            ways = "a list of integers of 1 or more such as [8, 8, 1], or a table of inputs and these"
            raise ValueError(f"may be {ways}, got {written!r}")
    return written


def _once(inputs: InputColumns) -> InputColumns:
    names = [name for name, _ in inputs]
    if len(set(names)) != len(names):
        raise ValueError(f"must name each input once, got {', '.join(names)}")
    return inputs


Names = Annotated[tuple[Text, ...], BeforeValidator(_names)]
Encodings = Annotated[dict[str, str | tuple[Text, ...]], BeforeValidator(_encodings)]
Strings = tuple[Text, ...]
NamedInputs = Annotated[tuple[tuple[Text, Strings], ...], BeforeValidator(_inputs), AfterValidator(_once)]
Shape = Annotated[tuple[int, ...] | dict[str, tuple[int, ...]], BeforeValidator(_shape)]
Fillings = Annotated[dict[str, str], BeforeValidator(_by_column(FILLINGS))]


class SplitConfig(Section):
    """Row counts (integers) or fractions (below 1) of the data; or folds; or a column that says it."""

    train: Int | Number | None = Field(None, gt=0)
    validation: Int | Number | None = Field(None, gt=0)
    test: Int | Number = Field(0, ge=0)
    folds: Int | None = Field(None, ge=2)
    column: Text | None = None
    order: Literal["random", "time"] | None = None
    stratify: Flag = True
    keep: Int | None = Field(None, ge=2)
    redraw: Flag = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.validation, self.folds, self.column)) != 1:
            raise ValueError("needs one of validation, folds and column, such as { validation = 0.25, test = 0.25 }")
        if self.train is not None and self.validation is None:
            raise ValueError("train goes with validation; folds or a column decide it by themselves")
        if self.column is not None and (self.test or self.order is not None):
            raise ValueError("column says for each row where it goes: leave out test and order")
        return self

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [size for size in (self.train, self.validation, self.test) if size]
        counts = [isinstance(size, int) for size in given]
        if self.validation is not None and all(counts) and self.train is None:
            raise ValueError("counts need train as well, such as { train = 30, validation = 70 }")
        if (given and any(counts) != all(counts)) or any(isinstance(size, float) and size >= 1 for size in given):
            raise ValueError("must be all counts (integers) or all fractions (below 1)")
        if not any(counts) and self.train is None and sum(given) >= 1 - 1e-9:
            raise ValueError("fractions must leave rows to train on: their sum must stay below 1")
        if not any(counts) and sum(given) > 1 + 1e-9:
            raise ValueError("fractions must not add up to more than 1")
        return self

    def spec(self, *, order: Literal["random", "time"]) -> SplitSpec:
        """Return it as regsearch.spec has it; `order` where the file says nothing of it."""
        sizes = {"validation": self.validation} if self.validation is not None else {}
        return SplitSpec(
            train=self.train,
            **sizes,
            test=self.test,
            folds=self.folds or 0,
            column=self.column or "",
            order=self.order or order,
            stratify=self.stratify,
            keep=self.keep or 0,
            redraw=self.redraw,
        )


MOONS_SPLIT = SplitConfig(train=30, validation=70)
DEFAULT_SPLIT = SplitConfig(validation=0.25, test=0.25)


class DataConfig(Section):
    """[data]: what to train on."""

    source: Text
    target: Names = ()
    features: Names = ()
    drop: Names = ()
    encode: Encodings = Field(default_factory=dict)
    missing: Fillings = Field(default_factory=dict)
    group: Text | None = None
    time: Text | None = None
    weights: Text | None = None
    separator: Annotated[str, BeforeValidator(_separator)] | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", "'", " "] | None = None
    encoding: Annotated[str, BeforeValidator(_codec)] | None = None
    missing_values: tuple[str, ...] | None = None
    task: Task | None = None
    inputs: NamedInputs = ()
    shape: Shape = ()
    params: dict[Text, Any] = Field(default_factory=dict)
    n_samples: Int = Field(100, ge=4)
    noise: Number = Field(0.2, ge=0)
    random_state: Int = Field(1, ge=0, lt=2**32)
    fresh_test: Int = Field(5000, ge=0)
    split: SplitConfig | None = None
    scale: Scale | None = None
    scale_target: Flag | None = None

    @field_validator("source")
    @classmethod
    def _known(cls, source: str) -> str:
        if source in SOURCES or is_in_memory(source) or is_reference(source) or source.lower().endswith(FILES):
            return source
        names, endings = ", ".join(map(repr, SOURCES)), ", ".join(FILES)
        known = f"{names}, a file ending in {endings}, or 'file.py:function'"
        raise ValueError(f"may be {known}, got {source!r}{nearest(source, SOURCES)}")

    @model_validator(mode="after")
    def _keys_fit_the_source(self) -> Self:
        given = self.model_fields_set
        wrong: dict[str, tuple[str, ...]] = {}
        if self.source not in GENERATED:
            wrong["generated sets"] = ("n_samples", "noise", "fresh_test")
        if not self.is_table:
            wrong["tables"] = OF_COLUMNS
        if not self.source.lower().endswith(CSV_ENDINGS):
            wrong["CSV files"] = ("separator", "decimal", "encoding")
        if not is_reference(self.source):
            wrong["'file.py:function'"] = ("params",)
        if self.source in SOURCES:
            wrong["your own data"] = ("task", "inputs")
        for what, keys in wrong.items():
            for key in keys:
                if key in given:
                    raise SweepFileError(f"data.{key}", f"goes with {what}, not with {self.source}")
        if self.source.lower().endswith(ENDINGS) and not self.target:
            raise SweepFileError("data.target", "is required for a table: the column to predict, or a list of columns")
        if self.source.lower().endswith(".txt") and self.separator is None:
            raise SweepFileError("data.separator", 'is required for a .txt file, such as ";" or "\\t"')
        self._check_inputs()
        if self.thousands == self.decimal:
            raise SweepFileError("data.thousands", f"must differ from the decimal mark, got {self.thousands!r} twice")
        for name, value in self.params.items():
            plain_option(f"data.params.{name}", value)
        return self

    def _check_inputs(self) -> None:
        names = [name for name, _ in self.inputs]
        if self.source.lower().endswith(".npz") and any(columns for _, columns in self.inputs):
            problem = f"{self.source} has arrays, without columns; list their names"
            raise SweepFileError("data.inputs", f"{problem}: inputs = {json.dumps(names)}")
        if isinstance(self.shape, dict) and not is_reference(self.source) and not is_in_memory(self.source):
            for name in self.shape:
                if name not in names:
                    known = f"{nearest(name, names)}; inputs are {', '.join(names) or 'not named: data.inputs'}"
                    raise SweepFileError("data.shape", f"there is no input {name!r}{known}")

    @model_validator(mode="after")
    def _order_has_a_column(self) -> Self:
        ordered = self.split is not None and self.split.order == "time"
        if ordered and self.time is None and (self.source in SOURCES or self.source.lower().endswith(ENDINGS)):
            raise SweepFileError("data.split.order", '"time" needs the column that rows are ordered by: data.time')
        if self.split is not None and self.split.column is not None and not self.is_table:
            raise SweepFileError("data.split.column", f"goes with tables, not with {self.source}")
        return self

    @property
    def is_table(self) -> bool:
        """Whether it has, or may have, columns with names."""
        return self.source.lower().endswith(ENDINGS) or is_reference(self.source) or is_in_memory(self.source)

    @property
    def is_file(self) -> bool:
        """Whether it is read from a file of the user's."""
        return self.source not in SOURCES

    @property
    def file(self) -> str:
        """The path of that file, as written."""
        return self.source.rpartition(":")[0] if is_reference(self.source) else self.source

    def kept(self, rows: int) -> Self:
        """Return it with so many of the rows to train on."""
        return self.model_copy(update={"split": self._split.model_copy(update={"keep": rows})})

    def spec(self, *, digest: str = "", folder: str = "") -> DataSpec:
        """Return it with the defaults that follow from the source; digest and folder are those of the user's file."""
        scale: Scale = "none" if self.source in GENERATED else "standard" if self.source in SOURCES else "auto"
        return DataSpec(
            source=self.source,
            split=self._split.spec(order="random" if self.time is None else "time"),
            n_samples=self.n_samples,
            noise=self.noise,
            random_state=self.random_state,
            fresh_test=self.fresh_test,
            scale=self.scale or scale,
            scale_target=self.scale_target,
            shape=() if isinstance(self.shape, dict) else self.shape,
            inputs=self.inputs,
            shapes=tuple(self.shape.items()) if isinstance(self.shape, dict) else (),
            table=self._table(),
            params=tuple(self.params.items()),
            digest=digest,
            folder=folder,
        )

    @property
    def _split(self) -> SplitConfig:
        return self.split or (MOONS_SPLIT if self.source == "moons" else DEFAULT_SPLIT)

    def _table(self) -> TableSpec:
        return TableSpec(
            target=self.target,
            features=self.features,
            drop=self.drop,
            encode=tuple(self.encode.items()),
            missing=tuple(self.missing.items()),
            group=self.group or "",
            time=self.time or "",
            weights=self.weights or "",
            task=self.task,
            separator=self.separator or "",
            decimal=self.decimal,
            thousands=self.thousands or "",
            encoding=self.encoding or "",
            missing_values=self.missing_values,
        )

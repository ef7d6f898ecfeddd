"""Data sets: loaded by a spec, checked, and split into train, validation and test subsets."""

from regsearch.data.checks import checked
from regsearch.data.columns import Column
from regsearch.data.data_notices import data_notices
from regsearch.data.description import ColumnDescription, DataDescription, describe_data
from regsearch.data.named import BUNDLED, GENERATED, TASKS
from regsearch.data.sources import SOURCES, load
from regsearch.data.splits import make_split, prepared_split
from regsearch.data.subsets import DataSet, Imputation, Split, Subset, TargetScale
from regsearch.input_slices import InputSlice
from regsearch.input_use import InputUse

__all__ = [
    "BUNDLED",
    "GENERATED",
    "SOURCES",
    "TASKS",
    "Column",
    "ColumnDescription",
    "DataDescription",
    "DataSet",
    "Imputation",
    "InputSlice",
    "InputUse",
    "Split",
    "Subset",
    "TargetScale",
    "checked",
    "data_notices",
    "describe_data",
    "load",
    "make_split",
    "prepared_split",
]

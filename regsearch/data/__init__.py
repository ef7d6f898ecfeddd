"""Data sets: loaded by a spec, checked, and split into train, validation and test subsets."""

from regsearch.data.checks import checked
from regsearch.data.named import BUNDLED, GENERATED, TASKS
from regsearch.data.sources import SOURCES, load
from regsearch.data.splits import make_split
from regsearch.data.subsets import DataSet, Imputation, Split, Subset

__all__ = [
    "BUNDLED",
    "GENERATED",
    "SOURCES",
    "TASKS",
    "DataSet",
    "Imputation",
    "Split",
    "Subset",
    "checked",
    "load",
    "make_split",
]

"""Data sets: loaded by a spec, checked, and divided into train, validation and test parts."""

from regsearch.data.checks import checked
from regsearch.data.named import BUNDLED, GENERATED, TASKS
from regsearch.data.parts import DataSet, Imputation, Part, Split
from regsearch.data.sources import SOURCES, load
from regsearch.data.splits import make_split

__all__ = [
    "BUNDLED",
    "GENERATED",
    "SOURCES",
    "TASKS",
    "DataSet",
    "Imputation",
    "Part",
    "Split",
    "checked",
    "load",
    "make_split",
]

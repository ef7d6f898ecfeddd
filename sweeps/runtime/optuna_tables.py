"""Optuna's own tables, for which it has no public name: the one place that knows where they are.

A sweep is copied, renamed and deleted with its study in one transaction, which Optuna's calls cannot take part in; and
what the dashboard shows of a sweep is written at once, where its own functions write piece by piece.
"""

from optuna.storages._rdb.models import StudyModel, StudySystemAttributeModel

__all__ = ["StudyModel", "StudySystemAttributeModel"]

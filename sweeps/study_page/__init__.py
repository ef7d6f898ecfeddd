"""What optuna-dashboard shows of a sweep beside its trials: a note with the answer, and our figures."""

from sweeps.study_page.publishing import Ending, publish, published

__all__ = ["Ending", "publish", "published"]

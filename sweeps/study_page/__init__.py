"""What optuna-dashboard shows of a sweep beside its trials: a note with the answer, figures, report and pictures."""

from sweeps.study_page.drawn_artifacts import DrawnArtifacts
from sweeps.study_page.publishing import Ending, publish, published

__all__ = ["DrawnArtifacts", "Ending", "publish", "published"]

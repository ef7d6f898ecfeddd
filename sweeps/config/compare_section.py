"""[compare]: what a winner is compared with beside no regularization."""

from typing import Any

from pydantic import field_validator

from regsearch.reference_models import REFERENCE_MODELS, ReferenceModel
from sweeps.config.section import Section


class CompareConfig(Section):
    """[compare]: models that are no networks, trained on the rows of the winner's repeats."""

    baselines: tuple[ReferenceModel, ...] = ()

    @field_validator("baselines", mode="before")
    @classmethod
    def _known(cls, written: Any) -> Any:
        names = [written] if isinstance(written, str) else list(written)
        if unknown := [name for name in names if name not in REFERENCE_MODELS]:
            raise ValueError(f"must be some of {', '.join(REFERENCE_MODELS)}, got {unknown[0]!r}")
        return tuple(dict.fromkeys(names))

"""Several trained networks that predict together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.fitted import FittedModel
from regsearch.predicted_labels import predicted_labels


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedEnsemble:
    """Several trainings of one configuration, whose outputs are averaged: ŷ = Σ ŷᵢ / n.

    Of classes these are probabilities, so that the mean is one too (Lakshminarayanan, Pritzel and Blundell 2017, Simple
    and Scalable Predictive Uncertainty Estimation using Deep Ensembles).

    Args:
        members: the trainings, at least one.

    Example:
        >>> together = found.ensemble(3)
        >>> together.outputs([[0.0, 0.5]]).shape, together.spread([[0.0, 0.5]]).shape
        ((1, 1), (1, 1))
    """

    members: tuple[FittedModel, ...]

    def outputs(self, x: Any) -> NDArray[Any]:
        """Return the mean of what the members give for new rows; see `FittedModel.outputs`.

        Args:
            x: (rows, *shape of one row) in the units of the data set; of a table, a DataFrame with its columns.

        Returns:
            (rows, outputs), of a regression in the target's own units.

        Raises:
            DataError: as `FittedModel.outputs`.
        """
        return np.mean([member.outputs(x) for member in self.members], axis=0)  # type: ignore[no-any-return]

    def spread(self, x: Any) -> NDArray[Any]:
        """Return the standard deviation of the members' outputs: how much another training would say otherwise.

        Args:
            x: as for `outputs`.

        Returns:
            (rows, outputs), over n - 1; NaN of a single member.

        Raises:
            DataError: as `FittedModel.outputs`.
        """
        found = np.stack([member.outputs(x) for member in self.members])  # (members, rows, outputs)
        return found.std(axis=0, ddof=1) if len(found) > 1 else np.full_like(found[0], np.nan)

    def predict(self, x: Any) -> NDArray[Any]:
        """Return the predicted labels of new rows, as the data set has them; see `FittedModel.predict`.

        Args:
            x: as for `outputs`.

        Raises:
            DataError: as `FittedModel.outputs`.
        """
        return predicted_labels(self.outputs(x), self.members[0].data)

    def __repr__(self) -> str:
        return f"FittedEnsemble of {len(self.members)} trainings"

"""What is measured on a trained model: scores, scores row by row, weight norms, and how each phase ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from regsearch.data import Split, Subset
from regsearch.penalties import l1_norm, l2_norm
from regsearch.results import PhaseResult, Repeat, RowScores, Scores, WeightNorm
from regsearch.scoring import Metric
from regsearch.spec import round_lambda
from regsearch.surfaces import surface_of
from regsearch.trainers.base import Trained, Trainer, TrainerPhase
from regsearch.trainers.tensors import Array

MAX_ROWS = {"validation": 2_000, "test": 10_000}  # scored row by row


@dataclass(frozen=True, kw_only=True)
class Measurements:
    """Measures what a trainer has trained.

    Args:
        trainer: who trained it.
        metric: what it is scored by.
        split: what it was trained on.
    """

    trainer: Trainer
    metric: Metric
    split: Split

    def scored(self, repeat: Repeat, trained: Trained, *, test: bool) -> Repeat:
        """Return a repeat with its scores and weight norms; those on the test rows where asked for."""
        validation, validation_rows = self._scores(trained, self.split.validation, MAX_ROWS["validation"])
        repeat = replace(
            repeat,
            train=self._scores(trained, self.split.train)[0],
            validation=validation,
            validation_rows=validation_rows,
            weight_norms=self._norms(trained),
        )
        if not test or self.split.test is None:
            return repeat
        scores, rows = self._scores(trained, self.split.test, MAX_ROWS["test"])
        return replace(repeat, test=scores, test_rows=rows)

    def phases(
        self, phases: Sequence[TrainerPhase], stages: Sequence[Trained], *, with_surface: bool
    ) -> tuple[PhaseResult, ...]:
        """Return how the model stood at the end of each phase that did not diverge."""
        return tuple(
            PhaseResult(
                phase=phase,
                epochs=trained.epochs,
                coefficient=round_lambda(float(phases[phase].coefficients.max(initial=0.0))),
                train=self._scores(trained, self.split.train)[0],
                validation=self._scores(trained, self.split.validation)[0],
                weight_norms=self._norms(trained),
                surface=surface_of(self.trainer, trained, self.split) if with_surface else None,
            )
            for phase, trained in enumerate(stages)
            if not trained.diverged
        )

    def _scores(self, trained: Trained, subset: Subset, most_rows: int = 0) -> tuple[Scores, RowScores]:
        prediction, loss = self.trainer.outputs(trained.after, trained.state, subset.x, subset.y, self.split.unit)
        predicted = self.split.in_own_units(prediction)
        rows = np.asarray(self.metric.rows(np, subset.labels, predicted), np.float64)  # (rows,)
        kept = evenly_spread(len(rows), most_rows)
        of_rows = rows if self.metric.contributions is None else self.metric.row_scores(subset.labels, predicted)
        row_scores = RowScores(rows=subset.rows[kept], scores=of_rows[kept].astype(np.float32))
        return Scores(score=float(rows.mean()), loss=loss), row_scores

    def _norms(self, trained: Trained) -> tuple[WeightNorm, ...]:
        return tuple(
            WeightNorm(
                layer=weight.layer,
                weight=weight.name,
                unit=weight.unit,
                kinds=tuple(sorted(weight.kinds)),
                l1_before=l1_norm(before),
                l2_before=l2_norm(before),
                l1_after=l1_norm(after),
                l2_after=l2_norm(after),
            )
            for weight, before, after in zip(self.trainer.weights, trained.before, trained.after, strict=True)
        )


def evenly_spread(rows: int, most: int) -> Array:
    """Return at most `most` row positions, evenly spread: the same for every configuration."""
    return np.arange(rows) if rows <= most else np.linspace(0, rows - 1, most).round().astype(int)

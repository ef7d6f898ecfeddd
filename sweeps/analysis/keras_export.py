"""The winner as a trained model in a .keras file, and a model card beside it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regsearch.ensemble import FittedEnsemble
from regsearch.fitted import FittedModel, Rows
from regsearch.importance import permutation_importances
from regsearch.measurements import evenly_spread
from regsearch.repeat_splits import places_of, repeat_data
from regsearch.spec import DataSpec
from regsearch.trial import evaluator
from regsearch.whole_model import raw_rows, save_model, whole_model
from sweeps.analysis.answer import Answer
from sweeps.analysis.model_card import ModelFacts, model_card
from sweeps.analysis.snapshot import SweepSnapshot

MOST_CHECKED = 2_000  # rows that a saved model is held to


def card_beside(path: Path) -> Path:
    """Return the path of a model's card."""
    return path.with_suffix(".md")


def export_keras(
    members: Sequence[FittedModel],
    scored: FittedModel,
    answer: Answer,
    snapshot: SweepSnapshot,
    path: Path,
    refit: Rows,
) -> str:
    """Write a model that takes raw rows to a file, and return its card.

    Args:
        members: trainings of the winner; of several the model gives the mean.
        scored: one that has validation rows left: its score and what it leans on are on the card.
        answer: it has a winner.
        snapshot: what it was made of.
        path: of the .keras file.
        refit: what the members were trained on.

    Raises:
        InputError: Keras alone could not load it, or the file cannot be written.
    """
    spec = snapshot.trial_spec(answer.winner.configuration)
    data, metric = repeat_data(spec.data, scored.repeat.seed), evaluator(spec).metric
    rows = _validation_rows(scored, spec.data)
    checked = rows if refit == "train" else evenly_spread(len(data.x), MOST_CHECKED)
    wanted = FittedEnsemble(members=tuple(members)).outputs(data.x[checked])
    save_model(whole_model(members, _as_name(snapshot.name)), path, raw_rows(data, checked), wanted)
    shared = refit == "train" and len(members) > 1 and not snapshot.config.varied_rows
    facts = ModelFacts(
        file=path.name,
        refit=refit,
        members=tuple(members),
        scored=scored,
        together=float(np.mean(metric.rows(np, data.y[rows], wanted))) if shared else None,
        data=data,
        importances=permutation_importances(scored, data, rows, metric),
    )
    return model_card(answer, snapshot, facts)


def _validation_rows(fitted: FittedModel, data: DataSpec) -> NDArray[np.int64]:
    """Return the places of the rows that a training was scored on, evenly spread where there are many."""
    assert fitted.repeat.validation_rows is not None
    return places_of(fitted.repeat.validation_rows.rows, data, fitted.repeat.repeat)


def _as_name(name: str) -> str:
    """Return a sweep's name as Keras takes one."""
    return name.replace(".", "_").replace("-", "_")

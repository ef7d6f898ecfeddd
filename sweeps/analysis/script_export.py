"""The winner as a plain Keras script that imports nothing of ours."""

from pathlib import Path

from regsearch.script import keras_script
from regsearch.seeds import repeat_seed
from sweeps.analysis.answer import Answer
from sweeps.analysis.snapshot import SweepSnapshot

REPEAT = 0  # the one that the script trains again


def to_script(answer: Answer, script: Path, snapshot: SweepSnapshot | None = None) -> str:
    """Return a script that trains the winner as the search did in its first repeat, and prints the score.

    Args:
        answer: it has a winner.
        script: where it is to be.
        snapshot: what the answer was made of, to say what that repeat scored.

    Raises:
        InputError: the data, the builder or the training cannot be written into a script.
    """
    config, winner = answer.config, answer.winner
    seed = repeat_seed(config.seed, "search", REPEAT)
    target = f", on {winner.configuration.target}" if winner.configuration.target else ""
    lines = [f"{answer.sweep}: {winner.configuration}{target}.", ""]
    found = None if snapshot is None else _recorded(snapshot, answer)
    spread = "" if winner.std is None else f" ± {winner.std:.4f}"
    all_of_them = f"its {winner.n} repeats scored {winner.mean:.4f}{spread}"
    recorded = "" if found is None else f"this one {found:.6f}, and "
    lines.append("Trains the first repeat of the sweep again.")
    lines.append(f"By {config.metric} on validation rows {recorded}{all_of_them}.")
    spec = config.trial_spec(winner.configuration)
    return keras_script(spec, seed=seed, repeat=REPEAT, script=script, about="\n".join(lines)).text


def _recorded(snapshot: SweepSnapshot, answer: Answer) -> float | None:
    """Return the validation score of the repeat, where scores of all its rows are kept."""
    details = snapshot.details.get(answer.winner.id)
    if details is None or details.validation_rows.empty:
        return None
    rows = details.validation_rows
    scores = rows.loc[rows["repeat"] == REPEAT, "score"]
    kept = snapshot.checks.get("subsets", {}).get("validation")
    return float(scores.astype(float).mean()) if len(scores) == kept else None

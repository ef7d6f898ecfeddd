"""Everything that decides the outcome of a training but its seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from regsearch.errors import InputError
from regsearch.options import Option, require
from regsearch.spec.data_spec import DataSpec
from regsearch.spec.hashing import UNHASHED, content_hash
from regsearch.spec.model_spec import ModelSpec
from regsearch.spec.penalty import Penalty, Phase
from regsearch.spec.plain import from_plain, to_plain
from regsearch.spec.training_spec import TrainingSpec

Purpose = Literal["search", "confirm"]
MAX_PHASES = 100  # each ends in a point of the learning curve


@dataclass(frozen=True, kw_only=True)
class TrialSpec:
    """Everything that decides the outcome of a training but its seed.

    Args:
        data: what to train on.
        model: what to train.
        training: how to train.
        metric: what a repeat is scored by on the validation data: a name, or `file.py:function`.
        metric_digest: the SHA-256 of the metric's file; empty for a named one.
        metric_folder: what that file's path is relative to; no part of the content.
        resample: whether each repeat draws its own train/validation split.
        penalties: what is added to the loss; empty for none, and where there are phases.
        phases: penalties on a schedule, trained one after the other from the same state.
        weight_decay: decoupled weight decay: before each step, learning rate · weight_decay · w is taken off every
            trainable weight w, as Keras' optimizers do (Loshchilov and Hutter 2019, without their schedule).

    Raises:
        InputError: phases do not go with the rest, or their epochs do not add up to those of the training.

    Example:
        >>> spec = regsearch.TrialSpec(data=regsearch.DataSpec(source="moons"), metric="accuracy")
        >>> regsearch.TrialSpec.from_dict(spec.to_dict()) == spec
        True
    """

    data: DataSpec
    metric: str
    metric_digest: str = ""
    metric_folder: str = field(default="", metadata=UNHASHED)
    model: ModelSpec = field(default_factory=ModelSpec)
    training: TrainingSpec = field(default_factory=TrainingSpec)
    resample: bool = False
    penalties: tuple[Penalty, ...] = ()
    phases: tuple[Phase, ...] = field(default=(), metadata={"stored": "levels"})
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require("weight_decay", self.weight_decay, Option(low=0))
        if not self.phases:
            return
        lengths, epochs = [phase.epochs for phase in self.phases], self.training.epochs
        if sum(lengths) != epochs:
            added = f"{' + '.join(map(str, lengths))} = {sum(lengths)}"
            raise InputError("phases", f"their epochs must add up to training.epochs, got {added} and {epochs}")
        if len(self.phases) > MAX_PHASES:
            raise InputError("phases", f"must be at most {MAX_PHASES}, got {len(self.phases)}")
        if self.penalties:
            raise InputError("phases", "go without penalties: each phase has its own")
        if self.training.early_stopping is not None:
            raise InputError("phases", "go without training.early_stopping: every phase is trained to its end")

    def trained_by(self, engine: str | None) -> Self:
        """Return it with the engine named, unless it names one already or there is none to name."""
        if engine is None or self.training.engine != "auto":
            return self
        return replace(self, training=replace(self.training, engine=engine))

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts and lists, ready for JSON; `from_dict` turns them back."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Rebuild a spec from what `to_dict` returned, by this version or an earlier one."""
        spec: Self = from_plain(cls, plain)
        return spec

    def key(self) -> str:
        """Return the content hash: equal for specs that mean the same training."""
        return content_hash(self)

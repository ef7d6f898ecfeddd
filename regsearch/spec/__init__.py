"""What one training is: data, model, training settings and penalties, as frozen values with a content hash."""

from regsearch.spec.configuration import REGULARIZERS, Configuration, Regularizer, Schedule
from regsearch.spec.data_spec import DataSpec, InputColumns, Scale, SplitSpec, TableSpec, Task
from regsearch.spec.hashing import content_hash, format_lambda, round_lambda
from regsearch.spec.model_spec import ModelSpec
from regsearch.spec.penalty import Penalty, Phase, Target
from regsearch.spec.training_spec import ClassWeight, EarlyStopping, Engine, Named, Options, TrainingSpec
from regsearch.spec.trial_spec import Purpose, TrialSpec

__all__ = [
    "REGULARIZERS",
    "ClassWeight",
    "Configuration",
    "DataSpec",
    "EarlyStopping",
    "Engine",
    "InputColumns",
    "ModelSpec",
    "Named",
    "Options",
    "Penalty",
    "Phase",
    "Purpose",
    "Regularizer",
    "Scale",
    "Schedule",
    "SplitSpec",
    "TableSpec",
    "Target",
    "Task",
    "TrainingSpec",
    "TrialSpec",
    "content_hash",
    "format_lambda",
    "round_lambda",
]

"""Trained networks and all that is done to rows before and after them, as one Keras model."""

from collections.abc import Mapping, Sequence

from regsearch.backend import load_keras
from regsearch.fitted import FittedModel
from regsearch.trainers.tensors import Model, Tensor
from regsearch.whole_model.raw_inputs import features, raw_inputs
from regsearch.whole_model.scaled import restored, scaled


def whole_model(members: Sequence[FittedModel], name: str) -> Model:
    """Return a Keras model that takes raw rows and gives what trained networks give for them, the mean of several.

    It shares the weights of the networks. Operations between layers are of keras.ops, so that Keras alone can load it.

    Args:
        members: trainings of one configuration, at least one; each brings its own preparation.
        name: of the model.

    Returns:
        A keras.Model that takes what `raw_rows` gives: of a table a dict of columns, strings or numbers, "" or NaN
        where a value is missing. Its outputs, (rows, outputs), are those of `FittedModel.outputs`. A string that was
        not there in training raises; a number that is none of its column's categories makes the outputs NaN.
    """
    keras = load_keras()
    data = members[0].data
    inputs = raw_inputs(data)
    networks = [member.model.name for member in members]
    try:
        if len(members) > 1:
            for i, member in enumerate(members):
                member.model.name = f"network_{i + 1}"  # a model takes each name once
        outputs = [_outputs(inputs, member) for member in members]
        together = outputs[0] if len(outputs) == 1 else keras.ops.mean(keras.ops.stack(outputs), axis=0)
        single = not data.columns and not data.inputs
        return keras.Model(next(iter(inputs.values())) if single else dict(inputs), together, name=name)
    except Exception:
        for member, network in zip(members, networks, strict=True):
            member.model.name = network
        raise


def _outputs(inputs: Mapping[str, Tensor], member: FittedModel) -> Tensor:
    x = scaled(features(inputs, member.data, member.preparation), member.preparation)
    return restored(member.model(member.inputs.of(x)), member.preparation.target_scale)

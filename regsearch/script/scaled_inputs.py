"""The lines of a script that bring features and labels to one scale, by the train rows."""

import numpy as np

from regsearch.data import DataSet
from regsearch.data.scaling import id_channels, scaling_of
from regsearch.input_slices import InputSlice, ModelInputs
from regsearch.input_use import InputUse
from regsearch.script.code import Code, literal
from regsearch.spec import DataSpec


def features_scaling_code(
    spec: DataSpec, data: DataSet, uses: tuple[InputUse, ...], train: np.ndarray, code: Code
) -> None:
    """Add the lines that scale `x`, of each input of the model for itself.

    Args:
        spec: what was asked for.
        data: all rows.
        uses: what the model does with each of its inputs first.
        train: positions of the train rows.
        code: what the lines are added to.
    """
    for taken, use in zip(data.slices, uses, strict=True):
        kind = scaling_of(spec, data, taken, use)
        if kind in ("none", "ids"):
            continue
        whole = not data.inputs
        name = "x" if whole else _python_name(taken.name)
        if not whole:
            code.add(f"{name} = {_cut(taken)}")
        if kind == "image":
            code.add(f"{name} = {name} / 255")
        else:
            _standardize(name, data, taken, use, train, code)
        if not whole:
            code.add(f"x[:, {taken.start}:{taken.stop}] = {name}.reshape(len(x), -1)")
    code.add('x = x.astype("float32")')


def inputs_code(inputs: ModelInputs, rows: str) -> str:
    """Return the expression of what a model is called with for some rows."""
    if inputs.form == "one" and not inputs.slices:
        return f"x[{rows}]"
    return f"inputs_of(x[{rows}])"


def inputs_function(inputs: ModelInputs, code: Code) -> None:
    """Add the function that cuts rows into the inputs of a model of several."""
    if inputs.form == "one" and not inputs.slices:
        return
    cuts = {each.name: _cut(each) for each in inputs.slices}
    match inputs.form:
        case "dict":
            made = "{" + ", ".join(f"{literal(name)}: {cut}" for name, cut in cuts.items()) + "}"
        case "tuple":
            made = "(" + ", ".join(cuts[name] for name in inputs.names) + ")"
        case "one":
            made = next(iter(cuts.values()))
    code.add("def inputs_of(x):", f"    return {made}", "")


def labels_scaling_code(code: Code) -> None:
    """Add the lines that standardize a regression's labels."""
    code.add(
        "y_mean, y_std = y[train].mean(axis=0), y[train].std(axis=0)",
        'labels = ((y - y_mean) / y_std).astype("float32")',
    )


def _standardize(name: str, data: DataSet, taken: InputSlice, use: InputUse, train: np.ndarray, code: Code) -> None:
    x = np.asarray(taken.of(data.x[train]), np.float64)
    axes = tuple(range(x.ndim - 1))
    axis = "axis=0" if len(axes) == 1 else f"axis={axes}"
    shown = f"{name}[train]"
    if use.mask_value is not None:
        code.add(f"is_padding = ({name} == {literal(use.mask_value)}).all(axis=-1)  # left as it is")
        shown, axis = f"{name}[train][~is_padding[train]]", "axis=0"
    code.add(f"mean, std = {shown}.mean({axis}), {shown}.std({axis})")
    if (np.ptp(x, axis=axes) == 0).any():
        code.add(f"std[np.ptp({shown}, {axis}) == 0] = 1  # constant")
    if (ids := id_channels(taken, use)).size:
        code.add(f"mean[{ids.tolist()}], std[{ids.tolist()}] = 0, 1  # looked up by the model")
    scaled = f"({name} - mean) / std"
    if use.mask_value is not None:
        scaled = f"np.where(is_padding[..., None], {literal(use.mask_value)}, {scaled})"
    code.add(f"{name} = {scaled}")


def _cut(taken: InputSlice) -> str:
    cut = f"x[:, {taken.start}:{taken.stop}]"
    return cut if len(taken.shape) == 1 else f"{cut}.reshape(-1, {', '.join(map(str, taken.shape))})"


def _python_name(name: str) -> str:
    plain = "".join(c if c.isalnum() else "_" for c in name)
    return f"input_{plain}"

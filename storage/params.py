"""A configuration as JSON, whole, and back."""

from collections.abc import Mapping
from typing import Any

from regsearch.spec import Configuration, Target


def to_params(configuration: Configuration) -> dict[str, Any]:
    """Return a configuration as plain values; `from_params` turns them back."""
    target = configuration.target
    return {
        "regularizer": configuration.regularizer,
        "lambda_l1": float(configuration.lambda_l1),
        "lambda_l2": float(configuration.lambda_l2),
        "target": None if target is None else {"layers": target.layers, "weights": list(target.weights)},
    }


def from_params(params: Mapping[str, Any]) -> Configuration:
    """Rebuild a configuration from what `to_params` returned."""
    target = params["target"]
    return Configuration(
        regularizer=params["regularizer"],
        lambda_l1=params["lambda_l1"],
        lambda_l2=params["lambda_l2"],
        target=None if target is None else Target(layers=target["layers"], weights=tuple(target["weights"])),
    )

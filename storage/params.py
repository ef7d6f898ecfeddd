"""A configuration as JSON, whole, and back."""

from collections.abc import Mapping
from typing import Any

from regsearch.spec import Configuration
from regsearch.spec.plain import from_plain, to_plain

ALWAYS = ("regularizer", "lambda_l1", "lambda_l2", "target")
_DEFAULTS = to_plain(Configuration())


def to_params(configuration: Configuration) -> dict[str, Any]:
    """Return a configuration as plain values, most defaults left out; `from_params` turns them back."""
    plain = to_plain(configuration)
    return {name: value for name, value in plain.items() if name in ALWAYS or value != _DEFAULTS[name]}


def from_params(params: Mapping[str, Any]) -> Configuration:
    """Rebuild a configuration from what `to_params` returned."""
    configuration: Configuration = from_plain(Configuration, params)
    return configuration

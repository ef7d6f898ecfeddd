"""One Keras model from raw rows to outputs: filling in, encoding, scaling, the network, the target's own units."""

from regsearch.whole_model.model_file import save_model
from regsearch.whole_model.raw_rows import raw_rows
from regsearch.whole_model.whole_model import whole_model

__all__ = ["raw_rows", "save_model", "whole_model"]

"""Options of the built-in builders and their defaults, known without loading Keras; regsearch.architectures builds."""

from regsearch.options import Choice, Option

HIDDEN_UNITS = (500,)  # of the case study's network, the default
ACTIVATIONS = ("relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "leaky_relu", "softplus", "linear")

_ACTIVATION = Option(kind=str, strings=ACTIVATIONS, default="relu")
_DROPOUT = Option(low=0, below=1, default=0.0)
_NORMALIZATION = Option(kind=bool, default=False)


def _counts(*default: int, empty: bool = False) -> Option:
    return Option(kind=int, low=1, many=True, empty=empty, default=default)


BUILDERS: dict[str, Choice] = {
    "mlp": Choice(
        options={
            "hidden": _counts(*HIDDEN_UNITS, empty=True),
            "activation": _ACTIVATION,
            "dropout": _DROPOUT,
            "batch_normalization": _NORMALIZATION,
        }
    ),
    "cnn": Choice(
        options={
            "filters": _counts(32, 64),
            "kernel_size": Option(kind=int, low=1, default=3),
            "pooling": Option(kind=int, low=1, default=2),
            "hidden": _counts(64, empty=True),
            "activation": _ACTIVATION,
            "dropout": _DROPOUT,
            "batch_normalization": _NORMALIZATION,
        }
    ),
    "lstm": Choice(
        options={
            "units": _counts(32),
            "cell": Option(kind=str, strings=("lstm", "gru"), default="lstm"),
            "bidirectional": Option(kind=bool, default=False),
            "hidden": _counts(empty=True),
            "activation": _ACTIVATION,
            "dropout": _DROPOUT,
        }
    ),
}

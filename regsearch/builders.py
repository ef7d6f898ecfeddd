"""Built-in builders: their options, checked without loading Keras."""

from regsearch.options import Choice, Option

BUILDERS: dict[str, Choice] = {
    "mlp": Choice(options={"hidden": Option(kind=int, low=1, many=True, default=(500,))}),
}

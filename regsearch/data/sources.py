"""From a spec to its data set."""

from functools import lru_cache

from regsearch.data.checks import checked
from regsearch.data.named import BUNDLED, GENERATED, bundled, generated
from regsearch.data.parts import DataSet
from regsearch.errors import DataError, nearest
from regsearch.spec import DataSpec

SOURCES = GENERATED + BUNDLED


def load(spec: DataSpec) -> DataSet:
    """Return the data set a spec names.

    Raises:
        DataError: there is no data set of that name, or it cannot be trained on.
    """
    if spec.source not in SOURCES:
        raise DataError(
            "data.source", f"{spec.source!r} is not one of {', '.join(SOURCES)}{nearest(spec.source, SOURCES)}"
        )
    return _load(spec)


@lru_cache(maxsize=8)
def _load(spec: DataSpec) -> DataSet:
    if spec.source in GENERATED:
        return checked(generated(spec, spec.n_samples, spec.random_state))
    return checked(bundled(spec.source))

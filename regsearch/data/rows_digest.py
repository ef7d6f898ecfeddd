"""Which rows a sweep confirms on, as a digest: two sweeps with the same one look at the same rows."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from regsearch.data.named import GENERATED
from regsearch.data.subsets import Split
from regsearch.spec import DataSpec


def digest_of_test_rows(spec: DataSpec, split: Split) -> str:
    """Return the SHA-256 (64 hex digits) of what the test rows are; empty where there are none.

    It depends on the file or the generator, the column to predict and the rows' numbers, not on what is made of the
    features, nor on which rows train.

    Args:
        spec: of the data set.
        split: of any repeat: all have the same test rows.
    """
    if split.test is None:
        return ""
    table = asdict(spec.table)
    what: dict[str, Any] = {
        "source": spec.digest or spec.source,
        "read": {name: table[name] for name in ("target", "separator", "decimal", "thousands", "encoding")},
        "params": spec.params,
        "rows": sorted(map(int, split.test.rows)),
    }
    if spec.source in GENERATED:
        what["generated"] = {"n_samples": spec.n_samples, "noise": spec.noise, "seed": spec.random_state}
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()

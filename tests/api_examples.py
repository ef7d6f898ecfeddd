"""What the examples in the docstrings of public names share, and how they are run: all in one process."""

import doctest
import inspect
from collections.abc import Iterator
from typing import Any

import regsearch
from tests.api_docs import members

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SETUP = '''
from pathlib import Path

import numpy as np
import regsearch

Path("small.toml").write_text("""
name = "small"
data = { source = "moons", fresh_test = 100 }
model = { hidden = [4] }
training = { epochs = 20 }
search = { strategy = "grid", regularizers = ["l2"], lambda = { low = 1e-3, high = 1e-2 } }
evaluation = { repeats = 2 }
""")
found = regsearch.run("small.toml", progress=False)  # in sqlite:///regsearch.db

rng = np.random.default_rng(0)
X = rng.normal(size=(120, 4))  # 120 rows of 4 numbers
y = (X[:, 0] + X[:, 1] > 0).astype(int)  # which of two classes each is
'''


def examples(name: str, names: dict[str, Any]) -> Iterator[doctest.DocTest]:
    """Yield the examples of a public name, and of its own methods and properties."""
    value = getattr(regsearch, name)
    documented = {name: value} | ({f"{name}.{n}": m for n, m in members(value)} if isinstance(value, type) else {})
    for title, each in documented.items():
        text = inspect.getdoc(getattr(each, "func", each)) or ""
        found = doctest.DocTestParser().get_doctest(text, dict(names), title, title, 0)
        if found.examples:
            yield found


def failures(test: doctest.DocTest) -> str:
    """Run one docstring's examples; return what differs, empty where nothing does."""
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    return "".join(said)

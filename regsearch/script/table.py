"""The lines of a script that make numbers of a table's columns: labels before rows are split, features after."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from regsearch.data import DataSet
from regsearch.data.columns import Column
from regsearch.errors import InputError
from regsearch.script.code import Code, literal
from regsearch.spec import DataSpec

SHORT = 6  # columns that are listed by name; of more those that are left out, where these are fewer


def labels_code(spec: DataSpec, data: DataSet, code: Code) -> None:
    """Add the lines that leave rows out and assign `y`, and what else rows are split by, or weighted."""
    table = spec.table
    missing = dict(table.missing)
    everywhere = (*table.target, *(column.name for column in data.columns if column.use == "feature"))
    named = {column.name: missing.get(column.name) for column in data.columns}
    dropped = [
        name for name, way in named.items() if (way or (missing.get("") if name in everywhere else None)) == "drop"
    ]
    if dropped:
        code.add(f"table = table.dropna(subset={literal(dropped)}).reset_index(drop=True)")
    if len(table.target) > 1:
        code.add(f"y = table[{literal(list(table.target))}].to_numpy(float)")
    else:
        code.add(f"y = table[{literal(table.target[0])}].to_numpy()")
    if table.group:
        code.needs("import pandas as pd")
        code.add(f"groups = pd.factorize(table[{literal(table.group)}])[0]")
    if table.weights:
        code.add(f'row_weights = table[{literal(table.weights)}].to_numpy("float32")')
    if table.time:
        code.add(f"times = {_times(table.time, data)}")


def features_code(data: DataSet, table: Any, fillings: Mapping[str, Any], code: Code) -> None:
    """Add the lines that assign x, (rows, numbers), from the columns of `table`, missing values filled in.

    Args:
        data: what x is to be.
        table: the pandas.DataFrame as the script has read it.
        fillings: what fills in which columns; see `_fill`.
        code: what the lines are added to.
    """
    columns = _in_order(data)
    encoded = [column for column in columns if column.encoding != "numbers"]
    _fill(columns, fillings, code)
    for kind, name, about in (
        ("one-hot", "CATEGORIES", "a column each"),
        ("ordinal", "ORDERS", "their places are their numbers"),
    ):
        chosen = {c.name: _as_in_table(c, table[c.name]) for c in encoded if c.encoding == kind}
        if chosen:
            lines = [f"    {literal(key)}: {literal(values)}," for key, values in chosen.items()]
            code.add(f"{name} = {{  # {about}", *lines, "}")
    if any(column.encoding == "ordinal" for column in encoded):
        code.needs("import pandas as pd")
        code.add("for name, order in ORDERS.items():")
        code.add("    table[name] = pd.Categorical(table[name], categories=order).codes")
    if not any(column.encoding == "one-hot" for column in encoded):
        code.add(f"x = table{_selection(columns, table)}.to_numpy(float)")
        return
    code.needs("import pandas as pd")
    names = literal([column.name for column in columns])
    code.add(
        "blocks = []",
        f"for name in {names}:",
        "    if name in CATEGORIES:",
        "        blocks.append(pd.get_dummies(pd.Categorical(table[name], categories=CATEGORIES[name])))",
        "    else:",
        "        blocks.append(table[[name]])",
        "x = np.hstack([block.to_numpy(float) for block in blocks])",
    )


def _in_order(data: DataSet) -> list[Column]:
    """Return the columns that are features, in the order of x."""
    named = {column.name: column for column in data.columns if column.use == "feature"}
    return [named[name] for name in dict.fromkeys(_column_of(feature, named) for feature in data.feature_names)]


def _column_of(feature: str, named: Mapping[str, Column]) -> str:
    """Return which column a feature comes from: `city` of `city=Bern`."""
    if feature in named and named[feature].encoding != "one-hot":
        return feature
    owners = [name for name, c in named.items() if feature in {f"{name}={category}" for category in c.categories}]
    return owners[0]


def _fill(columns: Sequence[Column], fillings: Mapping[str, Any], code: Code) -> None:
    """Add the lines that fill in missing values, from the train rows.

    `fillings` says of a column which pandas expression gives what fills it in, or the value itself.
    """
    by_expression: dict[str, list[str]] = {}
    for column in columns:
        if column.name in fillings:
            if column.kind == "booleans" and column.encoding == "numbers":
                code.add(f"table[{literal(column.name)}] = table[{literal(column.name)}].astype(float)")
            by_expression.setdefault(fillings[column.name], []).append(column.name)
    for expression, names in by_expression.items():
        code.add(f"for name in {literal(names)}:")
        code.add(f"    table[name] = table[name].fillna({expression})")


def filling_expression(column: Column, table: Any, train: Any, wanted: Sequence[float]) -> str:
    """Return the expression of what fills in a column's missing values.

    Args:
        column: which.
        table: the pandas.DataFrame.
        train: positions of the train rows.
        wanted: what stands for it in x: one number, or one per category.
    """
    known = "table[name].iloc[train]"
    if column.filling in ("mean", "median"):
        return f"{known}.{column.filling}()"
    if column.encoding == "numbers":
        return f"{known}.mode()[0]"
    place = int(max(range(len(wanted)), key=wanted.__getitem__)) if column.encoding == "one-hot" else int(wanted[0])
    value = _as_in_table(column, table[column.name])[place]
    frequent = list(table[column.name].iloc[train].mode())
    if frequent[0] == value:
        return f"{known}.mode()[0]"
    return f"{known}.mode().iloc[-1]" if frequent[-1] == value else literal(value)


def _as_in_table(column: Column, values: Any) -> list[Any]:
    """Return a column's categories as the table holds them: numbers and booleans as such."""
    known = values.dropna().unique().tolist()
    if all(isinstance(value, str) for value in known):
        return list(column.categories)
    if all(isinstance(value, bool) for value in known):
        return [category == "true" for category in column.categories]
    try:
        numbers = [float(category) for category in column.categories]
    except ValueError:
        raise InputError("--to", f"a script cannot name the categories of column {column.name!r}") from None
    whole = all(math.isfinite(number) and number.is_integer() for number in numbers)
    return [int(number) for number in numbers] if whole else numbers


def _selection(columns: Sequence[Column], table: Any) -> str:
    """Return what selects the columns of a table, by name or by those that are left out."""
    names = [column.name for column in columns]
    others = [name for name in table.columns if name not in names]
    if len(names) > SHORT and len(others) < len(names) and [n for n in table.columns if n in names] == names:
        return f".drop(columns={literal(others)})"
    return f"[{literal(names)}]"


def _times(name: str, data: DataSet) -> str:
    column = next(column for column in data.columns if column.name == name)
    if column.kind == "strings":
        return f'pd.to_datetime(table[{literal(name)}], utc=True, format="ISO8601").to_numpy()'
    return f"table[{literal(name)}].to_numpy()"

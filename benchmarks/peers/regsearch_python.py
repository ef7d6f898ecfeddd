"""regsearch from Python: rows in, a sweep in SQLite out."""

from shared import KEPT, begin, given

import regsearch

task = given()
begin()
# the user's
orders = [lambda_ for lambda_ in task.lambdas if lambda_]
found = regsearch.search(
    task.x,
    task.y.astype(int),
    regularizers=["none", "l2"],
    lambdas=(min(orders), max(orders)),
    strategy="grid",
    validation_data=(task.x_validation, task.y_validation.astype(int)),
    epochs=task.epochs,
    batch_size=task.batch_size,
    repeats=task.repeats,
    more={"data": {"scale": "none"}, "model": {"hidden": [task.hidden]}},
    storage=KEPT / "grid.db",
    progress=False,
)
# end

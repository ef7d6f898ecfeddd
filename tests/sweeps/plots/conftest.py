import pytest

from tests.sweeps.tiny import NONE, Tiny, config, repeat, tied

CURVE = {
    "epochs": [5, 10, 15],
    "train_loss": [0.4, 0.2, 0.1],
    "train_score": [0.8, 0.9, 1.0],
    "validation_loss": [0.5, 0.3, 0.4],
    "validation_score": [0.7, 0.9, 0.8],
}
OTHER_CURVE = CURVE | {"validation_loss": [0.7, 0.3, 0.6]}


def norms(after: float) -> dict[tuple[str, str], tuple[float, float]]:
    return {("hidden_1", "kernel"): (2.0, after), ("hidden_1", "bias"): (0.0, 9.0), ("output", "kernel"): (1.0, 8.0)}


@pytest.fixture
def l2(sweep) -> Tiny:
    """Return a sweep of L2 alone, two repeats each.

    1e-3 is best with 0.94; 1e-2 is behind it by 0.01 ± 0.02, within one standard error, and 1e-1 by 0.09 ± 0.03; no
    regularization, a mere control, is better than all; 1e-4 diverged.
    """
    tiny: Tiny = sweep(config(search={"regularizers": ["l2"]}, evaluation={"repeats": 2}))
    made = [(1e-2, (0.93, 0.93), 3.0), (1e-3, (0.92, 0.96), 6.0), (1e-1, (0.80, 0.90), 1.0)]
    for value, (first, second), norm in made:
        repeats = (
            repeat(0, first, 0.97, curve=CURVE, norms=norms(norm), rows=[first] * 100),
            repeat(1, second, 0.99, curve=OTHER_CURVE, norms=norms(norm + 2), rows=[second] * 100),
        )
        tiny.add(tied("l2", value), *repeats)
    tiny.add(tied("l2", 1e-4), repeat(0, 0.99), state="diverged")
    control = [repeat(i, 0.99, 1.0, curve=CURVE, norms=norms(10.0), rows=[0.99] * 100) for i in range(2)]
    tiny.add(NONE, *control, stage="control")
    return tiny

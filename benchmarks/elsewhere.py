"""The case study's network in scikit-learn and in PyTorch, as contenders."""

import importlib
import importlib.util
import sys
import warnings

from benchmarks.measure import Contender
from regsearch.data import Subset


def sklearn_mlp(name: str, train: Subset, *, hidden: int, l2: float, epochs: int) -> Contender:
    """Return MLPClassifier, kept from stopping early.

    Its penalty is alpha/(2·rows)·Σw², on the kernels of all layers.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    rows = len(train.x)
    model = MLPClassifier(
        hidden_layer_sizes=(hidden,),
        solver="adam",
        batch_size=rows,
        alpha=2 * rows * l2,
        max_iter=epochs,
        tol=0.0,
        n_iter_no_change=epochs,
        random_state=0,
    )

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(train.x, train.y[:, 0])
        if model.n_iter_ != epochs:
            raise RuntimeError(f"MLPClassifier stopped after {model.n_iter_} of {epochs} epochs")

    return Contender(name=name, units=epochs, work=work)


def torch_loop(name: str, train: Subset, *, hidden: int, l2: float, epochs: int) -> Contender | None:
    """Return PyTorch's usual loop, one batch an epoch, on one thread; None where PyTorch is not installed.

    Its Adam adds weight_decay·w to the gradient, so 2·l2 is the same penalty. For work as small as this its threads
    mostly wait for each other.
    """
    if importlib.util.find_spec("torch") is None:
        return None
    sys.modules.setdefault("triton", None)  # not needed here, and its LLVM ends a process that holds TensorFlow's
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    first, last = torch.nn.Linear(train.x.shape[1], hidden), torch.nn.Linear(hidden, 1)
    model = torch.nn.Sequential(first, torch.nn.ReLU(), last)
    others = [first.bias, *last.parameters()]
    optimizer = torch.optim.Adam([{"params": [first.weight], "weight_decay": 2 * l2}, {"params": others}], eps=1e-7)
    loss_of = torch.nn.BCEWithLogitsLoss()
    x, y = torch.from_numpy(train.x), torch.from_numpy(train.y)

    def work() -> None:
        for _ in range(epochs):
            optimizer.zero_grad()
            loss_of(model(x), y).backward()
            optimizer.step()

    return Contender(name=name, units=epochs, work=work)

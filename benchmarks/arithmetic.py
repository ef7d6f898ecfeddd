"""The arithmetic limit: floating-point operations of a training step over what one core can do in a second."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.measure import Contender

SIDE = 512  # of the square matrices whose product stands for the peak: 3 MB, all of it in cache
ADAM = 3 + 4 + 5  # m + (g - m)·c, v + (g² - v)·c, w - s·m/(√v + ε): operations a weight


def step_flops(rows: int, inputs: int, hidden: int) -> int:
    """Return the operations of one step of Dense(hidden, relu), Dense(1, sigmoid), L2 on the hidden kernel, Adam.

    Additions, multiplications, divisions, comparisons, roots and exponentials count one each. Left out are the loss
    itself, which no weight depends on, and what is done once per step whatever its size.
    """
    forward = (
        rows * hidden * 2 * inputs  # x·W + b: inputs products, inputs - 1 sums, one bias
        + rows * hidden  # relu
        + rows * 2 * hidden  # the same for the one output
        + rows * 4  # sigmoid: negate, exp, add, divide
    )
    backward = (
        rows * 2  # of the output before the sigmoid: (p - y)/rows
        + hidden * (2 * rows - 1)  # output kernel: rows products, rows - 1 sums
        + (rows - 1)  # output bias
        + rows * hidden  # of the hidden layer: an outer product
        + rows * hidden  # relu's mask
        + inputs * hidden * (2 * rows - 1)  # hidden kernel
        + hidden * (rows - 1)  # hidden bias
    )
    penalty = 2 * inputs * hidden  # g + 2λ·w
    weights = inputs * hidden + hidden + hidden + 1
    return forward + backward + penalty + ADAM * weights


def limit(name: str, flops: float, *, products: int, threads: int = 1) -> Contender:
    """Return the contender that does `flops` a unit as fast as so many cores can: in single-precision matrix products.

    Two threads against one show what the machine itself gives for a second core.
    """
    a, b = np.random.default_rng(0).normal(size=(2, SIDE, SIDE)).astype(np.float32)

    def multiply(_: int) -> None:
        out = np.empty_like(a)
        for _ in range(products):
            np.matmul(a, b, out=out)  # without Python's lock

    def work() -> None:
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
            list(pool.map(multiply, range(threads)))

    return Contender(name=name, units=threads * products * 2 * SIDE**3 / flops, work=work)

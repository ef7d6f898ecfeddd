"""Where each weight of a model meets the data, and what comes after it.

A weight is used by the first operations that take it (or what is computed from weights alone) together with something
that depends on the rows. Sets of weights are bit masks, bit i for weight i.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from regsearch.forward_graph import ForwardGraph

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True, kw_only=True)
class Use:
    """An operation on the way to the output that takes weights and data.

    Args:
        position: its place in the order of calls.
        weights: the weights that it takes, a bit mask.
        later: the weights that what it gives meets on the way to the output, a bit mask.
    """

    position: int
    weights: int
    later: int


def uses_of(graph: ForwardGraph) -> tuple[Use, ...]:
    """Return all uses of the trainable weights, in the order of calls."""
    operations = graph.operations
    taken = _taken(graph, operations)
    later: dict[tf.Operation, int] = {tensor.op: 0 for tensor in graph.function.outputs}
    found = []
    for position in reversed(range(len(operations))):
        operation = operations[position]
        if operation not in later:
            continue  # it is not on the way to the output
        weights = taken.get(operation, 0)
        if weights:
            found.append(Use(position=position, weights=weights, later=later[operation]))
        for tensor in operation.inputs:
            later[tensor.op] = later.get(tensor.op, 0) | later[operation] | weights
    return tuple(reversed(found))


def first_uses(uses: Iterable[Use]) -> dict[int, int]:
    """Return by weight the position of its first use; weights that are not used are left out."""
    found: dict[int, int] = {}
    for use in uses:
        for weight in _bits(use.weights):
            found.setdefault(weight, use.position)
    return found


def last_groups(uses: Iterable[Use], groups: Iterable[int]) -> list[bool]:
    """Return of each group of weights, a bit mask, whether the output follows from one of its uses directly.

    That is, with no use of a weight of another group between it and the output.
    """
    uses, groups = tuple(uses), tuple(groups)
    everything = reduce(or_, groups, 0)
    return [any(use.weights & group and not use.later & everything & ~group for use in uses) for group in groups]


def _taken(graph: ForwardGraph, operations: Iterable["tf.Operation"]) -> dict["tf.Operation", int]:
    """Return by operation that takes data the weights that it takes, too."""
    alone = {tensor.op: 1 << i for i, tensor in enumerate(graph.trainable)}  # computed from weights alone, from these
    with_data = {graph.x.op}
    taken = {}
    for operation in operations:
        sources = [tensor.op for tensor in operation.inputs]
        weights = reduce(or_, (alone.get(source, 0) for source in sources), 0)
        if any(source in with_data for source in sources):
            with_data.add(operation)
            taken[operation] = weights
        elif weights:
            alone[operation] = weights
    return taken


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest

"""What an input passes on its way to the scores of somebody's network: the operations, as a graph.

N examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from trainer_cli.nn.layers.place import Array

# What hands values on as they are, in another shape or order; the names are those of autograd.
PASSING = (
    "Alias",
    "AsStrided",
    "Clone",
    "Expand",
    "Movedim",
    "Permute",
    "ReshapeAlias",
    "Squeeze",
    "T",
    "ToCopy",
    "Transpose",
    "UnsafeView",
    "Unsqueeze",
    "View",
)
BATCH_NORM = ("NativeBatchNorm", "CudnnBatchNorm")
NORMALIZING = (*BATCH_NORM, "NativeGroupNorm", "NativeLayerNorm", "FusedRmsNorm")


@dataclass(kw_only=True, eq=False)
class Op:
    """One operation on the way from the inputs to the scores.

    kind      what autograd calls it: Addmm, Relu, Convolution
    function  the function that was called, where that was seen: linear, relu, conv2d
    module    name and class of the module whose forward did it: features.3, ReLU
    taken     the operations whose outputs it takes in, of those on the way
    weights   the shape of the matrix or the kernel it multiplies by, None where it learns none
    dropout   the dropout that its output goes through, or would outside of checks
    silent    the share of it that this dropout silences
    shape     that of its output, where that was seen
    values    its output (N, ...), where that was seen
    gradient  that of the summed loss by its output, where everything comes through it
    given     how many of the others take its output in
    """

    kind: str
    function: str | None = None
    module: tuple[str, str] | None = None
    taken: Sequence[Op] = ()
    weights: tuple[int, ...] | None = None
    dropout: str | None = None
    silent: float = 0.0
    shape: tuple[int, ...] | None = None
    values: Array | None = None
    gradient: Array | None = None
    given: int = field(default=0)


class UntraceableError(Exception):
    """The way of the inputs cannot be followed; the message says why."""


def narrows(ops: Sequence[Op]) -> list[Op]:
    """Return the operations that everything comes through, from the inputs on.

    No path from the inputs to the scores leads around them, so that what is lost there is lost:
    in a chain that is every layer, in a residual network what the blocks hand to each other. `ops`
    stand behind all that they take in, the inputs first and the scores last.
    """
    place = {op: k for k, op in enumerate(ops)}
    pending, found = {len(ops) - 1}, []
    for k in range(len(ops) - 1, -1, -1):
        if pending == {k}:
            found.append(ops[k])
        pending.discard(k)
        pending |= {place[each] for each in ops[k].taken}
    return found[::-1]


def learning(ops: Sequence[Op]) -> list[Op]:
    """Return the operations with weights, from the inputs on."""
    return [op for op in ops if op.weights is not None]


def feeders(ops: Sequence[Op]) -> list[tuple[Op, Op]]:
    """Return what meets weights of hidden layers and of the last, and what has these weights.

    As in a list of layers, the inputs of the network are left out; what leads nowhere but around
    something else is left out too, as little of it may be intended.
    """
    necks, hidden = set(narrows(ops)), set()
    found: dict[Op, Op] = {}
    for op in ops:  # those before come first
        if any(each in hidden or each.weights is not None for each in op.taken):
            hidden.add(op)
        if op.weights is None or len(op.taken) != 1:
            continue
        source = origin(op.taken[0])
        if source in necks and (source in hidden or source.weights is not None):
            found.setdefault(source, op)
    return list(found.items())


def called(op: Op, ops: Sequence[Op]) -> tuple[str, str]:
    """Return what messages call an operation, and in brackets: features.3 and ReLU.

    What is no module is told by the module with weights that it leads to: relu before fc2, Linear.
    """
    if op.module is not None:
        return op.module
    name = (op.function or op.kind.lower()).strip("_")
    for later in ops[ops.index(op) + 1 :]:
        if later.weights is not None and later.module is not None:
            return f"{name} before {later.module[0]}", later.module[1]
    same = [each for each in ops if each.function == op.function]
    return name, f"call {same.index(op) + 1}"


def origin(op: Op) -> Op:
    """Return the operation that made what is handed on here."""
    seen = op
    while op.kind in PASSING and len(op.taken) == 1:
        op = op.taken[0]
        seen = op if op.values is not None else seen
    return seen


def behind(op: Op, through: Sequence[str]) -> Iterator[Op]:
    """Yield what leads to an operation alone, one after the other, as far as `through` goes.

    The last one yielded is the first that is not of these kinds.
    """
    while len(op.taken) == 1:
        op = op.taken[0]
        if op.given != 1:
            return
        yield op
        if op.kind not in through:
            return

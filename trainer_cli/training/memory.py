"""How much memory an experiment takes, so that one that cannot fit is refused beforehand."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.nn.layers.place import Shape
from trainer_cli.nn.network import parameter_count, parameter_shapes, shapes_through
from trainer_cli.nn.regularization import strongest
from trainer_cli.nn.regularization.stretch import BLOCK as PENALTY_BLOCK
from trainer_cli.optim.optimizers import Sgd

# What the layers do while they are trained is seen on so many training examples.
LOOKED_AT = 256
# What a look computes with: the products of 500 units in float64.
SCRATCH_OF_A_LOOK = 2 << 20
# What a stack holds once for every parameter: values, gradients and the best snapshot.
ARRAYS_OF_PARAMETERS = 3


class DoesNotFitError(Exception):
    """The experiment needs more memory than there is; the text says how much of each."""

    def __init__(self, what: str, needed: int, available: int) -> None:
        self.message = (
            f"{what} needs about {gibibytes(needed)} of memory, "
            f"but only {gibibytes(available)} is available"
        )
        super().__init__(self.message)


def gibibytes(count: int) -> str:
    """Return a number of bytes in words: 0.05 GiB, 1.2 GiB, 3,100 GiB."""
    size = count / 2**30
    return f"{size:,.2f} GiB" if size < 10 else f"{size:,.0f} GiB"


def stack_bytes(
    experiment: Experiment,
    input_shape: Shape,
    capacity: int,
    dtype: str | None = None,
    *,
    copies: int = 0,
    members: int = 1,
) -> int:
    """Return the bytes that a stack of networks allocates, for batches of up to `capacity`.

    Counted are parameters, gradients, optimizer state, a snapshot, the scratch of the penalty, the
    buffers of one batch and of its augmentation, and the draw of the largest weight matrix in
    float64. `copies` says how many more arrays of all parameters a check keeps. Several members
    have batches of their own.
    """
    itemsize = np.dtype(dtype or experiment.training.precision).itemsize
    shapes = shapes_through(experiment.network, input_shape)
    arrays = ARRAYS_OF_PARAMETERS + experiment.optimizer.state_arrays + copies
    learned = parameter_count(experiment.network, input_shape)
    values = learned * arrays
    held = strongest(experiment.regularization, experiment.network)
    if held.l1 or held.l2:
        values += min(learned, PENALTY_BLOCK)
    per_example = prod(input_shape) + sum(
        layer.values_per_example(shape)
        for layer, shape in zip(experiment.network, shapes, strict=False)
    )
    augment = experiment.data.augment
    if augment:  # batches to learn from have a feed of their own
        per_example += prod(input_shape)
        per_example += sum(each.values_per_example(input_shape) for each in augment)
    values += per_example * capacity
    largest = max(
        (prod(p.shape) for _, p in parameter_shapes(experiment.network, input_shape)), default=0
    )
    return values * itemsize * members + largest * 8


def training_bytes(
    experiment: Experiment, input_shape: Shape, capacity: int, *, members: int = 1
) -> int:
    """Return the bytes that training takes: the stack, and what looks inside its members.

    That is a copy of all parameters, and one network at work, which has no snapshot.
    """
    stack = stack_bytes(experiment, input_shape, capacity, copies=1, members=members)
    looker = replace(experiment, optimizer=Sgd(), data=replace(experiment.data, augment=()))
    seen = stack_bytes(looker, input_shape, min(capacity, LOOKED_AT), copies=-1)
    return stack + seen + SCRATCH_OF_A_LOOK


def in_stacks(
    experiments: Sequence[Experiment], input_shape: Shape, capacity: int
) -> Iterator[Sequence[Experiment]]:
    """Yield the experiments in as few groups as fit, as stacks, into half the free memory."""
    available, size = available_bytes(), len(experiments)
    if available is not None:
        alone = max(stack_bytes(e, input_shape, capacity) for e in experiments)
        size = max(1, available // 2 // alone)
    for start in range(0, len(experiments), size):
        yield experiments[start : start + size]


def require_memory(what: str, needed: int) -> None:
    """Raise `DoesNotFitError` if `needed` bytes are more than this machine can still give."""
    available = available_bytes()
    if available is not None and needed > available:
        raise DoesNotFitError(what, needed, available)


def available_bytes() -> int | None:
    """Return the bytes a new allocation may take, or None where the system does not tell.

    Linux: MemAvailable, and the control group's limit less its use where that is smaller.
    Elsewhere: all physical memory.
    """
    found = [_meminfo(), _control_group()]
    known = [size for size in found if size is not None]
    if known:
        return min(known)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    for line in lines:
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) * 1024
    return None


def _control_group() -> int | None:
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        statistics = (group / "memory.stat").read_text(encoding="ascii").split()
        cached = int(statistics[statistics.index("file") + 1])
    except (OSError, ValueError):  # not version 2, or no limit ("max")
        return None
    return max(limit - (used - cached), 0)  # cached files give way to whoever needs the memory

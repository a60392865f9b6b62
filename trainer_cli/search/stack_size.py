"""How many trials one stack should have, from what the machine can hold."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.nn.layers.place import Shape
from trainer_cli.nn.network import parameter_count, shapes_through
from trainer_cli.search.executors.choose import processors
from trainer_cli.training.material import capacity
from trainer_cli.training.memory import available_bytes, stack_bytes

CPUS = Path("/sys/devices/system/cpu")
# Assumed where the system does not tell.
USUAL_CACHE = 4 << 20  # of each processor
USUAL_MEMORY = 4 << 30

# The members of a stack get this share of the cache that there is for it. The rest is for the
# batch, for what matrix products copy, and for others on the machine.
SHARE_OF_CACHE = 0.25
# So many members make up for what a step costs whatever their number; then it hardly matters if
# they fit. Of the lecture's networks, 10 take 0.91 to 0.99 of the time per member that 5 take, 20
# or 40 take 0.83 to 0.88; but convolutional ones take the same, and memory for nothing.
LEAST = 10


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What stacks are sized for.

    processors  that stacks are trained on at the same time
    cache       bytes of last-level cache that these processors have together
    memory      bytes that are free
    """

    processors: int
    cache: int
    memory: int


def stack_size(
    machine: Machine, experiments: Sequence[Experiment], input_shape: Shape, examples: int
) -> int:
    """Return how many of the experiments of a group one stack should have.

    As many as the cache holds for all stacks at work, with what they learn and the activations of
    a batch, but at least 10; no more than half the free memory holds; and such that every processor
    gets the same number of stacks.
    """
    first = experiments[0]
    stacks = at_work = min(machine.processors, len(experiments))
    in_cache = machine.cache * SHARE_OF_CACHE / at_work / _in_every_step(first, input_shape)
    alone = stack_bytes(first, input_shape, capacity(first.training.batch_size, examples))
    in_memory = machine.memory / 2 / at_work / alone
    most = max(1, int(min(max(in_cache, LEAST), in_memory)))
    while -(-len(experiments) // stacks) > most:
        stacks += at_work
    return -(-len(experiments) // stacks)


def _in_every_step(experiment: Experiment, input_shape: Shape) -> int:
    """Return the bytes of one member that every step goes through.

    They are parameters, gradients, the optimizer's state, and the activations of a batch.
    """
    arrays = 2 + experiment.optimizer.state_arrays
    outputs = sum(prod(shape) for shape in shapes_through(experiment.network, input_shape)[1:])
    learned = parameter_count(experiment.network, input_shape)
    values = learned * arrays + outputs * experiment.training.batch_size
    return values * np.dtype(experiment.training.precision).itemsize


def this_machine() -> Machine:
    """Return the facts of this machine, as far as it tells them."""
    count, memory = processors(), available_bytes()
    cache = _cache_of_a_processor() or USUAL_CACHE
    return Machine(
        processors=count,
        cache=count * cache,
        memory=USUAL_MEMORY if memory is None else memory,
    )


def _cache_of_a_processor() -> int:
    """Return the bytes of last-level cache for each processor that may be used; 0 if unknown."""
    if not hasattr(os, "sched_getaffinity"):
        return 0
    usable = os.sched_getaffinity(0)
    try:
        caches = dict(_last_level_cache(number) for number in usable)
    except (OSError, ValueError):  # no such files, or nothing that can be read in them
        return 0
    return sum(caches.values()) // len(usable)


def _last_level_cache(processor: int) -> tuple[str, int]:
    """Return which processors share a processor's last-level cache, and its bytes."""
    levels = CPUS.glob(f"cpu{processor}/cache/index*")
    last = max(levels, key=lambda index: int((index / "level").read_text(encoding="ascii")))
    sharing, size = (
        (last / name).read_text(encoding="ascii").strip() for name in ("shared_cpu_list", "size")
    )
    return sharing, int(size.removesuffix("K")) << 10

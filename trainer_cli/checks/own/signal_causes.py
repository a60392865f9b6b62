"""Which single operation loses a signal, where it is one?

N examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from trainer_cli.checks.own.passage import NORMALIZING, Op, called, narrows

# What is left of the differences between examples where they are lost at once.
LOST = 1e-6
AVERAGING = ("mean", "sum", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool2d")


def lost_at_once(ops: Sequence[Op]) -> str | None:
    """Return that normalization, or a mean, leaves nothing that tells examples apart, if so."""
    seen = [op for op in narrows(ops) if op.values is not None]
    for before, op in pairwise(seen):
        assert before.values is not None
        assert op.values is not None
        spread = [float(np.std(each, axis=0).max()) for each in (before.values, op.values)]
        if not spread[1] < LOST * spread[0]:
            continue
        name = "{} ({})".format(*called(op, ops))
        lost = f"{name} takes away in one step what tells the examples apart"
        if op.kind in NORMALIZING or (op.module and "Norm" in op.module[1]):
            return f"{lost}: it normalizes over a single value, or over all that differs"
        if (op.function or "") in AVERAGING:
            return f"{lost}: the mean of what was normalized just before is always the same"
        return lost
    return None


def never_above_zero(ops: Sequence[Op]) -> str | None:
    """Return that a rectifier is given nothing above 0, and up to 0 itself: no bias does that."""
    for op in ops:
        given = op.taken[0].values if op.kind == "Relu" and op.taken else None
        if given is not None and given.max() == 0 and given.min() < 0:
            return (
                f"nothing that it is given is above 0 (from {given.min():.2g} to 0): look at the "
                f"sign of what comes before it"
            )
    return None

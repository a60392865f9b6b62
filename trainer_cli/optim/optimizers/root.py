"""The step that adaptive rules share: against a direction, divided by the root of squares."""

import numpy as np

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Part, PerMember

# M members, F features.


def descend_by_root(
    part: Part,
    direction: Array,
    squares: Array,
    *,
    epsilon: PerMember,
    rate: PerMember,
    scratch: Array,
) -> None:
    """w ← w - rate · direction / (√squares + ε); `scratch` is overwritten.

    The ε stands outside the root, as in PyTorch. Where float32 cannot hold a square (of a gradient
    beyond 1e17), it is infinite and its parameter stays where it is, as in PyTorch.
    """
    values = part.values
    np.sqrt(squares, out=scratch)
    _add(part, scratch, epsilon)
    np.divide(direction, scratch, out=scratch)
    part.multiply(scratch, rate)
    values -= scratch


def _add(part: Part, flat: Array, term: PerMember) -> None:
    """Add one number to an array laid out as a part in place, or to each member its own."""
    if isinstance(term, float):
        flat += term
        return
    row = term.astype(flat.dtype)[:, None]  # (M, 1)
    for entry in part.entries:
        array = entry.view(flat)  # (..., M, F)
        array += row

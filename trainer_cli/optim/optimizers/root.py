"""The step that adaptive rules share: against a direction, divided by the root of squares."""

import numpy as np

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters, PerMember

# M members, F features.


def descend_by_root(
    parameters: Parameters,
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
    values = parameters.values
    np.sqrt(squares, out=scratch)
    _add(parameters, scratch, epsilon)
    np.divide(direction, scratch, out=scratch)
    parameters.multiply(scratch, rate)
    values -= scratch


def _add(parameters: Parameters, flat: Array, term: PerMember) -> None:
    """Add one number to a flat array in place, or to each member its own."""
    if isinstance(term, float):
        flat += term
        return
    row = term.astype(flat.dtype)[:, None]  # (M, 1)
    for entry in parameters.entries:
        part = entry.view(flat)  # (..., M, F)
        part += row

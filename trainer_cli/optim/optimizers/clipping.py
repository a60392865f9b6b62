"""Keeps single gradients from throwing the parameters far off: clipping by norm."""

from collections.abc import Sequence
from math import inf, sqrt

import numpy as np

from trainer_cli.nn.parameters import Parameters, per_member
from trainer_cli.nn.squares import Squares

# M members, F features of one parameter, R = the product of its other axes.
# Below it, float32 loses the squares of small gradients.
SMALLEST_SUM = 1e-30


class Clipping:
    """g ← g · min(1, c / ‖g‖), where ‖g‖ is the norm of all gradients of one member.

    A member without bound c, or whose norm is NaN, keeps its gradient. PyTorch divides by
    ‖g‖ + 1e-6 instead. Source: Pascanu, Mikolov & Bengio 2013.
    """

    def __init__(self, bounds: Sequence[float | None], parameters: Parameters) -> None:
        self._bounds = [inf if bound is None else float(bound) for bound in bounds]
        self._parameters = parameters
        self._squares = Squares(parameters.entries, parameters.gradients)

    def clip(self) -> None:
        """Scale the gradients of every member whose norm is beyond its bound."""
        norms = [sqrt(total) for total in self._sums_of_squares()]
        factors = [
            bound / norm if norm > bound else 1.0
            for bound, norm in zip(self._bounds, norms, strict=True)
        ]
        whole = self._parameters.whole
        whole.multiply(whole.gradients, per_member(factors))

    def _sums_of_squares(self) -> list[float]:
        """Return ‖g‖² of every member, found in float64 where the gradients' own type fails."""
        sums = np.atleast_1d(self._squares.sums())  # (M,)
        if not ((sums == inf) | (sums < SMALLEST_SUM)).any():
            return [float(total) for total in sums]
        sums = np.zeros(len(self._bounds))  # (M,)
        for entry in self._parameters.entries:
            g = entry.view(self._parameters.gradients)
            g = g.reshape(-1, *g.shape[-2:])  # (R, M, F)
            sums += np.einsum("rmf,rmf->m", g, g, dtype=np.float64)
        return sums.tolist()

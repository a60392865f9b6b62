"""The bound on the weights of every unit at work: units beyond it are scaled back."""

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.columns import Columns
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters

# P arrays of weights, M members, F units of one array, R weights that lead to one of them.


class NormBounds:
    """Σ w² <= c for the weights of each unit, with c (P, M): for each array; inf is no bound."""

    def __init__(self, bounds: NDArray[np.float64], parameters: Parameters) -> None:
        weights = [entry for entry in parameters.entries if entry.role == "weight"]
        bounded = [
            (entry, own)
            for entry, own in zip(weights, bounds, strict=True)
            if np.isfinite(own).any()
        ]
        self._arrays = [_Bounded(entry.view(parameters.values), own) for entry, own in bounded]

    def project(self) -> None:
        """Scale every unit beyond its bound, w ← w √(c / Σ w²), and leave all others alone.

        So are units whose Σ w² is not finite in float64: such a network has diverged.
        """
        for each in self._arrays:
            each.project()


class _Bounded:
    """One array of weights (..., M, F), with a bound for every member, (M,)."""

    def __init__(self, weights: Array, bounds: NDArray[np.float64]) -> None:
        self._columns = Columns(weights)
        self._weights = self._columns.view(weights)
        self._bounds = np.repeat(bounds, weights.shape[-1])  # (M·F,)

    def project(self) -> None:
        sums = self._columns.sums_of_products(self._weights, self._weights)  # (M·F,)
        beyond = sums > self._bounds
        if not beyond.any():
            return
        if not np.isfinite(sums).all():  # in float64 they may be
            tall = self._weights.reshape(-1, sums.size)  # (R, M·F)
            sums = np.einsum("rk,rk->k", tall, tall, dtype=np.float64)
            beyond = (sums > self._bounds) & np.isfinite(sums)
        shares = np.divide(self._bounds, sums, out=np.ones_like(sums), where=beyond)
        self._columns.multiply(self._weights, np.sqrt(shares), self._weights)

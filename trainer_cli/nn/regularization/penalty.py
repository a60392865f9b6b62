"""The penalties on large weights at work: their costs and their gradients."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Entry, Parameters, Part, PerMember, per_member
from trainer_cli.nn.regularization.stretch import Stretch, scratch_size

# P arrays of weights, M members.
Strengths = NDArray[np.float64]


class Penalty:
    """λ₁ Σ |w| + ½ λ₂ Σ w² of M members at work, with λ₁ and λ₂ (P, M): for each weight array.

    Without `scratch` to work in, it has its own.
    """

    def __init__(
        self,
        l1: Strengths,
        l2: Strengths,
        parameters: Parameters | Part,
        scratch: Array | None = None,
    ) -> None:
        self._l1, self._l2 = l1, l2
        self._names = [entry.name for entry in _weights(parameters)]
        self._members = parameters.members
        runs = list(_runs(l1, l2, parameters))
        if scratch is None:
            most = max((scratch_size(run[0]) for run in runs), default=0)
            scratch = aligned.zeros(most, parameters.values.dtype)
        self._scratch = scratch
        self._terms: list[_L1 | _L2] = []
        for entries, own_l1, own_l2 in runs:
            stretch = Stretch(entries, parameters, scratch)
            self._terms += [_L1(own_l1, stretch)] if own_l1.any() else []
            self._terms += [_L2(own_l2, stretch)] if own_l2.any() else []

    def on(self, part: Part) -> "Penalty":
        """Return the same penalty on a part of the parameters alone; both share their scratch."""
        own = [self._names.index(entry.name) for entry in _weights(part)]
        return Penalty(self._l1[own], self._l2[own], part, self._scratch)

    def costs(self) -> NDArray[np.float64]:
        """Return the penalty of every member, (M,)."""
        costs = np.zeros(self._members)
        for term in self._terms:
            costs += term.costs()
        return costs

    def add_gradient(self, scale: PerMember = 1.0) -> None:
        """Add scale · (λ₁ sign(w) + λ₂ w) to the gradients of the weights."""
        for term in self._terms:
            term.add_gradient(scale)


def _weights(parameters: Parameters | Part) -> list[Entry]:
    return [entry for entry in parameters.entries if entry.role == "weight"]


def _runs(
    l1: Strengths, l2: Strengths, parameters: Parameters | Part
) -> Iterator[tuple[list[Entry], Strengths, Strengths]]:
    """Yield weight arrays that are penalized and can be handled in one go; strengths are (M,).

    Neighbours with equal strengths go together where there is one member: they are one vector.
    """
    weights = _weights(parameters)
    alone = parameters.members == 1

    def strengths(p: int) -> tuple[float, float] | int:
        return (float(l1[p, 0]), float(l2[p, 0])) if alone else p

    for _, group in groupby(range(len(weights)), strengths):
        run = list(group)
        if l1[run].any() or l2[run].any():
            yield [weights[p] for p in run], l1[run[0]], l2[run[0]]


class _L1:
    """λ Σ |w| of each member, with the gradient λ sign(w), over one stretch."""

    def __init__(self, strengths: Strengths, stretch: Stretch) -> None:
        self._strength = per_member(strengths.tolist())
        self._stretch = stretch

    def costs(self) -> float | Strengths:
        return self._strength * self._stretch.sum_of_magnitudes()

    def add_gradient(self, scale: PerMember) -> None:
        self._stretch.add_signs(self._strength * scale)


class _L2:
    """½ λ Σ w² of each member, with the gradient λ w, over one stretch."""

    def __init__(self, strengths: Strengths, stretch: Stretch) -> None:
        self._strength = per_member(strengths.tolist())
        self._stretch = stretch

    def costs(self) -> float | Strengths:
        return 0.5 * self._strength * self._stretch.sum_of_squares()

    def add_gradient(self, scale: PerMember) -> None:
        self._stretch.add_weights(self._strength * scale)

"""The penalty on large weights that is added to the loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, doc
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.parameters import Parameters, PerMember, per_member


@dataclass(frozen=True, kw_only=True)
class Regularization:
    """R = ½ λ Σ w² over all weights, never biases; dR/dw = λ w.

    Source: CS231n, "Neural Networks Part 2", section Regularization.
    """

    l2: Annotated[float, Ge(0), doc("strength λ of the penalty ½·λ·Σw²")] = 0.0

    @staticmethod
    def bind(stack: Sequence["Regularization"], parameters: Parameters) -> "Penalty":
        """Return the penalty at work on a stack's parameters."""
        return Penalty([float(settings.l2) for settings in stack], parameters)


class Penalty:
    """The penalties of M members at work."""

    def __init__(self, l2: Sequence[float], parameters: Parameters) -> None:
        self._halves = 0.5 * np.asarray(l2, np.float64)  # (M,)
        self._strength = per_member(l2)
        self._parameters = parameters
        self._weights = parameters.values[parameters.penalized]
        self._gradients = parameters.gradients[parameters.penalized]
        self._off = not self._halves.any()
        self._scratch = aligned.zeros(0 if self._off else self._weights.size, self._weights.dtype)

    def costs(self) -> NDArray[np.float64]:
        """Return ½ λ Σ w² of every member, (M,); not to be written to."""
        if self._off:
            return self._halves
        if len(self._halves) == 1:
            return self._halves * float(np.dot(self._weights, self._weights))
        squares = np.zeros(len(self._halves))
        for entry in self._parameters.entries:
            if entry.penalized:
                w = entry.view(self._parameters.values)
                w = w.reshape(-1, *w.shape[-2:])  # (R, M, F)
                squares += np.einsum("rmf,rmf->m", w, w)
        return self._halves * squares

    def add_gradient(self, scale: PerMember = 1.0) -> None:
        """Add scale · λ w to the gradients of the weights."""
        if self._off:
            return
        strength = self._strength * scale
        if isinstance(strength, float):
            np.multiply(self._weights, strength, self._scratch)
        else:
            np.copyto(self._scratch, self._weights)
            self._parameters.multiply(self._scratch, strength)
        np.add(self._gradients, self._scratch, self._gradients)

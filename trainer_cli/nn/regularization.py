"""The penalty on large weights that is added to the loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, doc
from numpy.typing import NDArray

from trainer_cli.nn.parameters import Parameters, per_member


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
        self._strengths = np.asarray(l2, np.float64)  # (M,)
        self._strength = per_member(l2)
        self._parameters = parameters
        self._weights = parameters.values[parameters.penalized]
        self._gradients = parameters.gradients[parameters.penalized]
        self._off = not self._strengths.any()
        self._scratch = np.empty(0 if self._off else self._weights.size, self._weights.dtype)

    def costs(self) -> NDArray[np.float64]:
        """Return ½ λ Σ w² of every member, (M,)."""
        if self._off:
            return np.zeros(len(self._strengths))
        if len(self._strengths) == 1:
            return 0.5 * self._strengths * float(np.dot(self._weights, self._weights))
        squares = np.zeros(len(self._strengths))
        for entry in self._parameters.entries:
            if entry.penalized:
                w = entry.view(self._parameters.values)
                w = w.reshape(-1, *w.shape[-2:])  # (R, M, F)
                squares += np.einsum("rmf,rmf->m", w, w)
        return 0.5 * self._strengths * squares

    def add_gradient(self) -> None:
        """Add λ w to the gradients of the weights."""
        if self._off:
            return
        if isinstance(self._strength, float):
            np.multiply(self._weights, self._strength, out=self._scratch)
        else:
            np.copyto(self._scratch, self._weights)
            self._parameters.multiply(self._scratch, self._strength)
        self._gradients += self._scratch

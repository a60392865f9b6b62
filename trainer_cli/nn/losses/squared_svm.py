"""The multiclass support vector machine's loss with squared hinges."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses.class_weights import Weights
from trainer_cli.nn.losses.constant_scores import Shares, least_squared_hinges, weighed
from trainer_cli.nn.losses.hinges import HingesAtWork, Margin, hinge_moments

# N examples, M members, C classes.


@dataclass(frozen=True, kw_only=True)
class SquaredSvm:
    """L = mean over the examples of Σ max(0, s[j] - s[y] + margin)² over the classes j != y.

    Shapes: scores s (N, M, C), labels y (N, 1) or (N, M), L (M,); ds[j] = 2 · hinge j / N, and
    ds[y] = -Σ ds[j].
    With class weights w, the mean is weighted: every example by w[y].
    Source: CS231n, "Linear Classification", section Multiclass Support Vector Machine loss;
    Tang 2013, "Deep Learning using Linear Support Vector Machines" (L2-SVM).
    """

    type: Literal["squared_svm"] = "squared_svm"
    margin: Margin = 1.0
    class_weights: Weights = None

    def at_zero_scores(self, classes: int) -> float:
        """Return the loss if all scores are zero: (C - 1) · margin², for any labels."""
        return (classes - 1) * self.margin**2

    def at_best_constant(self, shares: Shares) -> float:
        """Return the least loss with the same scores for all examples: of class shares (C,)."""
        return self.margin**2 * least_squared_hinges(weighed(shares, self.class_weights))

    def floor(self, shares: Shares) -> float:
        """Return the least loss with any scores."""
        return 0.0

    def zero_scores_text(self, classes: int) -> str:
        """Return the loss at zero scores with its formula."""
        return f"({classes} - 1)·{self.margin:g}² = {self.at_zero_scores(classes):.4g}"

    def excess(self, classes: int, std: float) -> float:
        """Return how far independent normal scores raise the expected loss above zero scores."""
        return (classes - 1) * (hinge_moments(self.margin, std)[1] - self.margin**2)

    def unit(self) -> float:
        """Return what a loss is large or small beside: the square of the margin."""
        return self.margin**2

    @staticmethod
    def bind(
        stack: Sequence["SquaredSvm"], capacity: int, classes: int, dtype: np.dtype[Any]
    ) -> HingesAtWork:
        """Return the loss at work for as many members as `stack` has."""
        return HingesAtWork(
            [settings.margin for settings in stack],
            [settings.class_weights for settings in stack],
            capacity,
            classes,
            dtype,
            _add_up,
            _slopes,
        )


def _add_up(hinges: Array, losses: Array) -> None:
    np.einsum("ck,ck->k", hinges, hinges, out=losses)


def _slopes(hinges: Array) -> None:
    np.add(hinges, hinges, hinges)

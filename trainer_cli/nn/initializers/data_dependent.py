"""Weights scaled unit by unit on training data, and layer by layer to learn equally fast."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans
from trainer_cli.nn.initializers.lsuv import SMALLEST
from trainer_cli.nn.initializers.xavier import Xavier

# Rounding alone spreads equal outputs by some 1e-15 of their size.
LEAST_SPREAD = 1e-10

# N outputs of every unit, over examples and places of an image; F units; R other axes of weights.


@dataclass(frozen=True, kw_only=True)
class DataDependent:
    """w = v / σ, b = β - μ / σ, with Gaussian v, and μ, σ of every unit's v x on training data.

    Within a layer: every unit's output before the nonlinearity gets standard deviation 1 and mean
    β, the bias that it was to start with (0 by default). Between layers, with `balance`: layers are
    scaled so that the root mean square of the gradient is the same multiple of that of the weights
    in all of them. That leaves what the network computes as it is, and is done along every run of
    layers with `balance` that have only layers between them which double their output when their
    input doubles (ReLU, pooling; neither tanh nor batch normalization).
    Units whose outputs do not vary, or are not finite, stay as they are drawn.
    Source: Krähenbühl, Doersch, Donahue, Darrell 2015, "Data-dependent Initializations of
    Convolutional Neural Networks", algorithms 1 and 2.
    """

    type: Literal["data_dependent"] = "data_dependent"
    balance: Annotated[bool, doc("whether layers are scaled to learn equally fast")] = True

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return a Gaussian array of `shape`, as it is before any data are seen."""
        return Xavier().draw(rng, shape, fans)

    def fit(
        self,
        weights: NDArray[np.floating[Any]],
        biases: NDArray[np.floating[Any]],
        outputs: NDArray[np.floating[Any]],
    ) -> None:
        """Scale and shift every unit so that `outputs` (N, F) would have spread 1 and mean β.

        Pieces of one unit (maxout) have F apart columns of `weights`, and move together.
        """
        mean, std = outputs.mean(axis=0), outputs.std(axis=0)  # (F,)
        size = np.hypot(mean, std)
        largest = float(np.max(size, where=np.isfinite(size), initial=0))
        varies = (std > max(SMALLEST, LEAST_SPREAD * largest)) & np.isfinite(size)
        scale = np.where(varies, std, 1.0)
        by_unit = biases.reshape(-1, mean.size)  # (pieces, F)
        by_unit += np.where(varies, (by_unit - mean) / scale, 0.0)
        columns = weights.reshape(-1, mean.size)  # (R, F), a view
        columns /= scale

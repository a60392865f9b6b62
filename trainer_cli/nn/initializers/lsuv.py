"""Orthonormal weights, scaled until the layer's outputs on training data have variance 1."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt, Lt, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans
from trainer_cli.nn.initializers.orthogonal import Orthogonal

# Outputs that spread less than this count as equal; weights divided by more fit into float32.
SMALLEST = 1e-30


@dataclass(frozen=True, kw_only=True)
class Lsuv:
    """W = Q / √Var(x Q): layer-sequential unit variance, with an orthonormal Q.

    Var is taken over all outputs of the layer, before the nonlinearity, on a sample of the training
    examples; the layers are fitted in their order, each behind finished ones. The paper repeats the
    division because it takes another batch each time; on one sample once is exact. Outputs that do
    not vary, or are not finite, leave the weights as they are drawn.
    Source: Mishkin and Matas 2015, "All you need is a good init", algorithm 1.
    """

    type: Literal["lsuv"] = "lsuv"
    tolerance: Annotated[
        float, Gt(0), Lt(1), doc("distance from 1 below which a variance is left as it is")
    ] = 0.1

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an orthonormal array of `shape`, as it is before any data are seen."""
        return Orthogonal().draw(rng, shape, fans)

    def fit(
        self,
        weights: NDArray[np.floating[Any]],
        biases: NDArray[np.floating[Any]],
        outputs: NDArray[np.floating[Any]],
    ) -> None:
        """Scale the weights so that `outputs`, which came of them, would have variance 1."""
        std = float(outputs.std())
        if SMALLEST < std < np.inf and abs(std * std - 1) >= self.tolerance:
            weights /= std

"""Weights that turn the signal without stretching any direction of it."""

from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans


@dataclass(frozen=True, kw_only=True)
class Orthogonal:
    """W = gain · Q, with Q drawn evenly from all matrices of orthonormal columns or rows.

    Shapes: the weights of a dense layer are the matrix (I, O), those of a convolution (K·K·C, F).
    The columns are orthonormal, one for each unit, if there are no more of them than rows; else the
    rows are. The R factor's signs are moved into Q, without which the QR decomposition of a
    Gaussian matrix does not give an even (Haar) distribution.
    Source: Saxe, McClelland, Ganguli 2013, "Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks"; Mezzadri 2007, "How to generate random matrices from the
    classical compact groups".
    """

    type: Literal["orthogonal"] = "orthogonal"
    gain: Annotated[float, Gt(0), doc("factor of the orthonormal matrix, √2 before a ReLU")] = 1.0

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`; the fans do not matter here."""
        rows, columns = prod(shape[:-1]), shape[-1]
        tall = rng.standard_normal((max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(tall)
        q *= np.copysign(self.gain, np.diagonal(r))
        return (q if rows >= columns else q.T).reshape(shape)

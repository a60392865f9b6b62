"""The Gaussian error linear unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, prod, sqrt
from typing import ClassVar, Literal

import numpy as np

from trainer_cli.nn.initializers import He, Initializer
from trainer_cli.nn.layers.place import Array, Place
from trainer_cli.nn.layers.pointwise import Pointwise, PointwiseAtWork


@dataclass(frozen=True, kw_only=True)
class Gelu(Pointwise):
    """y = x Φ(x), where Φ(x) = ½ (1 + erf(x / √2)) is the normal distribution's.

    The slope is Φ(x) + x φ(x), with the density φ(x) = exp(-½ x²) / √(2π). Exact to the rounding
    of the precision, without the approximation of Φ by tanh, which is off by up to 5e-4.
    Shapes: (N, ..., M, F) to the same.
    Source: Hendrycks and Gimpel 2016, "Gaussian Error Linear Units (GELUs)", section 2.
    """

    type: Literal["gelu"] = "gelu"

    follower_init: ClassVar[Initializer] = He()

    @staticmethod
    def bind(stack: Sequence["Gelu"], place: Place) -> PointwiseAtWork:
        """Return the layer at work."""
        return PointwiseAtWork(place, _Gate(place))


# (1 + 2z) exp(z²) erfc(z) for z >= 0, as a Chebyshev series in t = (z - 4) / (z + 4). The form is
# that of Shepherd and Laframboise 1981, "Chebyshev Approximation of (1 + 2x) exp(x²) erfc x in
# 0 <= x < ∞"; the coefficients were computed with 40 digits.
SERIES = [
    1.1774832005374487,
    -0.007260796620301901,
    -0.081265123236185,
    0.06009212804122225,
    -0.02875393558027666,
    0.01059566336347286,
    -0.003136927294554264,
    0.0007456494372536184,
    -0.0001369696503010054,
    1.7183861600300937e-05,
    -7.158364623450346e-07,
    -2.4261399442449534e-07,
    5.5765709395703566e-08,
    -2.1057869513809494e-09,
    -1.1717889351884957e-09,
    1.9098355172456688e-10,
    1.408871764208813e-11,
    -6.901108320480815e-12,
    9.167958364111294e-14,
    2.1454508286554553e-13,
    -1.4716575027010623e-14,
    -6.668675118770408e-15,
    7.504598509880083e-16,
    2.22009300666632e-16,
]
# Terms that change a result in this precision.
TERMS = {4: 12, 8: 24}
# The function takes some 60 passes: over blocks of this many values, they stay in the cache.
BLOCK = 8192


class _Gate:
    """x Φ(x) and its slope, block by block."""

    def __init__(self, place: Place) -> None:
        series = np.array(SERIES[: TERMS[place.dtype.itemsize]])
        self._powers: list[float] = np.polynomial.chebyshev.cheb2poly(series).tolist()
        values = place.input_members * prod(place.input_shape)  # of one example
        self._examples = max(1, min(BLOCK // values, place.capacity))
        shape = (*place.input_shape[:-1], place.input_members, place.input_shape[-1])
        self._scratch: Array = np.empty((3, self._examples, *shape), place.dtype)

    def __call__(self, x: Array, slope: Array) -> None:
        for start in range(0, len(x), self._examples):
            block = slice(start, start + self._examples)
            self._gate(x[block], slope[block])

    def _gate(self, x: Array, slope: Array) -> None:
        z, t, tail = self._scratch[:, : len(x)]
        np.abs(x, z)
        z *= sqrt(0.5)
        np.add(z, 4, t)
        np.divide(-8, t, t)
        t += 1  # (z - 4) / (z + 4)
        np.multiply(x, x, slope)
        slope *= -0.5
        np.exp(slope, slope)
        self._polynomial(t, tail)
        z *= 2
        z += 1
        tail /= z
        tail *= slope
        tail *= 0.5  # ½ erfc(|x| / √2) = 1 - Φ(|x|)
        slope *= x
        slope *= 1 / sqrt(2 * pi)  # x φ(x)
        np.subtract(0.5, tail, tail)
        np.copysign(tail, x, tail)
        tail += 0.5  # Φ(x)
        slope += tail
        x *= tail

    def _polynomial(self, t: Array, result: Array) -> None:
        """Sum the powers of `t`, by Horner's rule."""
        result.fill(self._powers[-1])
        for coefficient in self._powers[-2::-1]:
            result *= t
            result += coefficient

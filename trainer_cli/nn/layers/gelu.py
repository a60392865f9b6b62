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
    of the precision, without the usual approximation by the tanh of a cubic, off by up to 5e-4.
    Shapes: (N, ..., M, F) to the same.
    Source: Hendrycks and Gimpel 2016, "Gaussian Error Linear Units (GELUs)", section 2.
    """

    type: Literal["gelu"] = "gelu"

    keeps_shared: ClassVar[bool] = True
    arrays: ClassVar[int] = 1  # the slopes
    follower_init: ClassVar[Initializer] = He()

    @staticmethod
    def bind(stack: Sequence["Gelu"], place: Place) -> PointwiseAtWork:
        """Return the layer at work."""
        return PointwiseAtWork(place, _Gate(place))


# In float32: Φ(x) = ½ (1 + tanh(x P(-½ x²))). With artanh(erf(x / √2)) / x for P this is exact; P
# was fitted to it with 50 digits, so that before rounding Φ is off by at most 9e-8 / (1 + |x|).
# Its terms, from the constant on:
TANH_TERMS = [
    0.797884763799795,
    -0.07266652983186113,
    -0.00013009650736069318,
    0.00044317418521626166,
    6.381317431975668e-05,
    4.305227842135548e-06,
    1.1702519065509603e-07,
]
# In float64: (1 + 2z) exp(z²) erfc(z) for z >= 0, as a Chebyshev series in t = (z - 4) / (z + 4).
# The form is that of Shepherd and Laframboise 1981, "Chebyshev Approximation of (1 + 2x) exp(x²)
# erfc x in 0 <= x < ∞"; the coefficients were computed with 40 digits.
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
SERIES_TERMS: list[float] = np.polynomial.chebyshev.cheb2poly(SERIES).tolist()
# The function takes some 25 passes, in float64 70. Over blocks of so many bytes they stay in the
# second cache, with room for the slopes and three arrays more.
BLOCK = 2**17


class _Gate:
    """x Φ(x) and its slope, block by block."""

    def __init__(self, place: Place) -> None:
        self._cumulate = _by_tanh if place.dtype.itemsize == 4 else _by_series
        values = place.input_members * prod(place.input_shape)  # of one example
        fitting = BLOCK // place.dtype.itemsize // values
        self._examples = max(1, min(fitting, place.capacity))
        shape = (*place.input_shape[:-1], place.input_members, place.input_shape[-1])
        self._scratch: Array = np.empty((3, self._examples, *shape), place.dtype)

    def __call__(self, x: Array, slope: Array) -> None:
        with np.errstate(over="ignore"):  # powers of a large x, of which the tanh is 1
            for start in range(0, len(x), self._examples):
                block = slice(start, start + self._examples)
                self._gate(x[block], slope[block])

    def _gate(self, x: Array, slope: Array) -> None:
        phi, exponent, spare = self._scratch[:, : len(x)]
        np.multiply(x, x, exponent)
        exponent *= -0.5
        np.exp(exponent, slope)
        self._cumulate(x, exponent, slope, phi, spare)
        slope *= x
        slope *= 1 / sqrt(2 * pi)  # x φ(x)
        slope += phi
        x *= phi


def _by_tanh(x: Array, exponent: Array, power: Array, phi: Array, spare: Array) -> None:
    """Write Φ(x) to `phi`, in float32; `exponent` is -½ x², `power` is e to it."""
    _polynomial(TANH_TERMS, exponent, phi)
    phi *= x
    np.tanh(phi, phi)
    phi *= 0.5
    phi += 0.5


def _by_series(x: Array, exponent: Array, power: Array, phi: Array, spare: Array) -> None:
    """Write Φ(x) to `phi`, in float64; `exponent` is used up."""
    z, t = exponent, spare
    np.abs(x, z)
    z *= sqrt(0.5)
    np.add(z, 4, t)
    np.divide(-8, t, t)
    t += 1  # (z - 4) / (z + 4)
    _polynomial(SERIES_TERMS, t, phi)
    z *= 2
    z += 1
    phi /= z
    phi *= power
    phi *= 0.5  # ½ erfc(|x| / √2) = 1 - Φ(|x|)
    np.subtract(0.5, phi, phi)
    np.copysign(phi, x, phi)
    phi += 0.5


def _polynomial(terms: list[float], t: Array, result: Array) -> None:
    """Write the sum of `terms` times the powers of `t` to `result`, by Horner's rule."""
    np.multiply(t, terms[-1], result)
    for term in terms[-2:0:-1]:
        result += term
        result *= t
    result += terms[0]

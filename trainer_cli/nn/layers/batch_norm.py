"""Batch normalization: every feature gets mean 0 and variance 1, then a learned scale and shift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers import Initializer
from trainer_cli.nn.layers.apart import apart
from trainer_cli.nn.layers.columns import Columns, ColumnsOfBatches, Row
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape, Working

# N examples, H × W pixels (1 without an image), K = N·H·W values of a feature; M members, F
# features. Everything happens column by column in the matrix (K, M·F).

# σ² is the mean of x² less μ². Where μ² is more than this many σ², that loses too many digits: μ is
# first taken from x, which costs three passes more.
FAR = 9


@dataclass(frozen=True, kw_only=True)
class BatchNorm:
    """y = γ (x - μ) / √(σ² + ε) + β, with the mean μ and variance σ² of each feature.

    Training: μ and σ² of the batch, over N for (N, M, F) and over N, H, W for (N, H, W, M, C);
    a running average of each is kept, of σ² times K / (K - 1), the unbiased estimate. Evaluation:
    the running averages. A single value (K = 1) says nothing about the variance and leaves its
    running average alone; its y is β. So where the last batch of an epoch would be a single
    example, training leaves it out.
    Shapes: (N, ..., M, F) to the same; γ, β, running mean and variance (M, F).
    Gradients: with x̂ = (x - μ) / √(σ² + ε), dγ = Σ dy x̂, dβ = Σ dy, and in training
    dx = γ / √(σ² + ε) · (dy - dβ / K - x̂ dγ / K); in evaluation the last two terms are absent.
    Source: Ioffe and Szegedy 2015, "Batch Normalization", algorithms 1 and 2, section 3.2;
    CS231n, "Neural Networks Part 2", section Batch Normalization.
    """

    type: Literal["batch_norm"] = "batch_norm"
    momentum: Annotated[
        float, Ge(0), Lt(1), doc("share of a running average that stays when a batch is added")
    ] = 0.9
    epsilon: Annotated[float, Gt(0), Le(1e6), doc("what is added to every variance, ε")] = 1e-5

    keeps_shared: ClassVar[bool] = False
    follower_init: ClassVar[Initializer | None] = None

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return `input_shape`."""
        return input_shape

    def smallest_batch(self, input_shape: Shape) -> int:
        """Return how many examples give every feature two values, the least that have a spread."""
        return 2 if prod(input_shape[:-1]) == 1 else 1

    def parameters(self, input_shape: Shape) -> tuple[ParameterShape, ...]:
        """Return the shapes of γ, β and the running averages, (F,) each."""
        features = input_shape[-1:]
        return (
            ParameterShape(name="gamma", shape=features, role="other"),
            ParameterShape(name="beta", shape=features, role="other"),
            ParameterShape(name="mean", shape=features, role="statistic"),
            ParameterShape(name="variance", shape=features, role="statistic"),
        )

    def initialize(
        self, values: Mapping[str, Array], rng: np.random.Generator, follower: Initializer
    ) -> None:
        """Start at γ = 1, β = 0, running mean 0 and running variance 1; nothing is drawn."""
        for name, start in {"gamma": 1, "beta": 0, "mean": 0, "variance": 1}.items():
            values[name][...] = start

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps for one example: y, and a copy of a shared x."""
        return 2 * prod(input_shape)

    @staticmethod
    def bind(stack: Sequence["BatchNorm"], place: Place) -> Working:
        """Return the layer at work."""
        return apart(place, lambda own: BatchNormAtWork(stack, own))


class BatchNormAtWork:
    """Batch normalization of M members at work; one value per column is kept in float64."""

    def __init__(self, stack: Sequence[BatchNorm], place: Place) -> None:
        features = place.input_shape[-1]
        self._gamma, self._beta, self._mean, self._variance = (
            place.values[name].reshape(-1) for name in ("gamma", "beta", "mean", "variance")
        )
        self._d_gamma, self._d_beta = (
            place.gradients[name].reshape(-1) for name in ("gamma", "beta")
        )
        self._new_share: Row = np.repeat([1 - s.momentum for s in stack], features)
        self._epsilon: Row = np.repeat([s.epsilon for s in stack], features)
        self._inverse: Row = np.ones(self._gamma.size)  # 1 / √(σ² + ε) of the last forward
        self._trained = False  # whether the last forward was one in training
        self._x: Array  # that of the last forward, in the form (K/W, W·M·F)
        self._left: Array  # the part of μ that is still in it
        self._input_gradient = place.input_gradient
        self._y = place.buffer(place.input_shape, place.members)
        self._columns = ColumnsOfBatches()

    def forward(self, x: Array, training: bool) -> Array:
        """Return γ (x - μ) / √(σ² + ε) + β: (N, ..., M, F); `x` keeps x or x - μ."""
        y = self._y[: len(x)]
        columns = self._columns.of(y)
        x, wide = columns.view(x), columns.view(y)
        mean: Array = self._mean
        variance: Array = self._variance
        if training:
            mean, variance = _moments(columns, x, wide)
        self._left = mean
        far = mean * mean > FAR * variance
        if far.any():
            taken = np.where(far, mean, 0).astype(x.dtype)
            columns.add(x, -taken, x)
            self._left = mean - taken
            if training:
                self._left, variance = _moments(columns, x, wide)
                mean = taken + self._left
        np.add(variance, self._epsilon, out=self._inverse)
        np.sqrt(self._inverse, out=self._inverse)
        np.reciprocal(self._inverse, out=self._inverse)
        if training:
            self._average(mean, variance, columns.count)
        scale = self._gamma * self._inverse
        columns.multiply(x, scale, wide)
        columns.add(wide, self._beta - self._left * scale, wide)
        self._x, self._trained = x, training
        return y

    def backward(self, d: Array) -> Array | None:
        """Fill dγ and dβ; return dx, in the array of `d`."""
        columns, x, left = self._columns.of(d), self._x, self._left
        wide = columns.view(d)
        sums = columns.sums(wide)
        products = columns.sums_of_products(wide, x)
        products -= left * sums
        products *= self._inverse  # Σ dy x̂
        self._d_beta[:], self._d_gamma[:] = sums, products
        if not self._input_gradient:
            return None
        if self._trained:  # every value of the batch moves μ and σ²
            products *= self._inverse / columns.count
            columns.multiply(x, products, x)
            wide -= x
            columns.add(wide, products * left - sums / columns.count, wide)
        columns.multiply(wide, self._gamma * self._inverse, wide)
        return d

    def sides(self) -> tuple[NDArray[Any], ...]:
        """Return nothing: the layer is smooth."""
        return ()

    def _average(self, mean: Array, variance: Array, count: int) -> None:
        """Move the running averages towards a batch of `count` values; uses up its variance."""
        self._mean += self._new_share * (mean - self._mean)
        if count > 1:
            variance *= count / (count - 1)
            variance -= self._variance
            variance *= self._new_share
            self._variance += variance


def _moments(columns: Columns, x: Array, scratch: Array) -> tuple[Row, Row]:
    """Return mean and variance of every column, (L,) each, from the sums of `x` and its squares."""
    mean = columns.sums(x)
    mean /= columns.count
    np.multiply(x, x, scratch)
    variance = columns.sums(scratch)
    variance /= columns.count
    variance -= mean * mean
    return mean, np.maximum(variance, 0, out=variance)  # rounding can push it below

"""Two dense layers with what keeps their weights small, for tests of regularization."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer_cli.nn.layers import Dense, Layer, Tanh
from trainer_cli.nn.network import Network
from trainer_cli.nn.parameters import Parameters
from trainer_cli.nn.regularization import NormBounds, Penalty, Regularization

INPUTS = 5


def layers(own: Sequence[dict[str, float]] = ({}, {})) -> tuple[Layer, ...]:
    """Return two dense layers with settings of their own."""
    return (Dense(units=4, **own[0]), Tanh(), Dense(units=3, **own[1]))


def parameters(members: int, dtype: type = np.float64) -> Parameters:
    """Return random values and gradients of two dense layers."""
    made = Network([layers()] * members, (INPUTS,), capacity=1, dtype=np.dtype(dtype)).parameters
    rng = np.random.default_rng(members)
    made.values[:] = rng.standard_normal(made.values.size)
    made.gradients[:] = rng.standard_normal(made.gradients.size)
    return made


def penalty(
    stack: Sequence[Regularization], on: Parameters, own: Sequence[dict[str, float]] = ({}, {})
) -> Penalty:
    return Regularization.bind(stack, [layers(own)] * len(stack), on)


def bounds(
    stack: Sequence[Regularization], on: Parameters, own: Sequence[dict[str, float]] = ({}, {})
) -> NormBounds:
    return Regularization.bind_bounds(stack, [layers(own)] * len(stack), on)

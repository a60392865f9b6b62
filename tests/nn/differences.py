"""Central differences, the yardstick that every written-down gradient is held against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from trainer_cli.nn.layers import Layer
from trainer_cli.nn.network import Network

# The error is about step⁴ / 30 by truncation and 1e-16 / step by rounding: 1e-13 both.
STEP = 1e-3
# Batch normalization of three examples bends so sharply that truncation costs 1e-7 at that step.
SHORT_STEP = 3e-4


def central_differences(
    f: Callable[[], float],
    x: np.ndarray,
    step: float = STEP,
    sides: Callable[[], Sequence[np.ndarray]] = list,
) -> np.ndarray:
    """Return df/dx to fourth order, where `f` looks at `x`, which is moved in place and put back.

    f'(x) ≈ (8 (f(x + h) - f(x - h)) - (f(x + 2h) - f(x - 2h))) / 12h

    Where `sides()`, asked after every call of `f`, does not always say the same, the points lie
    on both sides of a kink, and the result is NaN.
    """
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        middle, f_at, sides_at = x[index], [], []
        for steps in (1, -1, 2, -2):
            x[index] = middle + steps * step
            f_at.append(f())
            sides_at.append([side.copy() for side in sides()])
        x[index] = middle
        near, far = f_at[0] - f_at[1], f_at[2] - f_at[3]
        gradient[index] = (8 * near - far) / (12 * step)
        if not all(_equal(sides_at[0], other) for other in sides_at[1:]):
            gradient[index] = np.nan
    return gradient


def _equal(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(a, b, strict=True))


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """Return ‖a - b‖ / (‖a‖ + ‖b‖); 0 where both are zero."""
    assert a.shape == b.shape
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size else 0.0


def away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return numbers of both signs between 0.1 and 1 in size."""
    return rng.uniform(0.1, 1, shape) * rng.choice([-1, 1], shape)


def batch_shape(n: int, shape: tuple[int, ...], members: int) -> tuple[int, ...]:
    """Return (N, M, F) or (N, H, W, M, C)."""
    return (n, *shape[:-1], members, shape[-1])


def random_network(
    stack: Sequence[Sequence[Layer]],
    shape: tuple[int, ...],
    rng: np.random.Generator,
    *,
    dtype: Any = np.float64,
    **settings: Any,
) -> Network:
    """Return a network whose parameters and statistics are random, and none of them near 0."""
    network = Network(stack, shape, dtype=np.dtype(dtype), input_gradient=True, **settings)
    stored = network.parameters.stored
    stored[:] = away_from_zero(rng, stored.shape)
    for entry in network.parameters.statistics:
        view = entry.view(stored)
        np.abs(view, out=view)  # a variance is positive
    return network


class Probe:
    """f = Σ y·d of a network, with the same noise at every call, and its gradients both ways.

    `seeds` are those of the members' noise, 0, 1, ... unless given.
    """

    def __init__(
        self, network: Network, x: np.ndarray, *, training: bool, seeds: Sequence[int] = ()
    ) -> None:
        self.network, self.x, self._training = network, x, training
        self._seeds = seeds or range(network.members)
        rng = np.random.default_rng(0)
        self.d = np.ones(1)
        self.d = rng.standard_normal(self.forward().shape).astype(x.dtype)

    def forward(self) -> np.ndarray:
        """Return the outputs; the running averages stay as they are."""
        network = self.network
        network.restart_noise(self._seeds, "noise", 0)
        before = network.parameters.running.copy()
        y = network.forward(self.x.copy(), self._training)
        network.parameters.running[:] = before
        return y

    def value(self) -> float:
        """Return f."""
        return float(np.sum(self.forward() * self.d))

    def written_down(self) -> dict[str, np.ndarray]:
        """Return the gradients that `backward` finds."""
        parameters = self.network.parameters
        parameters.gradients.fill(np.nan)  # whatever was there must not matter
        self.forward()
        dx = self.network.backward(self.d.copy())
        assert dx is not None
        found = {e.name: e.view(parameters.gradients).copy() for e in parameters.entries}
        return {"input": dx.copy(), **found}

    def measured(self) -> dict[str, np.ndarray]:
        """Return the same gradients by central differences, NaN where a kink is in the way."""
        parameters = self.network.parameters
        arrays = {e.name: e.view(parameters.values) for e in parameters.entries}
        return {
            name: central_differences(self.value, array, SHORT_STEP, self.network.sides)
            for name, array in {"input": self.x, **arrays}.items()
        }

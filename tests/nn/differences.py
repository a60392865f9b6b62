"""Central differences, the yardstick that every written-down gradient is held against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from trainer_cli.nn.layers import Layer
from trainer_cli.nn.network import Network

# The error is about step⁴ / 30 by truncation and 1e-16 / step by rounding: 1e-13 both.
STEP = 1e-3


def central_differences(f: Callable[[], float], x: np.ndarray, step: float = STEP) -> np.ndarray:
    """Return df/dx to fourth order, where `f` looks at `x`, which is moved in place and put back.

    f'(x) ≈ (8 (f(x + h) - f(x - h)) - (f(x + 2h) - f(x - 2h))) / 12h
    """
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        middle, f_at = x[index], []
        for steps in (1, -1, 2, -2):
            x[index] = middle + steps * step
            f_at.append(f())
        x[index] = middle
        near, far = f_at[0] - f_at[1], f_at[2] - f_at[3]
        gradient[index] = (8 * near - far) / (12 * step)
    return gradient


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """Return ‖a - b‖ / (‖a‖ + ‖b‖); 0 where both are zero."""
    assert a.shape == b.shape
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size else 0.0


def away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return numbers of both signs between 0.1 and 1 in size."""
    return rng.uniform(0.1, 1, shape) * rng.choice([-1, 1], shape)


def smooth_network(
    layers: list[Layer], shape: tuple[int, ...], rng: np.random.Generator, **settings: Any
) -> Network:
    """Return a float64 network, (M = `settings["members"]`), whose kinks are far from its inputs.

    Small weights and biases of 1 to 2 keep what every layer sees away from zero, so that no step
    of a central difference crosses the kink of a rectifier.
    """
    members = settings.pop("members")
    network = Network(
        [layers] * members, shape, dtype=np.dtype(np.float64), input_gradient=True, **settings
    )
    for entry in network.parameters.entries:
        values = entry.view(network.parameters.values)
        if entry.penalized:
            values[...] = 0.07 * away_from_zero(rng, entry.shape)
        else:
            values[...] = away_from_zero(rng, entry.shape)
            values += np.sign(values)
    return network

"""Flattening: images that lie in rows are looked at where they are, others are copied."""

import numpy as np
import pytest

from trainer_cli.nn.layers import Flatten
from trainer_cli.nn.layers.place import Place
from trainer_cli.nn.streams import Noise

N, M, SHAPE = 5, 3, (2, 4, 3)


def at_work():
    place = Place(
        members=M,
        capacity=N,
        input_shape=SHAPE,
        shared_input=False,
        input_gradient=True,
        dtype=np.dtype(np.float32),
        values={},
        gradients={},
        noise=Noise(),
    )
    return Flatten.bind([Flatten()] * M, place)


def images(layout):
    """Return images (N, H, W, M, C) of which every member's lie in a row, or which are mixed."""
    numbers = np.arange(N * M * np.prod(SHAPE), dtype=np.float32)
    if layout == "member by member":
        return np.moveaxis(numbers.reshape(M, N, *SHAPE), 0, -2)
    if layout == "example by example":
        return np.moveaxis(numbers.reshape(N, M, *SHAPE), 1, -2)
    if layout == "one for all":
        shared = numbers[: N * int(np.prod(SHAPE))].reshape(N, *SHAPE[:-1], 1, SHAPE[-1])
        return np.broadcast_to(shared, (N, *SHAPE[:-1], M, SHAPE[-1]))
    return numbers.reshape(N, *SHAPE[:-1], M, SHAPE[-1])


@pytest.mark.parametrize(
    ("layout", "copied"),
    [
        ("member by member", False),
        ("example by example", False),
        ("one for all", False),
        ("mixed", True),
    ],
)
def test_the_values_of_every_image_in_a_row(layout, copied):
    x = images(layout)
    y = at_work().forward(x, training=True)
    assert y.shape == (N, M, 24)
    for m in range(M):
        assert np.array_equal(y[:, m], x[..., m, :].reshape(N, -1))
    assert np.shares_memory(x, y) != copied


@pytest.mark.parametrize("layout", ["member by member", "mixed"])
def test_the_gradient_is_put_back(layout):
    x = images(layout).copy() if layout == "mixed" else images(layout)
    work = at_work()
    work.forward(x, training=True)
    d = np.random.default_rng(0).standard_normal((N, M, 24)).astype(np.float32)
    below = work.backward(d.copy())
    for m in range(M):
        assert np.array_equal(below[..., m, :].reshape(N, -1), d[:, m])

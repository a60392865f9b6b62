"""Pooling takes the largest or the mean of every window; flattening moves nothing.

N examples, M members, H W an image, C channels, K the window's side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainer_cli.nn.layers import AvgPool, Conv, Flatten, MaxPool
from trainer_cli.nn.layers import pooling as pooling_module
from trainer_cli.nn.layers.place import UnfitError
from trainer_cli.nn.network import Network

IMAGE = np.array([[1, 5, 2, 2, 9], [5, 5, 2, 2, 9], [0, -1, -3, -2, 9]], float)
SIZES = [(1, None), (2, None), (3, None), (2, 1), (3, 2), (2, 3), (1, 2), (4, 3)]


def built(layer: Any, shape: tuple[int, ...], members: int = 1, **given: Any) -> Network:
    settings: dict[str, Any] = {
        "capacity": 5,
        "dtype": np.dtype(np.float64),
        "input_gradient": True,
    }
    return Network([[layer]] * members, shape, **{**settings, **given})


def of_image(layer: Any, d: Any) -> tuple[list, list]:
    """Return what a layer makes of the image, and of a gradient of that."""
    network = built(layer, (*IMAGE.shape, 1))
    y = network.forward(IMAGE.reshape(1, *IMAGE.shape, 1, 1).copy(), training=True)
    found = y[0, :, :, 0, 0].tolist()
    dx = network.backward(np.array(d, float).reshape(y.shape))
    assert dx is not None
    return found, dx[0, :, :, 0, 0].tolist()


def test_the_largest_by_hand_the_first_of_equals_gets_the_gradient() -> None:
    y, dx = of_image(MaxPool(size=2), [[10, 20]])
    assert y == [[5, 2]]
    assert dx == [[0, 10, 20, 0, 0], [0] * 5, [0] * 5]


def test_the_largest_of_windows_that_overlap_by_hand() -> None:
    y, dx = of_image(MaxPool(size=2, stride=1), [[1, 2, 4, 8], [16, 32, 64, 128]])
    assert y == [[5, 5, 2, 9], [5, 5, 2, 9]]
    assert dx == [[0, 3, 4, 0, 8], [16, 32, 64, 0, 128], [0] * 5]


def test_the_mean_by_hand() -> None:
    y, dx = of_image(AvgPool(size=2), [[4, 8]])
    assert y == [[4, 2]]
    assert dx == [[1, 1, 2, 2, 0], [1, 1, 2, 2, 0], [0] * 5]
    y, dx = of_image(AvgPool(size=2, stride=1), [[4] * 4] * 2)
    assert y == [[4, 3.5, 2, 5.5], [2.25, 0.75, -0.25, 4.5]]
    assert dx == [[1, 2, 2, 2, 1], [2, 4, 4, 4, 2], [1, 2, 2, 2, 1]]


def defined(layer: Any, x: np.ndarray, d: np.ndarray | None) -> tuple[np.ndarray, ...]:
    """Return y, dx and the places of the largest values, window by window."""
    size, step = layer.size, layer.size if layer.stride is None else layer.stride
    n, height, width, members, channels = x.shape
    y = np.zeros((n, (height - size) // step + 1, (width - size) // step + 1, members, channels))
    dx, place = np.zeros(x.shape), np.zeros(y.shape, np.intp)
    for e, i, j, m, c in np.ndindex(y.shape):
        window = np.s_[e, step * i : step * i + size, step * j : step * j + size, m, c]
        given = 0 if d is None else d[e, i, j, m, c]
        place[e, i, j, m, c] = np.argmax(x[window])  # the first one
        if isinstance(layer, MaxPool):
            y[e, i, j, m, c] = np.max(x[window])
            dx[window].flat[place[e, i, j, m, c]] += given
        else:
            y[e, i, j, m, c] = np.mean(x[window])
            dx[window] += given / size**2
    return y, dx, place


@pytest.mark.parametrize("block", [1, 100, 1 << 18])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize(("size", "stride"), SIZES)
@pytest.mark.parametrize("kind", [MaxPool, AvgPool])
def test_it_is_what_the_definition_says(
    monkeypatch, kind, size, stride, shared, members, block
) -> None:
    monkeypatch.setattr(pooling_module, "BLOCK_VALUES", block)
    rng, layer = np.random.default_rng(size), kind(size=size, stride=stride)
    for height, width in ((4, 4), (5, 7), (9, 6)):
        network = built(layer, (height, width, 2), members, shared_input=shared)
        for n in (2, 5, 1):
            # Few different numbers: many windows have several largest ones.
            x = rng.integers(-2, 3, (n, height, width, 1 if shared else members, 2)).astype(float)
            d = rng.standard_normal(defined(layer, x, None)[0].shape)
            y, dx, place = defined(layer, x, d)
            np.testing.assert_allclose(network.forward(x.copy(), training=True), y, rtol=1e-14)
            sides = network.layers[0].sides()
            assert len(sides) == (kind is MaxPool)
            assert all(np.array_equal(side, place) for side in sides)
            found = network.backward(d.copy())
            np.testing.assert_allclose(found, dx, rtol=1e-13, atol=1e-14)


def test_values_that_are_not_numbers_are_seen() -> None:
    x = np.array([[np.nan, 1], [2, 3]]).reshape(1, 2, 2, 1, 1)
    for layer in (MaxPool(), AvgPool()):
        assert np.isnan(built(layer, (2, 2, 1)).forward(x.copy(), training=True)).all()


@pytest.mark.parametrize("kind", [MaxPool, AvgPool])
def test_without_input_gradient_there_is_none(kind) -> None:
    network = built(kind(), (4, 4, 1), input_gradient=False)
    network.forward(np.ones((2, 4, 4, 1, 1)), training=True)
    assert network.backward(np.ones((2, 2, 2, 1, 1))) is None


@pytest.mark.parametrize("kind", [MaxPool, AvgPool])
@pytest.mark.parametrize(
    ("shape", "setting", "message", "hint"),
    [
        (
            (64,),
            None,
            "takes images (height, width, channels), got examples of shape (64,)",
            "pooling needs image data, and stands before flatten and dense layers",
        ),
        (
            (8, 2, 1),
            "size",
            "must be at most the side of the image, 8 x 2, got 3",
            "every pooling layer makes the image smaller; use fewer, or a smaller size",
        ),
    ],
)
def test_images_that_do_not_fit(kind, shape, setting, message, hint) -> None:
    with pytest.raises(UnfitError) as caught:
        kind(size=3).output_shape(shape)
    assert (caught.value.setting, caught.value.message) == (setting, message)
    assert caught.value.hint == hint


@pytest.mark.parametrize("kind", [MaxPool, AvgPool])
def test_members_share_their_windows(kind) -> None:
    stack = [[kind(size=2, stride=2)], [kind(size=3, stride=2)]]  # three windows each way
    with pytest.raises(ValueError, match=r"^the members of a stack have the same size and stride$"):
        Network(stack, (7, 7, 1), capacity=2, dtype=np.dtype(np.float64))


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("members", [1, 2])
def test_flattening_lays_an_image_in_a_row(members, shared) -> None:
    network = built(Flatten(), (2, 3, 4), members, shared_input=shared)
    assert network.output_shape == (24,)
    rng, m = np.random.default_rng(0), 1 if shared else members
    for n in (3, 5):
        x = rng.standard_normal((n, 2, 3, m, 4))
        y = network.forward(x.copy(), training=True)
        assert y.shape == (n, m, 24)
        for member in range(m):
            np.testing.assert_array_equal(y[:, member], x[:, :, :, member].reshape(n, 24))
        np.testing.assert_array_equal(network.backward(y.copy()), x)


def test_flattening_leaves_flat_examples_as_they_are() -> None:
    network = built(Flatten(), (3,), members=2, shared_input=False)
    x = np.arange(12.0).reshape(2, 2, 3)
    assert network.forward(x, training=True) is x
    assert network.backward(x) is x


def test_pooling_and_flattening_pass_on_a_shared_image() -> None:
    layers = [
        MaxPool(),
        AvgPool(),
        Flatten(),
    ]
    network = Network([layers] * 3, (8, 8, 2), capacity=2, dtype=np.dtype(np.float64))
    assert network.forward(np.ones((2, 8, 8, 1, 2)), training=True).shape == (2, 1, 8)
    network = Network(
        [[Conv(filters=2), Flatten()]] * 3, (8, 8, 2), capacity=2, dtype=np.dtype(np.float64)
    )
    assert network.forward(np.ones((2, 8, 8, 1, 2)), training=True).shape == (2, 3, 128)

"""A convolution is what its definition says, window by window, in whichever way it is computed.

N examples, M members, H W an image, C channels, K the kernel's side, F filters.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from tests.nn.differences import relative_error
from trainer_cli.nn.initializers import Constant, He
from trainer_cli.nn.layers import Conv
from trainer_cli.nn.layers import conv as conv_module
from trainer_cli.nn.layers import windows as windows_module
from trainer_cli.nn.layers import winograd as winograd_module
from trainer_cli.nn.layers.conv import ConvAtWork
from trainer_cli.nn.layers.place import UnfitError
from trainer_cli.nn.layers.windows import Span, span
from trainer_cli.nn.layers.winograd import WinogradAtWork
from trainer_cli.nn.network import Network

SETTINGS = [
    Conv(filters=3),
    Conv(filters=1, padding="valid"),
    Conv(filters=2, padding=4),
    Conv(filters=3, stride=2),
    Conv(filters=2, kernel=1),
    Conv(filters=2, kernel=1, stride=2, padding=1),
    Conv(filters=2, kernel=2),
    Conv(filters=2, kernel=2, stride=3, padding="valid"),
    Conv(filters=3, kernel=5, stride=2, padding=1),
    Conv(filters=1, kernel=4, stride=3),
]
IMAGES = [(5, 4, 3), (7, 3, 1), (6, 9, 2)]
Arrays = dict[str, np.ndarray]


def built(layer: Conv, shape: tuple[int, ...], members: int = 1, **given: Any) -> Network:
    """Return a network of the layer alone, its parameters Gaussian."""
    settings: dict[str, Any] = {
        "capacity": 5,
        "dtype": np.dtype(np.float64),
        "input_gradient": True,
    }
    network = Network([[layer]] * members, shape, **{**settings, **given})
    rng = np.random.default_rng(7)
    network.parameters.values[:] = rng.standard_normal(network.parameters.values.size)
    return network


def batch(network: Network, n: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return a batch and a gradient of its outputs, Gaussian."""
    rng = np.random.default_rng(seed)
    height, width, channels = network.input_shape
    members = 1 if network.shared_input else network.members
    x = rng.standard_normal((n, height, width, members, channels))
    d = rng.standard_normal(
        (n, *network.output_shape[:2], network.members, network.output_shape[2])
    )
    return x, d


def computed(network: Network, x: np.ndarray, d: np.ndarray) -> Arrays:
    """Return y, dx and the gradients of all parameters, in float64."""
    dtype, parameters = network.parameters.values.dtype, network.parameters
    parameters.gradients.fill(np.nan)  # whatever was there must not matter
    y = network.forward(x.astype(dtype), training=True).astype(np.float64)
    dx = network.backward(d.astype(dtype))
    found = {"y": y} if dx is None else {"y": y, "dx": dx.astype(np.float64)}
    for entry in parameters.entries:
        found[entry.name.partition(".")[2]] = entry.view(parameters.gradients).astype(np.float64)
    return found


def defined(network: Network, x: np.ndarray, d: np.ndarray) -> Arrays:
    """Return the same by the definition, one window, one product at a time."""
    layer = network.stack[0][0]
    w, b = (network.parameters[f"network[0].{name}"] for name in ("weights", "biases"))
    (height, width, _), (down, across) = network.input_shape, layer.spans(network.input_shape)
    y, dx, dw = np.zeros(d.shape), np.zeros(x.shape), np.zeros(w.shape)
    for n, i, j, m, f in np.ndindex(d.shape):
        own = m if x.shape[3] > 1 else 0
        y[n, i, j, m, f] = b[m, f]
        for p, q in product(range(layer.kernel), repeat=2):
            row, column = layer.stride * i + p - down.before, layer.stride * j + q - across.before
            if 0 <= row < height and 0 <= column < width:
                y[n, i, j, m, f] += x[n, row, column, own] @ w[p, q, :, m, f]
                dx[n, row, column, own] += d[n, i, j, m, f] * w[p, q, :, m, f]
                dw[p, q, :, m, f] += d[n, i, j, m, f] * x[n, row, column, own]
    return {"y": y, "dx": dx, "weights": dw, "biases": d.sum(axis=(0, 1, 2))}


def assert_same(found: Arrays, expected: Arrays, tolerance: float) -> None:
    assert found.keys() == expected.keys()
    errors = {name: relative_error(found[name], expected[name]) for name in expected}
    assert all(error < tolerance for error in errors.values()), errors


def test_values_by_hand() -> None:
    image = np.arange(9.0).reshape(1, 3, 3, 1, 1)  # 0 1 2 / 3 4 5 / 6 7 8
    network = built(Conv(filters=1, kernel=2, padding="valid"), (3, 3, 1))
    network.parameters["network[0].weights"][...] = np.reshape([1, 10, 100, 1000], (2, 2, 1, 1, 1))
    network.parameters["network[0].biases"][...] = 0.5
    y = network.forward(image, training=True)[0, :, :, 0, 0]
    assert y.tolist() == [[4310.5, 5421.5], [7643.5, 8754.5]]
    d = np.reshape([1.0, 0, 0, 2], (1, 2, 2, 1, 1))
    dx = network.backward(d)
    assert dx is not None
    assert dx[0, :, :, 0, 0].tolist() == [[1, 10, 0], [100, 1002, 20], [0, 200, 2000]]
    gradients = [e.view(network.parameters.gradients) for e in network.parameters.entries]
    assert gradients[0].ravel().tolist() == [0 + 2 * 4, 1 + 2 * 5, 3 + 2 * 7, 4 + 2 * 8]
    assert gradients[1].ravel().tolist() == [3]


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"),
    [
        (5, 3, 1, "same", Span(1, 1, 5)),
        (5, 2, 1, "same", Span(0, 1, 5)),  # the smaller half before
        (5, 4, 1, "same", Span(1, 2, 5)),
        (5, 3, 2, "same", Span(1, 1, 3)),
        (6, 3, 2, "same", Span(0, 1, 3)),  # as TensorFlow; PyTorch has no such padding
        (224, 7, 2, "same", Span(2, 3, 112)),
        (5, 1, 3, "same", Span(0, 0, 2)),  # fewer than no zeros there cannot be
        (5, 3, 1, "valid", Span(0, 0, 3)),
        (6, 3, 2, "valid", Span(0, 0, 2)),
        (5, 3, 1, 1, Span(1, 1, 5)),
        (227, 11, 4, 0, Span(0, 0, 55)),  # the first layer of AlexNet
        (2, 3, 1, "valid", Span(0, 0, 0)),
    ],
)
def test_where_windows_lie(size, kernel, stride, padding, expected) -> None:
    assert span(size, kernel, stride, padding) == expected


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("layer", SETTINGS, ids=str)
def test_it_is_what_the_definition_says(layer, members, shared) -> None:
    for shape in IMAGES:
        network = built(layer, shape, members, shared_input=shared)
        assert isinstance(network.layers[0], ConvAtWork)
        for n in (2, 5, 1):
            x, d = batch(network, n)
            assert_same(computed(network, x, d), defined(network, x, d), 1e-13)


@pytest.mark.parametrize("values", [1, 60, 200, 2000])
def test_blocks_of_any_size_give_the_same(monkeypatch, values) -> None:
    monkeypatch.setattr(windows_module, "BLOCK_VALUES", values)
    for layer in SETTINGS:
        network = built(layer, (6, 9, 2), members=2, shared_input=False)
        x, d = batch(network)
        assert_same(computed(network, x, d), defined(network, x, d), 1e-13)


def ways(monkeypatch, layer: Conv, shape: tuple[int, ...], **given: Any) -> tuple[Network, Network]:
    """Return the same network with windows as rows, and with tiles."""
    networks = []
    for tiles in (False, True):
        with monkeypatch.context() as patch:
            patch.setattr(conv_module, "pays", lambda *_, tiles=tiles: tiles)
            networks.append(built(layer, shape, **given))
    assert isinstance(networks[0].layers[0], ConvAtWork)
    assert isinstance(networks[1].layers[0], WinogradAtWork)
    return networks[0], networks[1]


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("padding", ["same", "valid", 0, 2, 5])
@pytest.mark.parametrize("shape", [(8, 8, 2), (3, 5, 1), (4, 11, 3), (13, 6, 2)])
def test_tiles_give_the_same(monkeypatch, shape, padding, members, shared) -> None:
    monkeypatch.setattr(winograd_module, "BLOCK_TILES", 8)  # several blocks, the last one smaller
    layer = Conv(filters=3, padding=padding)
    rows, tiles = ways(monkeypatch, layer, shape, members=members, shared_input=shared)
    for n in (2, 5, 1):
        x, d = batch(rows, n)
        assert_same(computed(tiles, x, d), computed(rows, x, d), 1e-13)


def test_tiles_in_float32_are_nearly_as_exact_as_rows(monkeypatch) -> None:
    layer, shape = Conv(filters=24), (16, 15, 20)
    exact, _ = ways(monkeypatch, layer, shape, capacity=8)
    rows, tiles = ways(monkeypatch, layer, shape, capacity=8, dtype=np.dtype(np.float32))
    for network in (exact, rows, tiles):
        network.parameters.values[:] = exact.parameters.values.astype(np.float32)
    x, d = (a.astype(np.float32).astype(np.float64) for a in batch(exact, 8))
    expected = computed(exact, x, d)
    assert_same(computed(rows, x, d), expected, 1e-6)
    assert_same(computed(tiles, x, d), expected, 3e-6)


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
def test_without_input_gradient_the_others_are_the_same(monkeypatch, shared) -> None:
    for layer in SETTINGS[:4]:
        full = built(layer, (5, 4, 3), 2, shared_input=shared)
        lean = built(layer, (5, 4, 3), 2, shared_input=shared, input_gradient=False)
        expected, found = computed(full, *batch(full)), computed(lean, *batch(lean))
        assert "dx" not in found
        assert all(np.array_equal(found[name], expected[name]) for name in found)
    full, tiled = (
        ways(monkeypatch, Conv(filters=3), (5, 4, 3), input_gradient=wanted)[1]
        for wanted in (True, False)
    )
    expected, found = computed(full, *batch(full)), computed(tiled, *batch(tiled))
    assert "dx" not in found
    assert all(np.array_equal(found[name], expected[name]) for name in found)


@pytest.mark.parametrize(
    ("layer", "shape", "way"),
    [
        (Conv(filters=64), (16, 16, 32), WinogradAtWork),
        (Conv(filters=32), (32, 32, 3), ConvAtWork),  # a first layer: too few channels
        (Conv(filters=64, stride=2), (16, 16, 32), ConvAtWork),
        (Conv(filters=64, kernel=5), (16, 16, 32), ConvAtWork),
        (Conv(filters=64), (1, 16, 32), ConvAtWork),  # three quarters of every tile stick out
    ],
)
def test_the_way_that_is_chosen(layer, shape, way) -> None:
    assert isinstance(built(layer, shape).layers[0], way)


@pytest.mark.parametrize(
    ("layer", "shape", "setting", "message", "hint"),
    [
        (
            Conv(filters=2),
            (64,),
            None,
            "takes images (height, width, channels), got examples of shape (64,)",
            "convolution needs image data, and stands before flatten and dense layers",
        ),
        (
            Conv(filters=2, kernel=5, padding=1),
            (8, 2, 3),
            "kernel",
            "must be at most the side of its padded image, 10 x 4, got 5",
            "padding: same fits every kernel",
        ),
    ],
)
def test_images_that_do_not_fit(layer, shape, setting, message, hint) -> None:
    with pytest.raises(UnfitError) as caught:
        layer.output_shape(shape)
    assert (caught.value.setting, caught.value.message) == (setting, message)
    assert caught.value.hint == hint


@pytest.mark.parametrize("other", [Conv(filters=2, kernel=4, padding=2, stride=2)])
def test_members_share_their_windows(other) -> None:
    stack = [[Conv(filters=2, kernel=4, stride=2)], [other]]  # one zero around, and two
    message = "the members of a stack have the same stride and padding"
    with pytest.raises(ValueError, match=f"^{message}$"):
        Network(stack, (7, 7, 1), capacity=2, dtype=np.dtype(np.float64))


def test_the_same_windows_in_other_words_are_the_same() -> None:
    stack = [[Conv(filters=2)], [Conv(filters=2, padding=1)]]
    network = Network(stack, (8, 8, 1), capacity=2, dtype=np.dtype(np.float64))
    assert network.output_shape == (8, 8, 2)


def test_weights_start_by_the_connections_of_a_filter() -> None:
    weights, biases = np.zeros((3, 3, 20, 40)), np.ones(40)
    rng = np.random.default_rng(0)
    layer = Conv(filters=40, bias_init=Constant(value=0.01))
    layer.initialize({"weights": weights, "biases": biases}, rng, follower=He())
    assert weights.std() == pytest.approx(np.sqrt(2 / (3 * 3 * 20)), rel=0.05)
    assert np.all(biases == 0.01)

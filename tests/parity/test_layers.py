"""Every layer alone: its values and gradients are PyTorch's, in training and in evaluation.

N examples, M members, F features.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from tests.nn.examples import EXAMPLES
from tests.parity.agreement import assert_agree
from tests.parity.drawing import NOT_DRAWN, OPTIONS, draw, redrawn, takes
from tests.parity.installed import torch
from tests.parity.layers import FORWARD
from tests.parity.twin import Twin
from tests.parts import members_of
from trainer_cli.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Elu,
    Gelu,
    Layer,
    LeakyRelu,
    MaxPool,
    Relu,
    Sigmoid,
    Softplus,
    Tanh,
)
from trainer_cli.nn.network import Network

DRAWS = 8  # of each layer
N = 6
SHAPES = ((7,), (1,), (5, 6, 3), (8, 8, 1), (3, 9, 2), (9, 7, 16))


def drawn(part):
    """Return layers of one kind with shapes that they take."""
    rng = np.random.default_rng(len(part.__name__))
    candidates = ((draw(rng, part), shape) for _ in range(DRAWS) for shape in SHAPES)
    fit = dict.fromkeys((layer, shape) for layer, shape in candidates if takes(layer, shape))
    return list(fit)[:DRAWS]


# Large enough to be worked on in several blocks; the convolutions by Winograd's way too.
LARGE = [(Conv(filters=32, padding=padding), (17, 18, 32)) for padding in ("same", "valid", 2)]
LARGE += [(Conv(filters=3, kernel=5), (17, 18, 16)), (Conv(filters=3, stride=2), (17, 18, 16))]
LARGE += [(MaxPool(), (64, 64, 16)), (AvgPool(size=3, stride=2), (64, 64, 16))]
LARGE += [(BatchNorm(), (64, 64, 3)), (Gelu(), (30, 30, 3))]

EVERY = dict.fromkeys(EXAMPLES + LARGE + [each for part in FORWARD for each in drawn(part)])
CASES = pytest.mark.parametrize(
    ("layer", "shape"),
    [pytest.param(*case, id=f"{case[0].type}-{case[1]}-{i}") for i, case in enumerate(EVERY)],
)


def test_every_layer_and_setting_takes_part() -> None:
    assert set(FORWARD) == set(members_of(Layer))
    assert len(FORWARD) >= 16
    for part in FORWARD:
        assert {field.name for field in fields(part)} - NOT_DRAWN <= set(OPTIONS[part])
        assert len(drawn(part)) >= min(DRAWS, len(SHAPES))


def randomize(network, rng):
    """Give every parameter and statistic values away from where training starts."""
    parameters = network.parameters
    parameters.stored[:] = rng.standard_normal(parameters.stored.size)
    for entry in parameters.statistics:
        if entry.name.endswith("variance"):
            entry.view(parameters.stored)[...] = rng.uniform(0.2, 3, entry.shape)


def compare(stack, shape, *, shared, training, inputs=np.random.Generator.standard_normal):
    """Compare a network of these layers of each member: y, dx, gradients, running averages."""
    rng = np.random.default_rng(len(shape))
    network = Network(
        stack,
        shape,
        capacity=N,
        dtype=np.dtype(np.float64),
        shared_input=shared,
        input_gradient=True,
    )
    randomize(network, rng)
    twins = [Twin(layers, network, m) for m, layers in enumerate(stack)]
    network.restart_noise(range(len(stack)), "noise")
    x = inputs(rng, size=(N, *shape[:-1], 1 if shared else len(stack), shape[-1]))
    y = network.forward(x.copy(), training).copy()
    d = rng.standard_normal(y.shape)
    dx = network.backward(d.copy())

    own_dx, parameters = [], network.parameters
    for m, twin in enumerate(twins[: y.shape[-2]]):  # one for all, where the output is shared too
        twin.restart_noise(m, "noise")
        own_x = torch.tensor(x[..., 0 if shared else m, :], requires_grad=True)
        own_y = twin.forward(own_x, training)
        own_y.backward(torch.tensor(d[..., m, :]))
        own_dx.append(own_x.grad.numpy())
        found = {e.name: e.view(parameters.gradients)[..., m, :] for e in parameters.entries}
        kept = {e.name: e.view(parameters.stored)[..., m, :] for e in parameters.statistics}
        assert_agree({"y": y[..., m, :]}, {"y": own_y.detach().numpy()})
        assert_agree(found, twin.gradients())
        assert_agree(kept, {name: tensor.numpy() for name, tensor in twin.statistics.items()})
    expected = np.stack(own_dx, axis=-2)  # (N, ..., M, F)
    if shared:
        expected = expected.sum(axis=-2, keepdims=True)
    assert_agree({"dx": dx}, {"dx": expected})


TRAINING = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])


@TRAINING
@CASES
def test_values_and_gradients_are_those_of_pytorch(layer, shape, training) -> None:
    compare([[layer]], shape, shared=False, training=training)


@TRAINING
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@CASES
def test_so_are_those_of_three_members(layer, shape, shared, training) -> None:
    rng = np.random.default_rng(0)
    members = [[redrawn(rng, layer)] for _ in range(3)]
    compare(members, shape, shared=shared, training=training)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [2, 3])
def test_of_equally_large_values_the_same_one_gets_the_gradient(size, stride) -> None:
    def few_values(rng, size):
        return rng.integers(3, size=size).astype(np.float64)

    stack = [[MaxPool(size=size, stride=stride)]] * 2
    compare(stack, (8, 9, 3), shared=False, training=True, inputs=few_values)


@pytest.mark.parametrize(
    "layer", [Elu(), Gelu(), LeakyRelu(), Relu(), Sigmoid(), Softplus(), Tanh()], ids=repr
)
def test_far_from_zero_too_every_single_value_is_pytorchs(layer) -> None:
    x = np.concatenate([np.linspace(-40, 40, 801), [-800.0, 800.0, 1e-9, -1e-9, 0.0]])
    network = Network(
        [[layer]], (1,), capacity=len(x), dtype=np.dtype(np.float64), input_gradient=True
    )
    y = network.forward(x.reshape(-1, 1, 1).copy(), training=True).ravel().copy()
    slope = network.backward(np.ones((len(x), 1, 1))).ravel()
    own_x = torch.tensor(x.reshape(-1, 1), requires_grad=True)
    own_y = Twin([layer], network, 0).forward(own_x, training=True)
    own_y.sum().backward()
    np.testing.assert_allclose(y, own_y.detach().numpy().ravel(), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(slope, own_x.grad.numpy().ravel(), rtol=1e-13, atol=1e-15)


def test_a_batch_of_one_vector_is_normalized_to_the_shift_where_pytorch_refuses() -> None:
    network = Network([[BatchNorm()]], (4,), capacity=1, dtype=np.dtype(np.float64))
    randomize(network, np.random.default_rng(0))
    twin = Twin([BatchNorm()], network, 0)
    x = np.random.default_rng(1).standard_normal((1, 1, 4))
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        twin.forward(x[:, 0], training=True)
    y = network.forward(x, training=True)
    np.testing.assert_array_equal(y[0], network.parameters["network[0].beta"])

"""A network knows its shapes beforehand, works in buffers of its own and gives up members."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import blobs, data_of
from tests.nn.differences import random_network
from tests.nn.examples import EXAMPLES, IMAGE
from tests.nn.stacks import build, mixed, train, vectors
from trainer_cli.datasets import Feed
from trainer_cli.nn import aligned
from trainer_cli.nn.layers import BatchNorm, Conv, Dense, Maxout, Relu, Tanh
from trainer_cli.nn.network import Network, parameter_count, parameter_shapes, shapes_through
from trainer_cli.nn.streams import stream
from trainer_cli.training.stack import assemble

MIXED = (Tanh(), Dense(units=4), Relu(), Dense(units=3))
EVERY_LAYER = pytest.mark.parametrize(
    ("layer", "shape"),
    [
        pytest.param(layer, shape, id=f"{layer.type}-{i}-{len(shape)}d")
        for i, (layer, shape) in enumerate(EXAMPLES)
    ],
)


def started(members: int, *, shared: bool = True, capacity: int = 6) -> Network:
    network = Network(
        [MIXED] * members,
        IMAGE,
        capacity=capacity,
        dtype=np.dtype(np.float64),
        shared_input=shared,
    )
    network.initialize([[stream(m, i) for i in range(len(MIXED))] for m in range(members)])
    return network


def test_shapes_and_names_are_known_before_anything_is_allocated() -> None:
    assert shapes_through(MIXED, IMAGE) == [IMAGE, IMAGE, (4,), (4,), (3,)]
    named = {(i, p.name): p.shape for i, p in parameter_shapes(MIXED, IMAGE)}
    assert named == {
        (1, "weights"): (12, 4),
        (1, "biases"): (4,),
        (3, "weights"): (4, 3),
        (3, "biases"): (3,),
    }
    assert parameter_count(MIXED, IMAGE) == 12 * 4 + 4 + 4 * 3 + 3
    assert started(5).parameters.values.size == 5 * parameter_count(MIXED, IMAGE)


@EVERY_LAYER
def test_a_layer_keeps_its_word_on_shape_and_sharing(layer, shape) -> None:
    for shared in (True, False):
        network = Network(
            [[layer]] * 3,
            shape,
            capacity=4,
            dtype=np.dtype(np.float64),
            shared_input=shared,
            input_gradient=True,
        )
        x = np.ones((2, *shape[:-1], 1 if shared else 3, shape[-1]))
        y = network.forward(x, training=False)
        members = 1 if shared and layer.keeps_shared else 3
        *space, features = layer.output_shape(shape)
        assert y.shape == (2, *space, members, features)


def bytes_taken(layer, shape, capacity: int, shared: bool, monkeypatch) -> int:
    """Return the bytes of all aligned arrays of a network of this layer alone, with 3 members."""
    taken, zeros = [], aligned.zeros

    def counted(*args):
        taken.append(zeros(*args))
        return taken[-1]

    with monkeypatch.context() as patched:
        patched.setattr(aligned, "zeros", counted)
        Network(
            [[layer]] * 3,
            shape,
            capacity=capacity,
            dtype=np.dtype(np.float32),
            shared_input=shared,
            input_gradient=True,
        )
    return sum(array.nbytes for array in taken)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        *EXAMPLES,
        (Conv(filters=5), (12, 12, 3)),
        (Conv(filters=5, kernel=3, stride=2), (13, 13, 3)),
        (Conv(filters=7, kernel=5, stride=2), (16, 16, 2)),
        (Conv(filters=4, kernel=8, stride=4), (16, 20, 3)),
        (Conv(filters=2, kernel=7, padding="valid"), (9, 9, 4)),
        (Conv(filters=30), (10, 8, 20)),  # by tiles
    ],
    ids=str,
)
def test_a_layer_says_how_much_memory_an_example_takes(layer, shape, monkeypatch) -> None:
    few, more = 10_000, 20_000  # blocks are as large as they get in both
    said = layer.values_per_example(shape) * 3 * 4
    for shared in (True, False):
        at_few, at_more = (bytes_taken(layer, shape, n, shared, monkeypatch) for n in (few, more))
        taken = (at_more - at_few) / (more - few)
        assert taken <= 1.01 * said
        if isinstance(layer, Conv) and not shared:
            assert taken >= 0.99 * said


@EVERY_LAYER
def test_a_smaller_batch_uses_the_same_memory(layer, shape) -> None:
    network = Network([[layer]], shape, capacity=4, dtype=np.dtype(np.float64))
    x = np.ones((4, *shape[:-1], 1, shape[-1]))
    full = network.forward(x, training=False)
    assert np.shares_memory(network.forward(x[:2], training=False), full)


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ([], "a stack has at least one member, got none"),
        (
            [[Dense(units=3)], [Relu()]],
            "the members of a stack have the same layers, got [('Dense',), ('Relu',)]",
        ),
        (
            [[Tanh(), Dense(units=10)], [Tanh(), Dense(units=1)]],
            "the members of a stack have the same shapes, "
            "got (12, 10) and (12, 1) for network[1].weights",
        ),
        (
            [[Maxout(units=4, pieces=2)], [Maxout(units=2, pieces=4)]],
            "the members of a stack have the same shapes, "
            "got (4,) and (2,) for the outputs of network[0]",
        ),
    ],
)
def test_members_that_cannot_stand_in_one_stack(stack, message) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Network(stack, IMAGE, capacity=2, dtype=np.dtype(np.float64))


@pytest.mark.parametrize("members", [1, 3])
def test_a_network_with_nothing_to_learn_is_not_trained(members) -> None:
    experiment = replace(blobs(classes=3, features=3), network=(Relu(),))
    message = "a network without parameters has nothing to learn"
    with pytest.raises(ValueError, match=f"^{message}$"):
        assemble([experiment] * members, data_of(experiment), capacity=4)


def test_one_settings_object_serves_two_networks() -> None:
    a, b = started(1), started(1)
    x = np.random.default_rng(0).standard_normal((6, 2, 3, 1, 2))
    scores = a.forward(x.copy(), training=True).copy()
    b.parameters.values[:] = 9
    b.forward(x.copy(), training=True)
    np.testing.assert_array_equal(a.forward(x.copy(), training=True), scores)


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
def test_keep_copies_the_chosen_members(shared) -> None:
    network = started(4, shared=shared)
    before = network.parameters.values.copy()
    smaller = network.keep([3, 1])
    assert smaller.members == 2
    assert smaller.capacity == network.capacity
    assert smaller.shared_input == shared
    x = np.random.default_rng(0).standard_normal((5, 2, 3, 1 if shared else 4, 2))
    x_kept = x if shared else x[..., [3, 1], :]
    expected = network.forward(x.copy(), training=False)[:, [3, 1]]
    np.testing.assert_allclose(smaller.forward(x_kept.copy(), training=False), expected, rtol=1e-13)
    smaller.parameters.values[:] = 0
    np.testing.assert_array_equal(network.parameters.values, before)


@EVERY_LAYER
def test_load_brings_parameters_and_statistics_back(layer, shape) -> None:
    rng = np.random.default_rng(0)
    network = random_network([[layer]] * 2, shape, rng, capacity=4, shared_input=False)
    x = rng.standard_normal((4, *shape[:-1], 2, shape[-1]))
    network.restart_noise([0, 1], "noise", 0)
    network.forward(x.copy(), training=True)  # moves the running averages
    saved = {e.name: network.parameters[e.name].copy() for e in network.parameters.everything}
    other = random_network([[layer]] * 2, shape, rng, capacity=4, shared_input=False)
    other.load(saved)
    np.testing.assert_array_equal(other.parameters.stored, network.parameters.stored)
    expected = network.forward(x.copy(), training=False)
    np.testing.assert_array_equal(other.forward(x.copy(), training=False), expected)


def test_evaluation_with_the_batchs_statistics_leaves_the_running_ones_alone() -> None:
    dataset = vectors()
    stack = build(mixed(hidden=[BatchNorm()]), dataset, shared=True)
    train(stack, dataset, range(3))
    feed, every = Feed(dataset.train, 10, dtype=np.float64), np.arange(len(dataset.train))
    running = stack.network.parameters.running
    before, plain = running.copy(), stack.evaluate(feed, every)
    by_batch = stack.evaluate(feed, every, training=True)
    np.testing.assert_array_equal(running, before)
    assert running.size == 2 * 3 * 5
    assert np.all(by_batch.loss != plain.loss)
    np.testing.assert_array_equal(stack.evaluate(feed, every).loss, plain.loss)

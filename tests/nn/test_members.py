"""A stack of M members is M networks trained alone, also after some of them have left."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from tests.nn.examples import LAYERS, VECTOR
from tests.nn.stacks import arrays_of, build, images, indices, mixed, train, vectors
from tests.optim.examples import OPTIMIZERS
from tests.parts import members_of
from trainer_cli.datasets import Feed
from trainer_cli.nn.initializers import Fans
from trainer_cli.nn.streams import stream
from trainer_cli.optim.optimizers import Optimizer, Sgd

STEPS = range(30)
TOLERANCE = 1e-10
SHARED = pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])


def alike(settings):
    """Return the settings that members of one stack may have: those with the first one's shapes."""
    shapes = [(layer.output_shape(VECTOR), layer.parameters(VECTOR)) for layer in settings]
    return [layer for layer, shape in zip(settings, shapes, strict=True) if shape == shapes[0]]


HIDDEN = [alike(settings) for settings, shapes in LAYERS.values() if VECTOR in shapes]
EVERY_HIDDEN = pytest.mark.parametrize("hidden", HIDDEN, ids=lambda settings: settings[0].type)


def alone(experiments, dataset, shared, member, factor=1.0):
    """Return a member's costs and its stack after training it alone on the same batches."""
    batches = partial(indices, experiments if shared else [experiments[member]])
    stack = build([experiments[member]], dataset, shared=True)
    by_step = partial(first_column, batches, dataset, shared)
    return train(stack, dataset, STEPS, by_step, factor), stack


def first_column(batches, dataset, shared, step):
    found = batches(step, dataset, shared)
    return found if shared else found[:, 0]


def compare(experiments, dataset, shared, factor=1.0) -> None:
    """Train side by side and alone; compare costs, parameters, state and figures."""
    stack = build(experiments, dataset, shared)
    start = [arrays_of(stack, m) for m in range(stack.members)]
    costs = train(stack, dataset, STEPS, factor=factor)
    validation = np.arange(len(dataset.train))
    together = stack.evaluate(Feed(dataset.train, 10, dtype=np.float64), validation)
    for m in range(stack.members):
        own_costs, single = alone(experiments, dataset, shared, m, factor)
        np.testing.assert_allclose(costs[:, m], own_costs[:, 0], rtol=0, atol=TOLERANCE)
        found, expected = arrays_of(stack, m), arrays_of(single, 0)
        assert len(found) >= 4 * (1 + len(stack.rule.state))
        for name in expected:
            np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=TOLERANCE)
        moved = {name: np.abs(found[name] - start[m][name]).max() for name in expected}
        assert max(moved.values()) > 0.01  # it did learn
        assert all(moved[name] > 0 for name in moved if name.endswith("weights"))
        figures = single.evaluate(Feed(dataset.train, 10, dtype=np.float64), validation)
        assert together.loss[m] == pytest.approx(figures.loss[0], abs=TOLERANCE)
        assert together.accuracy[m] == figures.accuracy[0]
    first = [arrays_of(stack, m)["values: network[0].weights"] for m in range(stack.members)]
    assert np.abs(first[0] - first[1]).max() > 0.01  # members went different ways


@SHARED
@EVERY_HIDDEN
def test_members_train_as_if_alone_whatever_the_layer(hidden, shared) -> None:
    compare(mixed(hidden=hidden), vectors(), shared)


@SHARED
@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=lambda row: row[0].type)
def test_members_train_as_if_alone_whatever_the_optimizer(optimizers, shared) -> None:
    compare(mixed(optimizers=optimizers), vectors(), shared, factor=0.97)


@SHARED
def test_members_train_as_if_alone_on_images(shared) -> None:
    compare(mixed(), images(), shared)


def test_images_and_vectors_of_the_same_numbers_train_alike() -> None:
    flat, image = (build(mixed(), data, False) for data in (vectors(), images()))
    expected = train(flat, vectors(), STEPS)
    np.testing.assert_allclose(train(image, images(), STEPS), expected, rtol=0, atol=TOLERANCE)


@SHARED
@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=lambda row: row[0].type)
def test_the_others_go_on_as_before_when_members_leave(optimizers, shared) -> None:
    experiments, dataset, kept = mixed(5, optimizers=optimizers), vectors(), [0, 2, 4]
    whole, dropping = (build(experiments, dataset, shared) for _ in range(2))
    for stack in (whole, dropping):
        train(stack, dataset, range(10), factor=0.97)
    smaller = dropping.keep(kept)
    assert [e.seed for e in smaller.experiments] == kept
    for now, before in enumerate(kept):
        at_first = arrays_of(whole, before)
        for name, array in arrays_of(smaller, now).items():
            np.testing.assert_array_equal(array, at_first[name])  # the same bits
    costs = train(whole, dataset, range(10, 30), factor=0.97)
    batches = partial(indices, experiments if shared else smaller.experiments)
    fewer = train(smaller, dataset, range(10, 30), lambda s: batches(s, dataset, shared), 0.97)
    np.testing.assert_allclose(fewer, costs[:, kept], rtol=0, atol=TOLERANCE)
    for now, before in enumerate(kept):
        expected = arrays_of(whole, before)
        for name, array in arrays_of(smaller, now).items():
            np.testing.assert_allclose(array, expected[name], rtol=0, atol=TOLERANCE)


@SHARED
@EVERY_HIDDEN
def test_noise_and_running_averages_go_on_when_members_leave_within_an_epoch(hidden, shared):
    experiments, dataset, kept = mixed(5, hidden), vectors(), [4, 1]
    whole, dropping = (build(experiments, dataset, shared) for _ in range(2))
    for stack in (whole, dropping):
        train(stack, dataset, range(5))
    smaller = dropping.keep(kept)
    for now, before in enumerate(kept):
        at_first = arrays_of(whole, before)
        for name, array in arrays_of(smaller, now).items():
            np.testing.assert_array_equal(array, at_first[name])
    costs = train(whole, dataset, range(5, 15))
    batches = partial(indices, experiments if shared else smaller.experiments)
    fewer = train(smaller, dataset, range(5, 15), lambda step: batches(step, dataset, shared))
    np.testing.assert_allclose(fewer, costs[:, kept], rtol=0, atol=TOLERANCE)


def test_one_member_may_stay_alone_and_the_old_stack_stays_whole() -> None:
    dataset = vectors()
    stack = build(mixed(), dataset, shared=True)
    train(stack, dataset, range(10))
    last, before = stack.keep([1]), [arrays_of(stack, m) for m in range(3)]
    costs = train(last, dataset, range(10, 20))
    for m in range(3):
        for name, array in arrays_of(stack, m).items():
            np.testing.assert_array_equal(array, before[m][name])
    batches = partial(indices, last.experiments)
    whole = train(stack, dataset, range(10, 20), lambda s: batches(s, dataset, True))
    np.testing.assert_allclose(costs[:, 0], whole[:, 1], rtol=0, atol=TOLERANCE)


def test_a_member_that_explodes_leaves_the_others_alone() -> None:
    experiments, dataset = mixed(), vectors()
    stack = build(experiments, dataset, shared=False)
    stack.network.parameters["network[0].weights"][:, 1] = np.nan
    costs = train(stack, dataset, STEPS)
    assert np.all(np.isnan(costs[:, 1]))
    for m in (0, 2):
        own_costs, _ = alone(experiments, dataset, False, m)
        np.testing.assert_allclose(costs[:, m], own_costs[:, 0], rtol=0, atol=TOLERANCE)


def test_each_layer_of_each_member_starts_from_its_own_stream() -> None:
    experiments = mixed()
    stack = build(experiments, vectors(), shared=True)
    for m, experiment in enumerate(experiments):
        for i in (0, 2):
            weights = stack.network.parameters[f"network[{i}].weights"][:, m]
            rng = stream(experiment.seed, "init", i)
            fans = Fans(fan_in=len(weights), fan_out=weights.shape[-1])
            expected = experiment.network[i].init.draw(rng, weights.shape, fans)
            np.testing.assert_array_equal(weights, expected)


def test_an_update_goes_at_a_factor_of_each_members_rate() -> None:
    row, dataset = OPTIMIZERS[Sgd], vectors()
    stack = build(mixed(optimizers=row), dataset, shared=True)
    feed = Feed(dataset.train, stack.network.capacity, dtype=np.float64)
    batch = np.arange(stack.network.capacity)
    biases = stack.network.parameters["network[2].biases"]  # (M, F)
    entry = next(e for e in stack.network.parameters.entries if e.name == "network[2].biases")
    rates = np.array([[optimizer.learning_rate] for optimizer in row])
    for factor in (1.0, 0.5, 0.5, 1.0):
        before = biases.copy()
        stack.gradients(*feed.fill(batch))
        gradient = entry.view(stack.network.parameters.gradients).copy()
        stack.forward(*feed.fill(batch))
        stack.step(factor)
        np.testing.assert_allclose(before - biases, factor * rates * gradient, rtol=1e-9)


def test_every_optimizer_took_part() -> None:
    assert set(OPTIMIZERS) == set(members_of(Optimizer))
    assert len(OPTIMIZERS) >= 2


def test_every_layer_for_vectors_took_part() -> None:
    assert len(HIDDEN) >= 10
    assert sum(len(settings) > 1 for settings in HIDDEN) >= 4

"""After the first one, a training step lives in buffers that exist: it allocates no large array."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import blobs, data_of
from tests.nn.examples import HIDDEN
from tests.optim.examples import OPTIMIZERS
from trainer_cli.config.experiment import Training
from trainer_cli.nn.layers import Conv, Dense, Flatten, Maxout, Relu, Tanh
from trainer_cli.nn.network import Network
from trainer_cli.nn.regularization import Regularization
from trainer_cli.training.stack import Stack, assemble

BATCH, INPUTS, CLASSES = 64, 300, 192
SMALLEST = 256 * CLASSES  # values of the smallest weight matrix of one member
WIDE = blobs(classes=CLASSES, features=INPUTS, examples=5 * CLASSES)
# Layers with units get as many as the other layers have.
VECTOR_LAYERS = [replace(h, units=256) if hasattr(h, "units") else h for h in HIDDEN]


def built(members: int, *, optimizers=None, l2: float = 0.0, hidden=None, **settings) -> Stack:
    """Return a stack whose members have rates and penalties of their own."""
    optimizers = optimizers or next(iter(OPTIMIZERS.values()))
    experiments = [
        replace(
            WIDE,
            seed=m,
            network=(
                Dense(units=256),
                hidden or Relu(),
                Dense(units=256),
                hidden or Relu(),
                Dense(units=CLASSES),
            ),
            optimizer=replace(optimizers[m % len(optimizers)], learning_rate=0.01 * (m + 1)),
            regularization=Regularization(l2=l2 * (m + 1)),
            training=Training(precision=settings.get("precision", "float32")),
        )
        for m in range(members)
    ]
    shared = settings.get("shared", True)
    return assemble(experiments, data_of(WIDE), capacity=BATCH, shared_input=shared)


def batch(stack: Stack) -> tuple[np.ndarray, np.ndarray]:
    dtype = stack.network.parameters.values.dtype
    members = 1 if stack.network.shared_input else stack.members
    x = np.random.default_rng(0).standard_normal((BATCH, members, INPUTS)).astype(dtype)
    return x, np.arange(BATCH, dtype=np.intp)[:, None]


def peak_of_a_step(stack: Stack) -> int:
    """Return the most bytes that a step holds beyond what it found, and leaves none behind."""
    x, labels = batch(stack)
    tracemalloc.start()
    try:
        for _ in range(2):  # the first makes views, and a penalty's or optimizer's last buffers
            stack.forward(x, labels)
            stack.step()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(3):
            stack.forward(x, labels)
            stack.step()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2000
    return peak - before


def allowed(stack: Stack) -> int:
    """Return a quarter of the smallest weight matrix: NumPy converts in blocks of 8,192 values."""
    return SMALLEST * stack.network.parameters.values.itemsize // 4


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("l2", [0.0, 0.1], ids=["no penalty", "penalty"])
@pytest.mark.parametrize("members", [1, 4])
@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=lambda row: row[0].type)
def test_a_step_allocates_nothing_large(optimizers, members, l2, shared) -> None:
    stack = built(members, optimizers=optimizers, l2=l2, shared=shared)
    assert peak_of_a_step(stack) < allowed(stack)


@pytest.mark.parametrize("members", [1, 4])
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("hidden", VECTOR_LAYERS, ids=lambda layer: layer.type)
def test_no_layer_allocates_anything_large(hidden, precision, members) -> None:
    stack = built(members, hidden=hidden, precision=precision, shared=False)
    assert peak_of_a_step(stack) < allowed(stack)


@pytest.mark.parametrize("members", [1, 4])
@pytest.mark.parametrize("flat", [Dense(units=20), Maxout(units=20), Flatten()])
def test_an_image_is_made_a_row_in_buffers_that_exist(flat, members) -> None:
    side, channels = 24, 8
    layers = (Conv(filters=channels, kernel=1), Tanh(), flat)
    network = Network(
        [layers] * members, (side, side, 1), capacity=BATCH, dtype=np.dtype(np.float32)
    )
    x = np.ones((BATCH, side, side, 1, 1), np.float32)
    d = np.ones_like(network.forward(x, training=True))
    network.backward(d)
    tracemalloc.start()
    try:
        network.forward(x, training=True)
        network.backward(d)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < BATCH * members * side * side * channels * 4 // 8


def test_the_measurement_sees_an_allocation(monkeypatch) -> None:
    stack = built(1)
    update = stack.rule.update

    def wasteful(rate) -> None:
        update(rate)
        stack.network.parameters["network[4].weights"].copy()

    monkeypatch.setattr(stack.rule, "update", wasteful)
    assert peak_of_a_step(stack) > allowed(stack)


@pytest.mark.parametrize("members", [1, 4])
def test_arrays_keep_their_place(members) -> None:
    optimizers = max(OPTIMIZERS.values(), key=lambda row: row[0].state_arrays)
    stack = built(members, optimizers=optimizers, l2=0.1)
    (x, labels), parameters = batch(stack), stack.network.parameters

    def places() -> list[int]:
        scores = stack.network.forward(x, training=True)
        arrays = [parameters.values, parameters.gradients, *stack.rule.state.values(), scores]
        return [array.__array_interface__["data"][0] for array in arrays]

    before = places()
    assert len(before) >= 4
    for step in range(5):
        stack.forward(x, labels)
        stack.step(0.9**step)
        assert places() == before

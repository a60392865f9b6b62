"""A first layer in pieces: the same gradients, penalties and updates as in one go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.nn.stacks import BATCH, arrays_of, build, images, mixed, train, vectors
from tests.nn.test_allocation import allowed, built, peak_of_a_step
from tests.optim.examples import OPTIMIZERS
from trainer_cli.nn import pieces
from trainer_cli.nn.layers import BatchNorm, Conv, Dense, Dropout, Flatten, Relu
from trainer_cli.nn.network import Network
from trainer_cli.nn.pieces import FEWEST_ROWS, PIECE, WORTH_IT, in_pieces
from trainer_cli.optim.optimizers import Momentum

INPUTS, UNITS = 3072, 250
STEPS = range(10)
TOLERANCE = 1e-12
MOMENTA = OPTIMIZERS[Momentum]
SHARED = pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])


def network(*layers, members: int = 1, shape=(INPUTS,), **settings) -> Network:
    settings = {"capacity": BATCH, "dtype": np.dtype(np.float32), **settings}
    return Network([layers] * members, shape, **settings)


@pytest.fixture
def small_pieces(monkeypatch) -> None:
    """Let a piece have three rows, however small the network."""
    monkeypatch.setattr(pieces, "WORTH_IT", 0)
    monkeypatch.setattr(pieces, "PIECE", 1)
    monkeypatch.setattr(pieces, "FEWEST_ROWS", 3)
    monkeypatch.setattr(pieces, "SIDE_BY_SIDE", 1)


def in_one_go(monkeypatch) -> None:
    monkeypatch.setattr(pieces, "WORTH_IT", np.inf)


@pytest.mark.parametrize(
    "made",
    [
        network(Dense(units=UNITS), Relu(), Dense(units=10)),
        network(Dense(units=UNITS)),
        network(Dense(units=UNITS // 5), Relu(), Dense(units=10), members=5),
        network(Dense(units=UNITS // 5), Relu(), members=5, shared_input=False),
        network(Flatten(), Dropout(rate=0.1), Dense(units=UNITS), shape=(32, 32, 3)),
        network(Dense(units=UNITS // 2), dtype=np.dtype(np.float64)),
    ],
    ids=["large", "linear", "members", "own inputs", "below", "float64"],
)
def test_a_large_first_dense_layer_comes_in_pieces(made) -> None:
    found = in_pieces(made)
    assert found is not None
    *rows, rest = found.parts
    assert len(rows) >= 5
    assert all(part.values.nbytes >= PIECE * 0.9 for part in rows[:-1])
    assert rest.values.size == made.parameters.values.size - sum(p.values.size for p in rows)


@pytest.mark.parametrize(
    "made",
    [
        network(Dense(units=50), Relu(), Dense(units=10)),
        network(Relu(), Dropout(rate=0.5)),
        network(Dense(units=10), Relu(), Dense(units=100_000)),
        network(BatchNorm(), Dense(units=UNITS)),
        network(Conv(filters=4), Flatten(), Dense(units=UNITS), shape=(32, 32, 3)),
        network(Dense(units=UNITS), input_gradient=True),
    ],
    ids=["small", "nothing learned", "small first", "batch norm", "conv", "input gradient"],
)
def test_others_come_in_one(made) -> None:
    assert in_pieces(made) is None


def test_a_wide_layer_has_pieces_of_enough_rows() -> None:
    found = in_pieces(network(Dense(units=2000)))
    assert found is not None
    assert [part.entries[0].shape[0] for part in found.parts[:-1]] == [FEWEST_ROWS] * 8
    assert WORTH_IT > 4 * PIECE


@pytest.mark.parametrize("members", [1, 3])
def test_the_parts_are_all_parameters_once(small_pieces, members) -> None:
    made = network(Dense(units=5), Relu(), Dense(units=2), members=members, shape=(8,))
    parameters, found = made.parameters, in_pieces(made)
    assert found is not None
    names = ["network[0].weights"] * 3 + ["network[2].weights"]
    assert [part.entries[0].name for part in found.parts] == names
    assert [len(part.entries) for part in found.parts] == [1, 1, 1, 3]
    flat = np.arange(parameters.values.size)
    covered = np.concatenate([part.of(flat) for part in found.parts])
    np.testing.assert_array_equal(covered, flat)
    for part in found.parts:
        part.values[:] = 7
    assert set(parameters.values.tolist()) == {7.0}
    beginnings = {part.gradients.__array_interface__["data"][0] for part in found.parts[:-1]}
    assert len(beginnings) == 1


@SHARED
@pytest.mark.parametrize("members", [1, 3])
def test_gradients_are_those_in_one_go(small_pieces, members, shared) -> None:
    made = network(
        *(Dense(units=5), Relu(), Dense(units=2)),
        members=members,
        shape=(2, 2, 2),
        dtype=np.dtype(np.float64),
        shared_input=shared,
    )
    rng, parameters, found = np.random.default_rng(0), made.parameters, in_pieces(made)
    parameters.values[:] = rng.standard_normal(parameters.values.size)
    x = rng.standard_normal((7, 2, 2, 1 if shared else members, 2))
    d = rng.standard_normal(made.forward(x.copy(), training=True).shape)
    made.backward(d.copy())
    whole = parameters.gradients.copy()
    parameters.gradients.fill(np.nan)
    assert found is not None
    made.forward(x.copy(), training=True)
    for part in found.backward(d.copy()):
        np.testing.assert_allclose(part.gradients, part.of(whole), rtol=0, atol=TOLERANCE)


def everything(optimizers):
    """Return experiments with all that keeps weights small, of each member its own."""
    return [
        replace(
            e,
            regularization=replace(
                e.regularization, l1=1e-3 * (m + 1), max_norm=(1.0, 2.0, 3.0)[m]
            ),
            optimizer=replace(e.optimizer, weight_decay=0.1 * m),
        )
        for m, e in enumerate(mixed(optimizers=optimizers))
    ]


def assert_trained_alike(monkeypatch, experiments, dataset, shared, clips=False) -> None:
    stack = build(experiments, dataset, shared)
    costs = train(stack, dataset, STEPS, factor=0.9)
    later_rows = stack.network.parameters.gradients[3 * 5 * stack.members : 8 * 5 * stack.members]
    assert later_rows.any() == clips  # in pieces they lie where the first ones do
    in_one_go(monkeypatch)
    whole = build(experiments, dataset, shared)
    expected = train(whole, dataset, STEPS, factor=0.9)
    np.testing.assert_allclose(costs, expected, rtol=0, atol=TOLERANCE)
    for m in range(stack.members):
        found, wanted = arrays_of(stack, m), arrays_of(whole, m)
        for name in wanted:
            np.testing.assert_allclose(found[name], wanted[name], rtol=0, atol=TOLERANCE)


@SHARED
@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=lambda row: row[0].type)
def test_every_optimizer_trains_alike(small_pieces, monkeypatch, optimizers, shared) -> None:
    assert_trained_alike(monkeypatch, everything(optimizers), vectors(), shared)


@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=lambda row: row[0].type)
def test_one_member_trains_alike(small_pieces, monkeypatch, optimizers) -> None:
    assert_trained_alike(monkeypatch, everything(optimizers)[1:2], images(), shared=True)


def test_where_gradients_are_clipped_they_come_in_one(small_pieces, monkeypatch) -> None:
    clipped = [replace(optimizer, clip_norm=0.01) for optimizer in MOMENTA]
    assert_trained_alike(monkeypatch, mixed(optimizers=clipped), vectors(), True, clips=True)


def test_who_stays_trains_on_in_pieces(small_pieces, monkeypatch) -> None:
    experiments, dataset = everything(MOMENTA), vectors()
    stack = build(experiments, dataset, shared=True)
    train(stack, dataset, STEPS)
    kept = stack.keep([2, 0])
    expected = train(kept, dataset, STEPS)
    in_one_go(monkeypatch)
    whole = build(experiments, dataset, shared=True)
    train(whole, dataset, STEPS)
    found = train(whole.keep([2, 0]), dataset, STEPS)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("members", [1, 4])
@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=lambda row: row[0].type)
def test_a_step_in_pieces_allocates_nothing_large(monkeypatch, optimizers, members) -> None:
    monkeypatch.setattr(pieces, "WORTH_IT", 0)
    monkeypatch.setattr(pieces, "FEWEST_ROWS", 100)
    monkeypatch.setattr(pieces, "PIECE", 1)
    stack = built(members, optimizers=optimizers, l2=0.1)
    assert peak_of_a_step(stack) < allowed(stack)

"""Initializers that look at data leave outputs of the promised size, and nothing else changed."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import blobs, data_of
from tests.nn.stacks import images
from trainer_cli.config.experiment import Training
from trainer_cli.nn import calibration
from trainer_cli.nn.calibration import calibrate
from trainer_cli.nn.initializers import Constant, DataDependent, Lsuv, Normal
from trainer_cli.nn.layers import Conv, Dense, Dropout, MaxPool, Relu, Tanh
from trainer_cli.nn.layers.batch_norm import BatchNorm
from trainer_cli.nn.layers.maxout import Maxout
from trainer_cli.nn.network import Network
from trainer_cli.nn.streams import stream
from trainer_cli.training import start
from trainer_cli.training.stack import assemble

INPUTS, EXAMPLES, CLASSES = 12, 256, 3
PLAIN = blobs(classes=CLASSES, features=8, noise=1.5)


def batch(scale: float = 7.0, offset: float = 2.0) -> np.ndarray:
    """Return inputs (N, 1, F) that are far from mean 0 and spread 1."""
    return stream(1).standard_normal((EXAMPLES, 1, INPUTS)) * scale + offset


def deep(init, nonlinearity=None, depth: int = 4, units: int = 10) -> list:
    """Return `depth` hidden layers and an output layer, all started by `init`."""
    hidden = [Dense(units=units, init=init), nonlinearity or Relu()] * depth
    return [*hidden, Dense(units=CLASSES, init=init)]


def started(layers: list, x: np.ndarray) -> Network:
    shape = (*x.shape[1:-2], x.shape[-1])
    network = Network([layers], shape, capacity=len(x), dtype=np.dtype(np.float64))
    network.initialize([[stream(3, "init", i) for i in range(len(layers))]])
    return network


def fitted(layers: list, x: np.ndarray) -> Network:
    network = started(layers, x)
    calibrate(network, x, stream(4))
    return network


def outputs_of(network: Network, x: np.ndarray) -> list[np.ndarray]:
    """Return the outputs (N, ..., F) of every layer with weights."""
    found, x = [], x.copy()
    for layer, settings in zip(network.layers, network.stack[0], strict=True):
        x = layer.forward(x, training=True)
        if hasattr(settings, "init"):
            found.append(x[..., 0, :].copy())
    return found


def ratios_of(network: Network, x: np.ndarray) -> np.ndarray:
    """Return the size of every weights' gradient by that of the weights, as balancing drew it."""
    total, rng = 0, stream(4)
    for _ in range(calibration.DRAWS):
        scores = network.forward(x.copy(), training=True)
        network.backward(rng.standard_normal(scores.shape))
        total += network.parameters.gradients**2 / calibration.DRAWS
    weights = [e for e in network.parameters.entries if e.role == "weight"]
    values = network.parameters.values
    return np.array(
        [np.sqrt(total[e.region].mean() / np.mean(values[e.region] ** 2)) for e in weights]
    )


@pytest.mark.parametrize("nonlinearity", [Relu(), Tanh()])
@pytest.mark.parametrize("tolerance", [0.1, 1e-9])
def test_lsuv_gives_every_layer_outputs_of_variance_one(nonlinearity, tolerance) -> None:
    network = fitted(deep(Lsuv(tolerance=tolerance), nonlinearity), batch())
    variances = [y.var() for y in outputs_of(network, batch())]
    assert len(variances) == 5
    np.testing.assert_allclose(variances, 1, atol=tolerance)


def test_lsuv_only_scales_and_leaves_biases_alone() -> None:
    layers = deep(Lsuv())
    before, after = started(layers, batch()), fitted(layers, batch())
    for entry in before.parameters.entries:
        found, drawn = after.parameters[entry.name], before.parameters[entry.name]
        if entry.role == "weight":
            np.testing.assert_allclose(found / drawn, (found / drawn)[0, 0, 0], rtol=1e-12)
            assert not np.any(found == drawn)
        else:
            np.testing.assert_array_equal(found, drawn)


def test_lsuv_leaves_a_variance_within_the_tolerance_as_it_is() -> None:
    x = batch(scale=1.03, offset=0.0)
    layers = [Dense(units=CLASSES, init=Lsuv(tolerance=0.5))]
    drawn = started(layers, x).parameters.values
    np.testing.assert_array_equal(fitted(layers, x).parameters.values, drawn)
    tight = [Dense(units=CLASSES, init=Lsuv(tolerance=1e-6))]
    assert not np.any(fitted(tight, x).parameters.values[: INPUTS * CLASSES] == drawn[: INPUTS * 3])


@pytest.mark.parametrize(
    ("nonlinearity", "balance"),
    [(Relu(), False), (Tanh(), False), (Tanh(), True)],  # there is nothing to balance across tanh
)
def test_data_dependent_gives_every_unit_mean_zero_and_spread_one(nonlinearity, balance) -> None:
    network = fitted(deep(DataDependent(balance=balance), nonlinearity), batch())
    for y in outputs_of(network, batch()):
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-12)


def test_data_dependent_turns_the_initial_bias_into_the_mean() -> None:
    x, init = batch(), DataDependent()
    network = started([Dense(units=5, init=init)], x)
    network.parameters["network[0].biases"][:] = [0.1, 0.2, -3, 0, 1]
    calibrate(network, x, stream(0))
    [y] = outputs_of(network, x)
    np.testing.assert_allclose(y.mean(axis=0), [0.1, 0.2, -3, 0, 1], atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-12)


def test_the_pieces_of_a_unit_move_together() -> None:
    """The outputs of units of two pieces, columns u and F + u: y = max of both."""
    x, rng, pieces = batch()[:, 0], stream(2), (2, 4)
    weights, biases = rng.standard_normal((INPUTS, 8)), np.full(8, 0.25)

    def outputs() -> np.ndarray:
        return (x @ weights + biases).reshape(len(x), *pieces).max(axis=1)  # (N, F)

    DataDependent().fit(weights, biases, outputs())
    np.testing.assert_allclose(outputs().mean(axis=0), 0.25, atol=1e-12)
    np.testing.assert_allclose(outputs().std(axis=0), 1, rtol=1e-12)


def test_maxout_is_fitted_behind_its_maximum() -> None:
    init = DataDependent(balance=False)
    settings = {"pieces": 3, "init": init, "bias_init": Constant(value=0.5)}
    layers = [Maxout(units=6, **settings), Maxout(units=4, **settings), Dense(units=3, init=init)]
    *hidden, scores = outputs_of(fitted(layers, batch()), batch())
    for y in hidden:
        np.testing.assert_allclose(y.mean(axis=0), 0.5, atol=1e-12)
        np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-12)


def test_balance_makes_the_layers_learn_equally_fast_and_changes_no_score() -> None:
    x = batch()
    plain, balanced = (fitted(deep(DataDependent(balance=b)), x) for b in (False, True))
    np.testing.assert_allclose(
        balanced.forward(x.copy(), True), plain.forward(x.copy(), True), rtol=1e-9, atol=1e-9
    )
    before, after = ratios_of(plain, x), ratios_of(balanced, x)
    assert before.max() / before.min() > 1.5
    np.testing.assert_allclose(after, np.exp(np.log(before).mean()), rtol=1e-9)


def test_balance_goes_between_layers_that_double_with_their_input() -> None:
    x, init = batch(), DataDependent()
    layers = [
        *(Dense(units=9, init=init), Relu(), Dense(units=8, init=init), Tanh()),
        *(Dense(units=7, init=init), Relu(), Dense(units=6, init=init), Relu()),
        *(Dense(units=5, init=Normal()), Relu(), Dense(units=3, init=init)),
    ]
    network = fitted(layers, x)
    ratios = ratios_of(network, x)
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-9)
    assert ratios[2] == pytest.approx(ratios[3], rel=1e-9)
    assert len({round(float(r), 6) for r in ratios}) == 4
    # What comes before a stop is as wide as without balance: there the run's factors are 1.
    outputs = outputs_of(network, x)
    for at_end in (1, 3, 5):
        np.testing.assert_allclose(outputs[at_end].std(axis=0), 1, rtol=1e-9)


@pytest.mark.parametrize("init", [Lsuv(), DataDependent()])
def test_layers_that_ask_for_no_data_stay_as_they_are_drawn(init) -> None:
    layers = [Dense(units=9), Relu(), Dense(units=8, init=init), Relu(), Dense(units=3)]
    before, after = started(layers, batch()), fitted(layers, batch())
    for entry in before.parameters.entries:
        same = np.array_equal(before.parameters[entry.name], after.parameters[entry.name])
        assert same == (entry.layer != 2 or (init.type, entry.name[-6:]) == ("lsuv", "biases"))


@pytest.mark.parametrize("init", [Lsuv(), DataDependent()])
@pytest.mark.parametrize(
    "x",
    [batch() * 0, batch() * 1e-200, batch() * 1e250, batch() * np.nan, batch() * np.inf],
    ids=["zero", "tiny", "huge", "nan", "inf"],
)
def test_inputs_that_say_nothing_leave_the_weights_as_drawn_without_a_warning(init, x) -> None:
    layers = deep(init)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = fitted(layers, x)
    np.testing.assert_array_equal(network.parameters.values, started(layers, x).parameters.values)


def test_a_unit_that_does_not_vary_stays_as_drawn_and_the_others_are_fitted() -> None:
    x = batch()
    x[..., 0] = 0.1  # the only input of the first unit
    network = started([Dense(units=3, init=DataDependent())], x)
    weights = network.parameters["network[0].weights"]
    weights[1:, 0, 0] = 0
    drawn = weights[0, 0, 0]
    calibrate(network, x, stream(0))
    assert weights[0, 0, 0] == drawn
    assert network.parameters["network[0].biases"][0, 0] == 0
    np.testing.assert_allclose(outputs_of(network, x)[0].std(axis=0)[1:], 1, rtol=1e-12)


@pytest.mark.parametrize("init", [Lsuv(tolerance=1e-9), DataDependent()])
def test_filters_are_fitted_over_examples_and_places(init) -> None:
    x = stream(1).standard_normal((40, 9, 8, 1, 3)) * 5 + 2
    hidden = (Conv(filters=6, init=init), Relu(), MaxPool(), Conv(filters=5, init=init, stride=2))
    network = fitted([*hidden, Tanh(), Dense(units=CLASSES, init=init)], x)
    for y in outputs_of(network, x)[1:]:  # balance scales the first layer
        assert y.var() == pytest.approx(1, rel=1e-9)
        if isinstance(init, DataDependent):
            spread = y.reshape(-1, y.shape[-1]).std(axis=0)
            np.testing.assert_allclose(spread, 1, rtol=1e-9)
    if isinstance(init, DataDependent):
        ratios = ratios_of(network, x)
        assert ratios[0] == pytest.approx(ratios[1], rel=1e-9)


def test_dropout_is_off() -> None:
    init = DataDependent()
    silent, without = (
        fitted([*deep(init)[:2], Dropout(rate=rate), *deep(init)[2:]], batch())
        for rate in (0.5, 0.0)
    )
    np.testing.assert_array_equal(silent.parameters.values, without.parameters.values)


def test_what_batch_norm_hides_is_fitted_all_the_same() -> None:
    x, init = batch(), DataDependent()
    layers = [Dense(units=9, init=init), BatchNorm(), Relu(), Dense(units=3, init=init)]
    before, after = started(layers, x), fitted(layers, x)
    for y in outputs_of(after, x):
        np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-9)
    for name in ("gamma", "beta"):
        key = f"network[1].{name}"
        np.testing.assert_array_equal(after.parameters[key], before.parameters[key])


def experiments(init, seeds=(0, 1, 0), precision: str = "float64") -> list:
    """Return experiments of which the first and third differ in the learning rate alone."""
    layers = (Dense(units=6, init=init), Relu(), Dense(units=CLASSES, init=init))
    return [
        replace(
            PLAIN,
            seed=seed,
            network=layers,
            optimizer=replace(PLAIN.optimizer, learning_rate=0.1 * (m + 1)),
            training=Training(precision=precision),
        )
        for m, seed in enumerate(seeds)
    ]


def values_of(some: list, capacity: int = 20, **settings) -> np.ndarray:
    """Return all initial values of a stack, (..., M)."""
    parameters = assemble(some, data_of(PLAIN), capacity=capacity, **settings).network.parameters
    columns = [np.moveaxis(parameters[e.name], -2, -1) for e in parameters.entries]
    return np.concatenate([c.reshape(-1, len(some)) for c in columns])


@pytest.mark.parametrize("init", [Lsuv(), DataDependent()])
def test_a_member_is_fitted_alike_in_any_stack_batch_and_precision(init) -> None:
    some = experiments(init)
    together = values_of(some)
    for m, experiment in enumerate(some):
        np.testing.assert_array_equal(together[:, m], values_of([experiment])[:, 0])
    np.testing.assert_array_equal(together[:, 0], together[:, 2])
    assert np.any(together[:, 0] != together[:, 1])
    np.testing.assert_array_equal(together, values_of(some, capacity=1))
    np.testing.assert_array_equal(together, values_of(some, shared_input=False))
    narrow = values_of(experiments(init, precision="float32"))
    np.testing.assert_array_equal(narrow, together.astype(np.float32))


def test_members_that_start_alike_are_fitted_once(monkeypatch) -> None:
    calls = []
    monkeypatch.setattr(start, "calibrate", lambda *arguments: calls.append(arguments))
    values_of(experiments(Lsuv()))
    assert len(calls) == 2
    values_of(experiments(Normal()))
    assert len(calls) == 2


def test_running_averages_do_not_see_the_fit() -> None:
    [experiment] = experiments(Lsuv(), seeds=(0,))
    first, *rest = experiment.network
    network = (first, BatchNorm(), *rest)
    stack = assemble([replace(experiment, network=network)], data_of(PLAIN), capacity=20)
    np.testing.assert_array_equal(stack.network.parameters["network[1].mean"], 0)
    np.testing.assert_array_equal(stack.network.parameters["network[1].variance"], 1)


def test_members_beside_a_fitted_one_stay_as_they_are() -> None:
    plain, looking = experiments(None)[0], experiments(Lsuv())[0]
    beside = values_of([plain, looking])
    np.testing.assert_array_equal(beside[:, 0], values_of([plain])[:, 0])
    np.testing.assert_array_equal(beside[:, 1], values_of([looking])[:, 0])


@pytest.mark.parametrize("make", [lambda: data_of(PLAIN), images], ids=["vectors", "images"])
def test_a_stack_is_fitted_on_its_preprocessed_training_examples(make) -> None:
    dataset = make()
    assert len(dataset.train) <= 256, "then all of them are the sample"
    [experiment] = experiments(Lsuv(tolerance=1e-9), seeds=(5,))
    network = assemble([experiment], dataset, capacity=len(dataset.train)).network
    x = dataset.train.ready(np.dtype(np.float64))
    x = np.expand_dims(x.reshape(-1, *dataset.shape), -2)  # (N, ..., 1, F)
    np.testing.assert_allclose([y.var() for y in outputs_of(network, x)], 1, rtol=1e-8)

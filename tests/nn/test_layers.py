"""What holds for every layer: precision, members with settings of their own, settings that act."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from tests.nn.differences import Probe, away_from_zero, batch_shape, random_network
from tests.nn.examples import EXAMPLES, LAYERS
from trainer_cli.nn.initializers import Constant, Normal
from trainer_cli.nn.network import Network
from trainer_cli.nn.streams import stream

EVERY_LAYER = pytest.mark.parametrize(
    ("layer", "shape"),
    [
        pytest.param(layer, shape, id=f"{layer.type}-{i}-{len(shape)}d")
        for i, (layer, shape) in enumerate(EXAMPLES)
    ],
)
TRAINING = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
SHARED = pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])

# Another value for a setting, where halving or counting up gives none.
OTHER_VALUES: dict[str, Any] = {
    "bias_init": Constant(value=0.3),
    "init": Normal(std=0.3),
    "padding": "valid",
    "style": "vanilla",
    "stride": 1,
}
# Settings that act in the penalty and the projection, see test_regularization and test_max_norm.
OF_THE_PENALTY = {"l1", "l2", "max_norm"}
SETTINGS = [
    pytest.param(settings[0], field.name, shapes[0], id=f"{kind.__name__}-{field.name}")
    for kind, (settings, shapes) in LAYERS.items()
    for field in fields(kind)
    if field.name != "type" and field.name not in OF_THE_PENALTY
]


def other_value(layer: Any, name: str) -> Any:
    value = getattr(layer, name)
    if isinstance(value, float):
        return value / 2
    return value + 1 if isinstance(value, int) else OTHER_VALUES[name]


def everything(layer: Any, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Return outputs, gradients and statistics of a layer in training, and what it then gives."""
    network = Network([[layer]], shape, capacity=4, dtype=np.dtype(np.float64), input_gradient=True)
    network.initialize([[stream(0, "init", 0)]])
    network.restart_noise([0], "noise", 0)
    rng = np.random.default_rng(0)
    x = away_from_zero(rng, batch_shape(4, shape, 1))
    y = network.forward(x.copy(), training=True).copy()
    dx = network.backward(rng.standard_normal(y.shape))
    parameters = network.parameters
    found = [y, dx, parameters.gradients, parameters.stored]
    return [a.copy() for a in found] + [network.forward(x.copy(), training=False)]


@pytest.mark.parametrize(("layer", "name", "shape"), SETTINGS)
def test_every_setting_matters(layer, name, shape) -> None:
    before = everything(layer, shape)
    after = everything(replace(layer, **{name: other_value(layer, name)}), shape)
    assert any(a.shape != b.shape or np.any(a != b) for a, b in zip(before, after, strict=True))
    again = everything(layer, shape)
    assert all(np.array_equal(a, b) for a, b in zip(before, again, strict=True))


def test_many_settings_took_part() -> None:
    assert len(SETTINGS) >= 20


@TRAINING
@EVERY_LAYER
def test_single_precision_is_close_to_double(layer, shape, training) -> None:
    found = []
    for dtype in (np.float32, np.float64):
        rng = np.random.default_rng(0)
        network = random_network([[layer]] * 2, shape, rng, capacity=6, dtype=dtype)
        x = away_from_zero(rng, batch_shape(6, shape, 1)).astype(np.float32).astype(dtype)
        network.parameters.stored[:] = network.parameters.stored.astype(np.float32)
        probe = Probe(network, x, training=training)
        probe.d = probe.d.astype(np.float32).astype(dtype)
        y = probe.forward().copy()
        assert y.dtype == dtype
        found.append({"output": y, **probe.written_down()})
    for name, exact in found[1].items():
        np.testing.assert_allclose(
            found[0][name], exact, rtol=1e-4, atol=3e-6 * np.abs(exact).max(), err_msg=name
        )


def alike(settings: list, shape: tuple[int, ...]) -> list:
    """Return the settings that one stack may have: those with the shapes of the first."""
    parameters, output = settings[0].parameters(shape), settings[0].output_shape(shape)
    stride = getattr(settings[0], "stride", None)
    return [
        layer
        for layer in settings
        if (layer.parameters(shape), layer.output_shape(shape)) == (parameters, output)
        and getattr(layer, "stride", None) == stride
    ]


@TRAINING
@SHARED
@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        pytest.param(alike(settings, shape), shape, id=f"{settings[0].type}-{len(shape)}d")
        for settings, shapes in LAYERS.values()
        for shape in shapes
    ],
)
def test_a_member_is_as_if_alone_whatever_the_settings_of_the_others(
    settings, shape, shared, training
) -> None:
    members, rng = 3, np.random.default_rng(0)
    stack = [[settings[m % len(settings)]] for m in range(members)]
    network = random_network(stack, shape, rng, capacity=5, shared_input=shared)
    x = away_from_zero(rng, batch_shape(5, shape, 1 if shared else members))
    together = Probe(network, x, training=training)
    y, gradients = together.forward().copy(), together.written_down()
    # What the members get back for a shared input is added up.
    below = np.zeros(batch_shape(5, shape, 1))
    for m in range(members):
        alone = random_network([stack[m]], shape, rng, capacity=5, shared_input=False)
        for entry in alone.parameters.everything:
            own = network.parameters[entry.name][..., [m], :]
            entry.view(alone.parameters.stored)[...] = own
        own_x = x if shared else x[..., [m], :].copy()
        probe = Probe(alone, own_x, training=training, seeds=[m])
        shares = y.shape[-2] == 1  # the members share the output too
        at = 0 if shares else m
        probe.d = together.d[..., [at], :]
        np.testing.assert_allclose(probe.forward(), y[..., [at], :], rtol=1e-12, atol=1e-13)
        own = probe.written_down()
        below += own["input"] if not shares or m == 0 else 0
        if not shared:
            own_share = gradients["input"][..., [m], :]
            np.testing.assert_allclose(own["input"], own_share, rtol=1e-11, atol=1e-12)
        for entry in alone.parameters.entries:
            expected = gradients[entry.name][..., [m], :]
            np.testing.assert_allclose(own[entry.name], expected, rtol=1e-11, atol=1e-12)
    if shared:
        np.testing.assert_allclose(gradients["input"], below, rtol=1e-11, atol=1e-12)

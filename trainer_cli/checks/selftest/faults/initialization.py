"""Faults in experiment files: how the weights start, and on what inputs."""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.selftest.case import Arrays, Case
from trainer_cli.checks.selftest.files import DIGITS


def _fault(name: str, *sets: str, rules: tuple[str, ...], file: str = DIGITS) -> Case:
    return Case(name=name, kind="experiment file", rules=rules, file=file, sets=sets)


def _both(init: str) -> tuple[str, str]:
    """Return the changes by which both layers of the digits start so."""
    return f"network.0.init={init}", f"network.2.init={init}"


def _layers(depth: int, init: str, act: str, units: int = 10) -> str:
    """Return the change to a network of so many hidden layers."""
    hidden = f"{{type: dense, units: {units}, init: {init}}}, {act}, " * depth
    return f"network=[{hidden}{{type: dense, units: 10, init: {init}}}]"


def pixels(rng: np.random.Generator) -> Arrays:
    """Return images of 3 x 8 x 8 bytes, bright in another place for each class."""
    y = np.arange(400) % 10
    x = rng.normal(100, 30, (400, 64, 3))
    x[np.arange(400)[:, None], 6 * y[:, None] + np.arange(6)] += 80
    return {"X": x.reshape(400, 8, 8, 3).clip(0, 255).astype(np.uint8), "y": y}


RAW_PIXELS = """\
data: {source: npz, path: data.npz}
network: [{type: dense, units: 50}, relu, {type: dense, units: 10}]
optimizer: {type: momentum, learning_rate: 0.01}
training: {epochs: 10, batch_size: 32}
"""

INITIALIZATION = (
    _fault("all weights zero", *_both("zeros"), rules=("constant-initialization",)),
    _fault(
        "hidden weights zero",
        "network.0.init=zeros",
        rules=("constant-initialization",),
    ),
    _fault(
        "all weights 0.01",
        *_both("constant"),
        rules=("constant-initialization", "identical-units"),
    ),
    _fault(
        "hidden weights 0.5",
        "network.0.init={type: constant, value: 0.5}",
        rules=("constant-initialization", "identical-units"),
    ),
    _fault(
        "weights of std 1.0",
        *_both("{type: normal, std: 1.0}"),
        rules=("initial-loss", "exploding-activations"),
    ),
    _fault(
        "four layers of std 1.0",
        _layers(3, "{type: normal, std: 1.0}", "relu", 50),
        rules=("initial-loss", "exploding-activations"),
    ),
    _fault(
        "weights of std 1e-8",
        *_both("{type: normal, std: 1e-8}"),
        rules=("vanishing-activations",),
    ),
    _fault(
        "tanh ten layers deep, std 0.01",
        _layers(10, "{type: normal, std: 0.01}", "tanh"),
        "overfit.updates=50",
        rules=("vanishing-activations", "vanishing-gradient"),
    ),
    _fault(
        "sigmoid ten layers deep",
        _layers(10, "xavier", "sigmoid"),
        "overfit.updates=50",
        rules=("vanishing-gradient",),
    ),
    _fault(
        "saturated tanh",
        "network.1=tanh",
        "network.0.init={type: normal, std: 5}",
        rules=("saturated-units",),
    ),
    _fault(
        "biases of -10 before relu",
        "network.0.bias_init={type: constant, value: -10}",
        rules=("dead-units",),
    ),
    _fault(
        "hidden biases of 1000",
        "network.0.bias_init={type: constant, value: 1000}",
        rules=("initial-loss",),
    ),
    Case(
        name="raw pixels 0 to 255",
        kind="experiment file",
        rules=("unscaled-inputs", "initial-loss"),
        file=RAW_PIXELS,
        arrays=pixels,
    ),
    _fault(
        "raw digits 0 to 16",
        "data.preprocess=[]",
        rules=("unscaled-inputs", "initial-loss"),
    ),
    _fault(
        "inputs scaled to 1e-6",
        "data.preprocess=[{type: scale, by: 16e6}, center]",
        rules=("unscaled-inputs", "input-independence"),
    ),
    _fault(
        "digits scaled as if they were bytes, twice",
        "data.preprocess=[{type: scale, by: 255}, {type: scale, by: 255}]",
        rules=("unscaled-inputs", "overfit"),
    ),
)

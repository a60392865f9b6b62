"""Sound experiments with every layer and every initializer, shallow and deep, narrow and wide."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.files import BLOBS, CONVOLUTIONAL, DIGITS


def _sound(name: str, *layers: str, file: str = DIGITS, sets: tuple[str, ...] = ()) -> Case:
    if layers:
        sets = (f"network=[{', '.join(layers)}]", *sets)
    return Case(name=name, kind="sound", file=file, sets=sets)


def _dense(units: int, settings: str = "") -> str:
    return f"{{type: dense, units: {units}{settings}}}"


def _deep(
    depth: int, units: int, *behind: str, init: str = "", classes: int = 10
) -> tuple[str, ...]:
    """Return so many hidden layers, and the output layer."""
    settings = f", init: {init}" if init else ""
    return (*(_dense(units, settings), *behind) * depth, _dense(classes, settings))


OUTPUT = _dense(10)

# Where looking for the rate of overfit would take long.
KNOWN_RATE = ("overfit.learning_rate=0.3",)

LAYERS = (
    _sound("digits"),
    _sound("blobs", file=BLOBS),
    _sound("convolutional", file=CONVOLUTIONAL),
    _sound("linear", OUTPUT),
    _sound("leaky relu", _dense(50), "leaky_relu", OUTPUT),
    _sound("elu and gelu", _dense(40), "elu", _dense(40), "gelu", OUTPUT),
    _sound("softplus", _dense(50), "softplus", OUTPUT),
    _sound("prelu", _dense(50), "prelu", OUTPUT),
    _sound("maxout", "{type: maxout, units: 30}", OUTPUT),
    _sound("tanh, two layers", _dense(40), "tanh", _dense(40), "tanh", OUTPUT),
    _sound(
        "one layer of sigmoid",
        _dense(50),
        "sigmoid",
        OUTPUT,
        sets=("optimizer.learning_rate=0.1",),
    ),
    _sound(
        "batch norm between dense layers",
        *_deep(2, 40, "batch_norm", "relu"),
    ),
    _sound(
        "batch norm behind relu, and dropout",
        _dense(60),
        "relu",
        "batch_norm",
        "{type: dropout, rate: 0.2}",
        OUTPUT,
    ),
    _sound(
        "dropout on inputs and hidden units",
        "{type: dropout, rate: 0.2}",
        _dense(150),
        "relu",
        "dropout",
        OUTPUT,
    ),
    _sound("vanilla dropout", _dense(100), "relu", "{type: dropout, style: vanilla}", OUTPUT),
    _sound(
        "convolution with batch norm",
        "{type: conv, filters: 6}",
        "batch_norm",
        "relu",
        "max_pool",
        "flatten",
        OUTPUT,
        file=CONVOLUTIONAL,
        sets=KNOWN_RATE,
    ),
    _sound(
        "convolution averaged over the image",
        "{type: conv, filters: 12, stride: 2}",
        "relu",
        "{type: avg_pool, size: 4}",
        "flatten",
        OUTPUT,
        file=CONVOLUTIONAL,
        sets=("optimizer={type: adam, learning_rate: 0.02}",),
    ),
    _sound(
        "convolution of 1 x 1 and of 5 x 5",
        "{type: conv, filters: 4, kernel: 5, stride: 2, padding: 2}",
        "leaky_relu",
        "{type: conv, filters: 6, kernel: 1}",
        "relu",
        "flatten",
        OUTPUT,
        file=CONVOLUTIONAL,
        sets=KNOWN_RATE,
    ),
    _sound("ten layers of relu", *_deep(10, 30, "relu"), sets=("optimizer.learning_rate=0.01",)),
    _sound("ten layers of batch norm", *_deep(10, 8, "batch_norm", "relu", classes=3), file=BLOBS),
    _sound(
        "six layers of tanh, orthogonal",
        *_deep(6, 30, "tanh", init="orthogonal"),
        sets=("optimizer.learning_rate=0.01",),
    ),
    _sound(
        "six layers of relu, lsuv",
        *_deep(6, 30, "relu", init="lsuv"),
        sets=("optimizer.learning_rate=0.01",),
    ),
    _sound(
        "eight layers of relu, random walk",
        *_deep(8, 30, "relu", init="random_walk"),
        sets=("optimizer.learning_rate=0.01",),
    ),
    _sound("data-dependent start", *_deep(2, 40, "relu", init="data_dependent")),
    _sound("glorot, uniform", *_deep(2, 40, "tanh", init="{type: glorot, distribution: uniform}")),
    _sound("he, uniform", *_deep(2, 40, "relu", init="{type: he, distribution: uniform}")),
    _sound("xavier before tanh", *_deep(1, 50, "tanh", init="xavier")),
    _sound("uniform weights", *_deep(1, 50, "relu", init="{type: uniform, limit: 0.2}")),
    _sound("normal weights of std 0.01", *_deep(1, 50, "relu", init="normal")),
    _sound(
        "output layer at zero, small positive biases",
        _dense(50, ", bias_init: {type: constant, value: 0.01}"),
        "relu",
        _dense(10, ", init: zeros"),
    ),
    _sound("two hidden units", _dense(2), "tanh", _dense(3), file=BLOBS),
    _sound(
        "three hidden units", _dense(3), "relu", _dense(2), file=BLOBS, sets=("data.classes=2",)
    ),
    _sound("many hidden units", *_deep(1, 400, "relu")),
    _sound(
        "narrow in the middle", _dense(40), "relu", _dense(5), "relu", _dense(40), "relu", OUTPUT
    ),
)

"""Runs that have a fault by intention, by the rule that must name it, and healthy ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.experiments import DIGITS, changed, data_of
from trainer_cli.config.experiment import EarlyStopping, Training
from trainer_cli.datasets import Data
from trainer_cli.datasets.preprocess import Scale, Standardize
from trainer_cli.datasets.sources import Digits, Synthetic
from trainer_cli.datasets.split import Split
from trainer_cli.nn.initializers import Constant, Normal
from trainer_cli.nn.layers import (
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Elu,
    Flatten,
    MaxPool,
    Relu,
    Sigmoid,
    Tanh,
)
from trainer_cli.nn.losses import Softmax, Svm
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Adam, Momentum, Rmsprop, Sgd
from trainer_cli.optim.schedules import Constant as ConstantRate
from trainer_cli.optim.schedules import Cosine, Exponential, Step


def net(*units, act=Relu, classes=10, init=None, rate=0.0):
    layers = []
    for count in units:
        layers += [Dense(units=count, init=init), act(), *([Dropout(rate=rate)] if rate else [])]
    return (*layers, Dense(units=classes, init=init))


def run(epochs, batch_size=32, **changes):
    """Return the digits trained for so many epochs at a rate that suits them."""
    training = Training(epochs=epochs, batch_size=batch_size)
    return changed(
        DIGITS, **{"optimizer": Momentum(learning_rate=0.05), "training": training} | changes
    )


def points(kind, classes, *, epochs, batch_size=32, units=20, noise=0.5, examples=900, **changes):
    features = {} if kind == "spirals" else {"features": 10}
    source = Synthetic(kind=kind, classes=classes, noise=noise, examples=examples, **features)
    network = net(*([units] if units else []), classes=classes)
    data = Data(source=source, preprocess=(Standardize(),))
    return run(epochs, batch_size, **{"data": data, "network": network} | changes)


def relabeled(experiment, share=1.0, *, part="validation"):
    """Return the data with the labels of a share of the examples shifted by one class."""
    dataset = data_of(replace(experiment, seed=0))
    examples = getattr(dataset, part)
    new = examples.select(np.arange(len(examples)))
    shifted = np.random.default_rng(1).random(len(new)) < share
    new.labels = np.where(shifted, (new.labels + 1) % dataset.classes, new.labels)
    return replace(dataset, **{part: new})


FEW = Data(
    source=Digits(), preprocess=DIGITS.data.preprocess, split=Split(train=40, validation=400)
)
DEAD = (Dense(units=50, bias_init=Constant(value=-4)), Relu(), Dense(units=10))
SMALL = Data(source=Digits(), preprocess=(Scale(by=1e5),))
LARGE = (Dense(units=50, init=Normal(std=3e3)), Relu(), Dense(units=10))
FROZEN = (Dense(units=50, init=Normal(std=300)), BatchNorm(), Relu(), Dense(units=10))

FAULTS = [
    ("learning-rate-too-high", run(3, optimizer=Momentum(learning_rate=100.0))),
    ("learning-rate-too-high", run(3, optimizer=Adam(learning_rate=30.0))),
    ("learning-rate-too-high", run(12, optimizer=Rmsprop(learning_rate=0.3))),
    ("learning-rate-too-high", run(12, optimizer=Adam(learning_rate=0.3))),
    (
        "learning-rate-too-high",
        run(8, network=net(50, 50, 50), optimizer=Momentum(learning_rate=0.7)),
    ),
    ("learning-rate-too-low", run(3, optimizer=Momentum(learning_rate=1e-5))),
    ("learning-rate-too-low", run(10, optimizer=Momentum(learning_rate=5e-4))),
    ("learning-rate-too-low", run(10, optimizer=Adam(learning_rate=1e-5))),
    (
        "learning-rate-too-low",
        run(10, optimizer=Sgd(learning_rate=0.01), schedule=Exponential(factor=0.01)),
    ),
    ("plateau", points("gaussian", 3, epochs=1, examples=6000, optimizer=Sgd(learning_rate=0.05))),
    (
        "plateau",
        run(8, regularization=Regularization(l2=1.0), optimizer=Momentum(learning_rate=0.02)),
    ),
    ("plateau", run(5, regularization=Regularization(max_norm=1e-4))),
    (
        "slow-start",
        run(20, network=net(50, init=Normal(std=1e-4)), optimizer=Sgd(learning_rate=0.15)),
    ),
    ("slow-start", run(25, network=net(50, 50, init=Normal(std=0.015)))),
    (
        "slow-start",
        run(
            20,
            network=net(50, 50, act=Tanh, init=Normal(std=0.02)),
            optimizer=Momentum(learning_rate=0.02),
        ),
    ),
    ("noisy-cost", run(5, 2, optimizer=Adam(learning_rate=0.04))),
    ("noisy-cost", run(4, 2, optimizer=Momentum(learning_rate=0.05))),
    ("noisy-cost", points("spirals", 3, epochs=10, batch_size=1, noise=0.2, examples=600)),
    (
        "overfitting",
        run(40, 10, data=FEW, network=net(200), optimizer=Momentum(learning_rate=0.02)),
    ),
    ("overfitting", points("blobs", 5, epochs=60, units=100, noise=2.0, examples=300)),
    ("underfitting", run(8, network=net(1))),
    ("underfitting", points("spirals", 3, epochs=12, units=0, noise=0.1)),
    ("underfitting", run(25, network=net(2))),
    ("update-ratio", run(8, network=FROZEN, optimizer=Sgd(learning_rate=0.1))),
    ("update-ratio", run(8, data=SMALL, network=LARGE, optimizer=Sgd(learning_rate=0.1))),
    (
        "identical-units",
        run(5, network=net(50, init=Constant(value=0.01)), optimizer=Sgd(learning_rate=0.1)),
    ),
    ("identical-units", run(5, network=net(30, 30, act=Tanh, init=Constant(value=0.1)))),
    ("dead-units", run(5, network=DEAD)),
    ("dead-units", run(5, network=(DEAD[0], Relu(), Dense(units=30), Relu(), Dense(units=10)))),
    (
        "saturated-units",
        run(8, network=net(80, act=Tanh, init=Normal(std=2.0)), optimizer=Sgd(learning_rate=0.05)),
    ),
    (
        "saturated-units",
        run(
            5,
            data=Data(source=Digits()),
            network=net(50, act=Sigmoid, init=Normal(std=1.0)),
            optimizer=Sgd(learning_rate=0.05),
        ),
    ),
    ("vanishing-gradient", run(3, network=net(*[30] * 8, act=Sigmoid))),
    ("vanishing-gradient", run(3, network=net(*[30] * 8, act=Tanh, init=Normal(std=0.01)))),
    (
        "exploding-gradient",
        run(
            3,
            network=net(*[50] * 8, init=Normal(std=0.6)),
            optimizer=Sgd(learning_rate=0.01, clip_norm=1.0),
        ),
    ),
    (
        "exploding-gradient",
        run(
            3,
            network=net(*[50] * 10, act=Elu, init=Normal(std=0.5)),
            optimizer=Adam(learning_rate=1e-3),
        ),
    ),
]

CONVOLUTIONAL = (Conv(filters=6, kernel=3), Relu(), MaxPool(), Flatten(), Dense(units=10))
NORMALIZED = (
    Dense(units=40),
    BatchNorm(),
    Relu(),
    Dense(units=40),
    BatchNorm(),
    Relu(),
    Dense(units=10),
)
STOPPING = Training(epochs=60, batch_size=32, early_stopping=EarlyStopping(patience=6))

HEALTHY = {
    "two layers": run(10),
    "two epochs": run(2),
    "small batches": run(4, 8, optimizer=Momentum(learning_rate=0.01)),
    "batches of one": run(1, 1, optimizer=Sgd(learning_rate=0.01)),
    "full batch": run(40, 2000, optimizer=Momentum(learning_rate=0.2)),
    "linear": run(15, network=net()),
    "deep relu": run(10, network=net(40, 40, 40, 40), optimizer=Momentum(learning_rate=0.02)),
    "deep tanh, adam": run(
        10, network=net(40, 40, 40, act=Tanh), optimizer=Adam(learning_rate=2e-3)
    ),
    "sigmoid": run(20, network=net(50, act=Sigmoid)),
    "batch norm": run(8, network=NORMALIZED),
    "dropout": run(12, network=net(150, rate=0.5)),
    "convolutional": run(4, network=CONVOLUTIONAL),
    "restarts": run(15, schedule=Cosine(period=5), optimizer=Momentum(learning_rate=0.1)),
    "warm-up": run(12, schedule=ConstantRate(warmup=4)),
    "steps": run(15, schedule=Step(factor=0.1, every=5)),
    "label smoothing": run(10, loss=Softmax(label_smoothing=0.2)),
    "svm": run(10, loss=Svm(), optimizer=Momentum(learning_rate=0.01)),
    "strong l2": run(12, regularization=Regularization(l2=0.02)),
    "early stopping": run(1, training=STOPPING),
    "noise ceiling": points(
        "blobs", 4, epochs=10, noise=1.5, examples=2500, optimizer=Momentum(learning_rate=0.01)
    ),
    "two classes": points("blobs", 2, epochs=10),
    "fifty classes": points(
        "blobs", 50, epochs=12, units=60, examples=2500, optimizer=Adam(learning_rate=5e-3)
    ),
    "tiny data": points(
        "blobs", 3, epochs=30, batch_size=10, examples=60, optimizer=Sgd(learning_rate=0.05)
    ),
    "spirals": points(
        "spirals", 3, epochs=40, units=60, noise=0.1, optimizer=Momentum(learning_rate=0.1)
    ),
}

"""One line of example settings for each layer, initializer and loss: all that a new part needs."""

from __future__ import annotations

from math import sqrt

from trainer_cli.nn.initializers import He, Normal, Xavier, Zeros
from trainer_cli.nn.layers import Dense, Relu, Sigmoid, Tanh
from trainer_cli.nn.losses import Softmax

VECTOR = (5,)
IMAGE = (2, 3, 2)  # (H, W, C)

# Settings, and the input shapes to try them on.
LAYERS = {
    Dense: (Dense(units=3), (VECTOR, IMAGE)),
    Relu: (Relu(), (VECTOR, IMAGE)),
    Sigmoid: (Sigmoid(), (VECTOR, IMAGE)),
    Tanh: (Tanh(), (VECTOR, IMAGE)),
}

# Settings, and the standard deviation that they promise for a number of inputs.
INITIALIZERS = {
    He: (He(), lambda fan_in: sqrt(2 / fan_in)),
    Normal: (Normal(std=0.3), lambda fan_in: 0.3),
    Xavier: (Xavier(), lambda fan_in: sqrt(1 / fan_in)),
    Zeros: (Zeros(), lambda fan_in: 0.0),
}

LOSSES = {Softmax: Softmax()}

"""One line of example settings for each layer, initializer and loss: all that a new part needs."""

from __future__ import annotations

from math import exp, prod, sqrt

from trainer_cli.nn.initializers import (
    Constant,
    DataDependent,
    Fans,
    Glorot,
    He,
    Lsuv,
    Normal,
    Orthogonal,
    RandomWalk,
    Uniform,
    Xavier,
    Zeros,
)
from trainer_cli.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Elu,
    Flatten,
    Gelu,
    LeakyRelu,
    Maxout,
    MaxPool,
    Prelu,
    Relu,
    Sigmoid,
    Softplus,
    Tanh,
)
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm

VECTOR = (5,)
IMAGE = (2, 3, 2)  # (H, W, C)
PICTURE = (4, 5, 2)  # an image with room for windows

# Settings to try each layer with, and the input shapes to try them on.
LAYERS = {
    AvgPool: ([AvgPool(), AvgPool(size=3, stride=1), AvgPool(size=1, stride=2)], (PICTURE,)),
    BatchNorm: ([BatchNorm(), BatchNorm(momentum=0.5, epsilon=0.1)], (VECTOR, IMAGE)),
    Conv: (
        [
            Conv(filters=3),
            Conv(filters=2, kernel=2, stride=2),
            Conv(filters=2, kernel=1, padding="valid"),
            Conv(filters=1, kernel=5, stride=3, padding=2),
        ],
        (PICTURE,),
    ),
    Dense: ([Dense(units=3)], (VECTOR, IMAGE)),
    Dropout: ([Dropout(rate=0.4), Dropout(rate=0.2, style="vanilla")], (VECTOR, IMAGE)),
    Elu: ([Elu(), Elu(alpha=0.5)], (VECTOR, IMAGE)),
    Flatten: ([Flatten()], (VECTOR, IMAGE)),
    Gelu: ([Gelu()], (VECTOR, IMAGE)),
    LeakyRelu: ([LeakyRelu(), LeakyRelu(slope=0.3)], (VECTOR, IMAGE)),
    Maxout: ([Maxout(units=3), Maxout(units=2, pieces=3)], (VECTOR, IMAGE)),
    MaxPool: ([MaxPool(), MaxPool(size=3, stride=1), MaxPool(size=2, stride=3)], (PICTURE,)),
    Prelu: ([Prelu(), Prelu(start=-0.5)], (VECTOR, IMAGE)),
    Relu: ([Relu()], (VECTOR, IMAGE)),
    Sigmoid: ([Sigmoid()], (VECTOR, IMAGE)),
    Softplus: ([Softplus()], (VECTOR, IMAGE)),
    Tanh: ([Tanh()], (VECTOR, IMAGE)),
}
# Every setting of every layer with every shape that it takes.
EXAMPLES = [
    (layer, shape) for settings, shapes in LAYERS.values() for layer in settings for shape in shapes
]
# Layers that can stand between dense layers: one setting of each.
HIDDEN = [settings[0] for settings, shapes in LAYERS.values() if VECTOR in shapes]

# Settings, and the standard deviation that they promise for weights of a shape (..., F) and fans.
INITIALIZERS = {
    Constant: [(Constant(value=0.3), lambda shape, fans: 0.0)],
    DataDependent: [(DataDependent(), lambda shape, fans: sqrt(1 / fans.fan_in))],
    Glorot: [
        (Glorot(distribution=d), lambda shape, fans: sqrt(2 / (fans.fan_in + fans.fan_out)))
        for d in ("normal", "uniform")
    ],
    He: [
        (He(distribution=d), lambda shape, fans: sqrt(2 / fans.fan_in))
        for d in ("normal", "uniform")
    ],
    Lsuv: [(Lsuv(), lambda shape, fans: orthonormal_std(shape))],
    Normal: [(Normal(std=0.3), lambda shape, fans: 0.3)],
    Orthogonal: [(Orthogonal(gain=3.0), lambda shape, fans: 3 * orthonormal_std(shape))],
    RandomWalk: [
        (RandomWalk(), lambda shape, fans: random_walk_gain(fans) / sqrt(fans.fan_in)),
        (RandomWalk(gain=1.2), lambda shape, fans: 1.2 / sqrt(fans.fan_in)),
    ],
    Uniform: [(Uniform(limit=0.3), lambda shape, fans: 0.3 / sqrt(3))],
    Xavier: [
        (Xavier(distribution=d), lambda shape, fans: sqrt(1 / fans.fan_in))
        for d in ("normal", "uniform")
    ],
    Zeros: [(Zeros(), lambda shape, fans: 0.0)],
}


def orthonormal_std(shape: tuple[int, ...]) -> float:
    """Columns or rows of length 1, whichever are longer."""
    return 1 / sqrt(max(prod(shape[:-1]), shape[-1]))


def random_walk_gain(fans: Fans) -> float:
    """Sussillo and Abbott's g, for layers of at least 6 inputs."""
    n = fans.fan_in
    return sqrt(2) * exp(1.2 / (n - 2.4)) if fans.rectified else exp(0.5 / n)


def class_weights(classes: int) -> tuple[float, ...]:
    """Weights of so many classes, some equal and some not, above and below 1."""
    return tuple(0.5 + c % 3 for c in range(classes))


# Settings to try each loss with for a number of classes; the first are the defaults.
LOSSES = {
    Softmax: lambda classes: [
        Softmax(),
        Softmax(label_smoothing=0.3),
        Softmax(class_weights=class_weights(classes)),
        Softmax(class_weights=class_weights(classes), label_smoothing=0.1),
    ],
    SquaredSvm: lambda classes: [
        SquaredSvm(),
        SquaredSvm(margin=0.4, class_weights=class_weights(classes)),
    ],
    Svm: lambda classes: [Svm(), Svm(margin=2.5, class_weights=class_weights(classes))],
}

"""Example settings for each optimizer and schedule: all that a new one needs."""

from __future__ import annotations

from math import cos, exp, pi, sqrt

from trainer_cli.optim.optimizers import Adagrad, Adam, Adamw, Momentum, Nesterov, Rmsprop, Sgd
from trainer_cli.optim.schedules import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    InverseTime,
    Linear,
    Sqrt,
    Step,
)

# Three settings of each, as three members of one stack have them.
OPTIMIZERS = {
    Sgd: (Sgd(learning_rate=0.1), Sgd(learning_rate=0.02), Sgd(learning_rate=0.3)),
    Momentum: (
        Momentum(learning_rate=0.1, momentum=0.9),
        Momentum(learning_rate=0.02, momentum=0.0),
        Momentum(learning_rate=0.3, momentum=0.5),
    ),
    Nesterov: (
        Nesterov(learning_rate=0.1, momentum=0.9),
        Nesterov(learning_rate=0.02, momentum=0.3),
        Nesterov(learning_rate=0.3, momentum=0.5),
    ),
    Adagrad: (
        Adagrad(learning_rate=0.2),
        Adagrad(learning_rate=0.3, epsilon=1e-3),
        Adagrad(learning_rate=0.5, epsilon=0.1),
    ),
    Rmsprop: (
        Rmsprop(learning_rate=0.02, decay=0.9),
        Rmsprop(learning_rate=0.01, decay=0.99, epsilon=1e-3),
        Rmsprop(learning_rate=0.03, decay=0.5),
    ),
    Adam: (
        Adam(learning_rate=0.05),
        Adam(learning_rate=0.02, beta1=0.5, epsilon=1e-3),
        Adam(learning_rate=0.03, beta2=0.9),
    ),
    Adamw: (
        Adamw(learning_rate=0.05, weight_decay=0.0),
        Adamw(learning_rate=0.02, beta1=0.5, weight_decay=0.0),
        Adamw(learning_rate=0.03, beta2=0.9, epsilon=1e-3, weight_decay=0.0),
    ),
}

# Parameter values after one and two steps from w = (1, -2) with the gradients (0.5, 1), then
# (-1, 2), worked out by hand.
ROOTS = sqrt(0.296875), sqrt(1.1875)  # of 0.75 · (0.25 · (0.5, 1)²) + 0.25 · (-1, 2)²
CORRECTION = sqrt(1 - 0.75**2)
ADAM_STEP = 0.1 * 0.5 / (ROOTS[0] / CORRECTION + 0.5), 0.1 * 5 / 3 / (ROOTS[1] / CORRECTION + 0.5)
TRAJECTORIES = {
    Sgd: (Sgd(learning_rate=0.1), [(0.95, -2.1), (1.05, -2.3)]),
    # v = (-0.05, -0.1), then 0.9 v - 0.1 g = (0.055, -0.29)
    Momentum: (Momentum(learning_rate=0.1, momentum=0.9), [(0.95, -2.1), (1.005, -2.39)]),
    # The same v; w moves by 0.9 v - 0.1 g.
    Nesterov: (Nesterov(learning_rate=0.1, momentum=0.9), [(0.905, -2.19), (1.0545, -2.651)]),
    # v = (0.25, 1), then (1.25, 5)
    Adagrad: (
        Adagrad(learning_rate=0.1, epsilon=0.5),
        [
            (0.95, -2 - 0.1 / 1.5),
            (0.95 + 0.1 / (sqrt(1.25) + 0.5), -2 - 0.1 / 1.5 - 0.2 / (sqrt(5) + 0.5)),
        ],
    ),
    # v = (0.0625, 0.25), then (0.296875, 1.1875)
    Rmsprop: (
        Rmsprop(learning_rate=0.1, decay=0.75, epsilon=0.5),
        [
            (1 - 0.05 / 0.75, -2.1),
            (1 - 0.05 / 0.75 + 0.1 / (ROOTS[0] + 0.5), -2.1 - 0.2 / (ROOTS[1] + 0.5)),
        ],
    ),
    # m̂ = (0.5, 1) and v̂ = (0.25, 1); then m = (-0.375, 1.25), m̂ = (-0.5, 5/3), v as before
    Adam: (
        Adam(learning_rate=0.1, beta1=0.5, beta2=0.75, epsilon=0.5),
        [(0.95, -2 - 0.1 / 1.5), (0.95 + ADAM_STEP[0], -2 - 0.1 / 1.5 - ADAM_STEP[1])],
    ),
    # The same steps, and before each of them w loses 0.1 · 0.5 of itself.
    Adamw: (
        Adamw(learning_rate=0.1, beta1=0.5, beta2=0.75, epsilon=0.5, weight_decay=0.5),
        [
            (0.9, -1.9 - 0.1 / 1.5),
            (0.95 * 0.9 + ADAM_STEP[0], 0.95 * (-1.9 - 0.1 / 1.5) - ADAM_STEP[1]),
        ],
    ),
}

# What finds the lowest point of Rosenbrock's valley from (-1.2, 1), and in how many updates, at a
# rate that falls to 0.
VALLEY = {
    Sgd: (Sgd(learning_rate=1.5e-3), 20_000),
    Momentum: (Momentum(learning_rate=1e-3), 4_000),
    Nesterov: (Nesterov(learning_rate=1e-3), 4_000),
    Adagrad: (Adagrad(learning_rate=0.5), 20_000),
    Rmsprop: (Rmsprop(learning_rate=0.01), 20_000),
    Adam: (Adam(learning_rate=0.05), 10_000),
    Adamw: (Adamw(learning_rate=0.05, weight_decay=0.0), 10_000),
}

# α(t) / α₀ at the first update of epochs 0, 1, 2 and 5 of ten.
SCHEDULES = {
    Constant: (Constant(), (1.0, 1.0, 1.0, 1.0)),
    Step: (Step(factor=0.1, every=2.0), (1.0, 1.0, 0.1, 0.01)),
    Exponential: (Exponential(factor=0.5), (1.0, 0.5, 0.25, 0.03125)),
    InverseTime: (InverseTime(rate=0.5), (1.0, 1 / 1.5, 0.5, 1 / 3.5)),
    Sqrt: (Sqrt(), (1.0, sqrt(0.9), sqrt(0.8), sqrt(0.5))),
    Linear: (Linear(final=0.2), (1.0, 0.92, 0.84, 0.6)),
    # Periods of 2 and 4 epochs: the last of these moments is 3/4 through the second.
    Cosine: (
        Cosine(period=2.0, growth=2.0, floor=0.1),
        (1.0, 0.55, 1.0, 0.1 + 0.45 * (1 + cos(0.75 * pi))),
    ),
    Cyclic: (Cyclic(low=0.2, period=4.0), (0.2, 0.6, 1.0, 0.6)),
}
# Further ones, with what they are at the same moments.
MORE_SCHEDULES = [
    (Exponential(rate=0.5), (1.0, exp(-0.5), exp(-1), exp(-2.5))),
    (Step(factor=0.5, every=0.5), (1.0, 0.25, 0.0625, 2**-10)),
    (Cosine(), tuple(0.5 + 0.5 * cos(pi * t / 10) for t in (0, 1, 2, 5))),
    (Cosine(period=2.0), (1.0, 0.5, 1.0, 0.5)),
    (Linear(), (1.0, 0.9, 0.8, 0.5)),
]

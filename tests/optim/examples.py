"""Example settings for each optimizer and schedule: all that a new one needs."""

from __future__ import annotations

from trainer_cli.optim.optimizers import Momentum, Sgd
from trainer_cli.optim.schedules import Constant, Exponential

# Three settings of each, as three members of one stack have them.
OPTIMIZERS = {
    Sgd: (Sgd(learning_rate=0.1), Sgd(learning_rate=0.02), Sgd(learning_rate=0.3)),
    Momentum: (
        Momentum(learning_rate=0.1, momentum=0.9),
        Momentum(learning_rate=0.02, momentum=0.0),
        Momentum(learning_rate=0.3, momentum=0.5),
    ),
}

# Parameter values after one and two steps from w = (1, -2) with the gradients (0.5, 1), then
# (-1, 2), worked out by hand.
TRAJECTORIES = {
    Sgd: (Sgd(learning_rate=0.1), [(0.95, -2.1), (1.05, -2.3)]),
    # v = (-0.05, -0.1), then 0.9 v - 0.1 g = (0.055, -0.29)
    Momentum: (Momentum(learning_rate=0.1, momentum=0.9), [(0.95, -2.1), (1.005, -2.39)]),
}

# α(t) / α₀ at the first update of epochs 0, 1, 2 and 5 of ten.
SCHEDULES = {
    Constant: (Constant(), (1.0, 1.0, 1.0, 1.0)),
    Exponential: (Exponential(factor=0.5), (1.0, 0.5, 0.25, 0.03125)),
}

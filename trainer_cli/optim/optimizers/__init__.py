"""Update rules: one settings class per file."""

from trainer_cli.optim.optimizers.momentum import Momentum
from trainer_cli.optim.optimizers.sgd import Sgd

Optimizer = Momentum | Sgd

__all__ = ["Momentum", "Optimizer", "Sgd"]

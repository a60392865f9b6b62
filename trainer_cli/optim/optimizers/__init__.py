"""Update rules: one settings class per file."""

from trainer_cli.optim.optimizers.adagrad import Adagrad
from trainer_cli.optim.optimizers.adam import Adam
from trainer_cli.optim.optimizers.adamw import Adamw
from trainer_cli.optim.optimizers.momentum import Momentum
from trainer_cli.optim.optimizers.nesterov import Nesterov
from trainer_cli.optim.optimizers.rmsprop import Rmsprop
from trainer_cli.optim.optimizers.sgd import Sgd

Optimizer = Adagrad | Adam | Adamw | Momentum | Nesterov | Rmsprop | Sgd

__all__ = ["Adagrad", "Adam", "Adamw", "Momentum", "Nesterov", "Optimizer", "Rmsprop", "Sgd"]

"""How the learning rate changes during training: one settings class per file."""

from trainer_cli.optim.schedules.constant import Constant
from trainer_cli.optim.schedules.cosine import Cosine
from trainer_cli.optim.schedules.cyclic import Cyclic
from trainer_cli.optim.schedules.exponential import Exponential
from trainer_cli.optim.schedules.inverse_time import InverseTime
from trainer_cli.optim.schedules.linear import Linear
from trainer_cli.optim.schedules.sqrt import Sqrt
from trainer_cli.optim.schedules.step import Step

Schedule = Constant | Cosine | Cyclic | Exponential | InverseTime | Linear | Sqrt | Step

__all__ = [
    "Constant",
    "Cosine",
    "Cyclic",
    "Exponential",
    "InverseTime",
    "Linear",
    "Schedule",
    "Sqrt",
    "Step",
]

"""How the learning rate changes during training: one settings class per file."""

from trainer_cli.optim.schedules.constant import Constant
from trainer_cli.optim.schedules.exponential import Exponential

Schedule = Constant | Exponential

__all__ = ["Constant", "Exponential", "Schedule"]

"""How weights start: one settings class per file."""

from trainer_cli.nn.initializers.he import He
from trainer_cli.nn.initializers.normal import Normal
from trainer_cli.nn.initializers.xavier import Xavier
from trainer_cli.nn.initializers.zeros import Zeros

Initializer = He | Normal | Xavier | Zeros

__all__ = ["He", "Initializer", "Normal", "Xavier", "Zeros"]

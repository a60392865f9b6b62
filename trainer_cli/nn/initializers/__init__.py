"""How weights start: one settings class per file."""

from trainer_cli.nn.initializers.constant import Constant
from trainer_cli.nn.initializers.data_dependent import DataDependent
from trainer_cli.nn.initializers.fans import Fans
from trainer_cli.nn.initializers.glorot import Glorot
from trainer_cli.nn.initializers.he import He
from trainer_cli.nn.initializers.lsuv import Lsuv
from trainer_cli.nn.initializers.normal import Normal
from trainer_cli.nn.initializers.orthogonal import Orthogonal
from trainer_cli.nn.initializers.random_walk import RandomWalk
from trainer_cli.nn.initializers.uniform import Uniform
from trainer_cli.nn.initializers.xavier import Xavier
from trainer_cli.nn.initializers.zeros import Zeros

# Initializers that are fitted on training data after they have drawn.
Fitted = DataDependent | Lsuv
Initializer = (
    Constant
    | DataDependent
    | Glorot
    | He
    | Lsuv
    | Normal
    | Orthogonal
    | RandomWalk
    | Uniform
    | Xavier
    | Zeros
)

__all__ = [
    "Constant",
    "DataDependent",
    "Fans",
    "Fitted",
    "Glorot",
    "He",
    "Initializer",
    "Lsuv",
    "Normal",
    "Orthogonal",
    "RandomWalk",
    "Uniform",
    "Xavier",
    "Zeros",
]

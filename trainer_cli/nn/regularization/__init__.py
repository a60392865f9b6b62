"""What keeps weights small: penalties that are added to the loss, and a bound on every unit."""

from trainer_cli.nn.regularization.norm_bounds import NormBounds
from trainer_cli.nn.regularization.penalty import Penalty
from trainer_cli.nn.regularization.settings import (
    Regularization,
    strongest,
    without_own,
)

__all__ = ["NormBounds", "Penalty", "Regularization", "strongest", "without_own"]

"""Features of one scale, so that no unit of measurement decides what the network learns."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainer_cli.datasets.preprocess.stages import Affine
from trainer_cli.datasets.preprocess.training_rows import TrainingRows

# A constant feature's standard deviation comes out as rounding, some units in the last place of
# the mean; features that truly vary so little carry no digits worth keeping.
ROUNDING = 16 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True)
class Standardize:
    """y = (x − m) / s with mean m and standard deviation s (divisor N) of the training split.

    A feature that is constant in the training split has s = 0; it is centered and not divided, so
    that it becomes 0 there and stays in its own units elsewhere instead of becoming infinite.
    Source: CS231n, "Neural Networks Part 2", section Data Preprocessing.
    """

    type: Literal["standardize"] = "standardize"

    def fit(self, data: TrainingRows) -> Affine:
        """Return shift m and factor 1 / s."""
        mean = data.mean()
        std = np.sqrt(data.variance(mean))
        constant = std <= ROUNDING * np.abs(mean)
        return Affine(mean, 1 / np.where(constant, 1.0, std))

"""A division by a known number, such as 255 for bytes: nothing is fitted."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, doc

from trainer_cli.datasets.preprocess.stages import Affine
from trainer_cli.datasets.preprocess.training_rows import TrainingRows


@dataclass(frozen=True, kw_only=True)
class Scale:
    """y = x / by."""

    type: Literal["scale"] = "scale"
    by: Annotated[float, Gt(0), doc("number that every value is divided by")] = 255.0

    def fit(self, data: TrainingRows) -> Affine:
        """Return the factor 1 / by; the examples do not matter."""
        return Affine(None, np.array([1 / self.by]))

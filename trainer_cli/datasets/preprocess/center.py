"""Zero-mean features, for data of any kind."""

from dataclasses import dataclass
from typing import Literal

from trainer_cli.datasets.preprocess.stages import Affine
from trainer_cli.datasets.preprocess.training_rows import TrainingRows


@dataclass(frozen=True, kw_only=True)
class Center:
    """y = x − m, where m (F,) is the mean of every feature of the training split.

    For images this is what `mean_image` does; `center` takes flat examples as well.
    Source: CS231n, "Neural Networks Part 2", section Data Preprocessing.
    """

    type: Literal["center"] = "center"

    def fit(self, data: TrainingRows) -> Affine:
        """Return the shift by the means."""
        return Affine(data.mean(), None)

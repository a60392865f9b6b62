"""The lecture's preprocessing: every pixel relative to the average picture."""

from dataclasses import dataclass
from typing import Literal

from trainer_cli.datasets.preprocess.images import refuse_unless_images
from trainer_cli.datasets.preprocess.stages import Affine
from trainer_cli.datasets.preprocess.training_rows import TrainingRows


@dataclass(frozen=True, kw_only=True)
class MeanImage:
    """y = x − m, where m (H, W, C) is the mean image of the training split.

    Demands images; `center` is the same arithmetic for examples of any kind.
    Source: CS231n, "Neural Networks Part 2", section Data Preprocessing (as in AlexNet).
    """

    type: Literal["mean_image"] = "mean_image"

    def fit(self, data: TrainingRows) -> Affine:
        """Return the shift by the mean image; raises DataError unless the examples are images."""
        refuse_unless_images(data.shape, self.type)
        return Affine(data.mean(), None)

"""The cheaper relative of the mean image: three numbers for a color picture."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainer_cli.datasets.preprocess.images import refuse_unless_images
from trainer_cli.datasets.preprocess.stages import Affine
from trainer_cli.datasets.preprocess.training_rows import TrainingRows


@dataclass(frozen=True, kw_only=True)
class MeanChannel:
    """y = x − m_c, where m_c is the mean of channel c over all pixels of the training split.

    Demands images (H, W, C).
    Source: CS231n, "Neural Networks Part 2", section Data Preprocessing (as in VGGNet).
    """

    type: Literal["mean_channel"] = "mean_channel"

    def fit(self, data: TrainingRows) -> Affine:
        """Return the shift by channel; raises DataError unless the examples are images."""
        refuse_unless_images(data.shape, self.type)
        height, width, channels = data.shape
        by_channel = data.mean().reshape(-1, channels).mean(axis=0)
        return Affine(np.tile(by_channel, height * width), None)

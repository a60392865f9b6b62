"""Every example relative to its own average, so that its brightness tells the network nothing."""

from dataclasses import dataclass
from typing import Literal

from trainer_cli.datasets.preprocess.stages import OwnMean
from trainer_cli.datasets.preprocess.training_rows import TrainingRows


@dataclass(frozen=True, kw_only=True)
class PerImageMean:
    """y = x − m, where m is the mean of the example's own values; nothing is fitted.

    Of an image all pixels and channels have one mean, so that the differences between its
    channels, its tint, stay. Of other examples it is the mean over all features.
    Source: UFLDL Tutorial, "Data Preprocessing", section Per-example mean subtraction; the mean
    is that of TensorFlow's per_image_standardization.
    """

    type: Literal["per_image_mean"] = "per_image_mean"

    def fit(self, data: TrainingRows) -> OwnMean:
        """Return the working form; the training examples do not matter."""
        return OwnMean()

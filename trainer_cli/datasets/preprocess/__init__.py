"""What is done to examples before a network sees them: one step per file, each with fit()."""

from trainer_cli.datasets.preprocess.center import Center
from trainer_cli.datasets.preprocess.mean_channel import MeanChannel
from trainer_cli.datasets.preprocess.mean_image import MeanImage
from trainer_cli.datasets.preprocess.pca import Pca
from trainer_cli.datasets.preprocess.per_image_mean import PerImageMean
from trainer_cli.datasets.preprocess.pipeline import Pipeline, fit
from trainer_cli.datasets.preprocess.scale import Scale
from trainer_cli.datasets.preprocess.standardize import Standardize
from trainer_cli.datasets.preprocess.whiten import Whiten

Step = Center | MeanChannel | MeanImage | Pca | PerImageMean | Scale | Standardize | Whiten

__all__ = [
    "Center",
    "MeanChannel",
    "MeanImage",
    "Pca",
    "PerImageMean",
    "Pipeline",
    "Scale",
    "Standardize",
    "Step",
    "Whiten",
    "fit",
]

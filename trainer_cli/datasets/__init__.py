"""Data: sources, splits, preprocessing, augmentation and batches."""

from trainer_cli.datasets.augment import Augmentation
from trainer_cli.datasets.batches import Feed
from trainer_cli.datasets.dataset import Data, Dataset, load
from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.examples import Examples
from trainer_cli.datasets.folds import folds
from trainer_cli.datasets.preprocess import Step
from trainer_cli.datasets.shipped import shipped
from trainer_cli.datasets.side_by_side import SideBySide
from trainer_cli.datasets.sources import Source
from trainer_cli.datasets.split import Split

__all__ = [
    "Augmentation",
    "Data",
    "DataError",
    "Dataset",
    "Examples",
    "Feed",
    "SideBySide",
    "Source",
    "Split",
    "Step",
    "folds",
    "load",
    "shipped",
]

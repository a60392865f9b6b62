"""Random changes to training examples, live in every batch: one augmentation per file."""

from trainer_cli.datasets.augment.augmenter import Augmenter, refuse_unfit
from trainer_cli.datasets.augment.flip import Flip
from trainer_cli.datasets.augment.jitter import Jitter
from trainer_cli.datasets.augment.noise import Noise
from trainer_cli.datasets.augment.random_crop import RandomCrop

Augmentation = Flip | Jitter | Noise | RandomCrop

__all__ = [
    "Augmentation",
    "Augmenter",
    "Flip",
    "Jitter",
    "Noise",
    "RandomCrop",
    "refuse_unfit",
]

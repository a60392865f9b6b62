"""Sound experiments with every preprocessing step and augmentation, and the lecture's network."""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.selftest.case import Arrays, Case
from trainer_cli.checks.selftest.files import DIGITS


def _sound(name: str, *sets: str) -> Case:
    return Case(name=name, kind="sound", file=DIGITS, sets=sets)


def natural_images(rng: np.random.Generator, side: int = 32) -> Arrays:
    """Return 700 images as those of CIFAR-10: smooth, of three bytes, a blotch for each class."""
    y = np.arange(700) % 10
    coarse = rng.normal(120, 45, (700, 4, 4, 3))
    for i, label in enumerate(y):
        row, column = divmod(int(label), 4)
        coarse[i, row, column] += (60, -60, 40) if label % 2 else (-50, 50, 60)
    smooth = coarse.repeat(side // 4, axis=1).repeat(side // 4, axis=2)
    x = smooth + rng.normal(0, 12, smooth.shape)
    return {"X": x.clip(0, 255).astype(np.uint8), "y": y}


def symmetric_images(rng: np.random.Generator) -> Arrays:
    """Return images whose class is a colour, on either side alike."""
    images = natural_images(rng, 8)
    colours = rng.permutation(30).reshape(10, 3) * 2.0
    x = images["X"] * 0.6 + colours[images["y"]][:, None, None]
    return {"X": x.clip(0, 255).astype(np.uint8), "y": images["y"]}


LECTURE = """\
data:
  source: npz
  path: data.npz
  split: {train: 500, validation: 200}
  preprocess: [mean_image]
network:
  - {type: dense, units: 50, init: {type: normal, std: 1e-4}}
  - relu
  - {type: dense, units: 10, init: {type: normal, std: 1e-4}}
regularization: {l2: 1e-6}
optimizer: {type: sgd, learning_rate: 1e-3}
training: {epochs: 10, batch_size: 100}
overfit: {learning_rate: 1e-3}
"""

# Images of fewer values take a higher rate.
SMALL = ("optimizer.learning_rate=0.01", "overfit.learning_rate=null")

PREPARATION = (
    Case(
        name="the lecture's network on images of bytes",
        kind="sound",
        file=LECTURE,
        arrays=natural_images,
    ),
    Case(
        name="small images, mean of each channel",
        kind="sound",
        file=LECTURE,
        sets=("data.preprocess=[mean_channel]", *SMALL),
        arrays=lambda rng: natural_images(rng, 8),
    ),
    _sound("standardize", "data.preprocess=[standardize]", "optimizer.learning_rate=0.01"),
    _sound("scale alone", "data.preprocess=[{type: scale, by: 16}]"),
    _sound("mean image", "data.preprocess=[{type: scale, by: 16}, mean_image]"),
    _sound("mean of each image", "data.preprocess=[{type: scale, by: 16}, per_image_mean]"),
    _sound(
        "principal components",
        "data.preprocess=[{type: scale, by: 16}, {type: pca, dimensions: 20}]",
    ),
    _sound(
        "whitening",
        "data.preprocess=[{type: scale, by: 16}, {type: whiten, dimensions: 20}]",
        "optimizer.learning_rate=0.01",
    ),
    _sound("noise", "data.augment=[{type: noise, std: 0.1}]"),
    _sound("jitter", "data.augment=[jitter]"),
    _sound("random crop", "data.augment=[{type: random_crop, padding: 1}]"),
    Case(
        name="flip and crop of images that may be flipped",
        kind="sound",
        file=LECTURE,
        sets=("data.augment=[flip, {type: random_crop, padding: 1}]", *SMALL),
        arrays=symmetric_images,
    ),
)

"""Do images have their channels last?

H W C image height, width and channels.
"""

from __future__ import annotations

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding

RULE = "image-layout"
CHANNELS = (1, 3)
SMALLEST = 5  # a side of an image


def image_layout(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the shape of images: a square one of one or three rows seems to be (C, H, W)."""
    shape = dataset.train.pipeline.input_shape
    if len(shape) != 3:
        return Finding(rule=RULE, status="pass", message="the examples are no images")
    first, second, third = shape
    if not (first in CHANNELS and second == third >= SMALLEST):
        noun = "channel" if third == 1 else "channels"
        message = f"images have {first} x {second} pixels and {third} {noun}"
        return Finding(rule=RULE, status="pass", message=message)
    noun = "row" if first == 1 else "rows"
    return Finding(
        rule=RULE,
        status="warn",
        message=f"examples of the shape {shape} are taken for images of {first} {noun} with "
        f"{third} channels; they seem to be {second} x {third} pixels with the channels first",
        hint="save X with the channels last, (N, H, W, C): X.transpose(0, 2, 3, 1)",
    )

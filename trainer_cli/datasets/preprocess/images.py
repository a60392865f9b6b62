"""The rule of the steps that make sense for images alone."""

from trainer_cli.datasets.errors import DataError


def refuse_unless_images(shape: tuple[int, ...], step: str) -> None:
    """Raise DataError unless `shape`, of one example, is (H, W, C)."""
    if len(shape) != 3:
        raise DataError(
            f"{step} needs images (height, width, channels), "
            f"but an example has the shape {shape} here",
            hint="use center for data that are not images, or put this step before pca and whiten",
        )

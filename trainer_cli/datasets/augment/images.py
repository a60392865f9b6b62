"""The rule of the augmentations that make sense for images alone."""

from trainer_cli.datasets.errors import DataError


def refuse_unless_images(shape: tuple[int, ...], augmentation: str) -> None:
    """Raise DataError unless `shape`, of one preprocessed example, is (H, W, C)."""
    if len(shape) != 3:
        raise DataError(
            f"{augmentation} needs images (height, width, channels), "
            f"but a preprocessed example has the shape {shape}",
            hint="pca and whiten leave no images; of the augmentations noise alone takes any data",
        )

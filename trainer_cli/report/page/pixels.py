"""Turns arrays of numbers into small images that stand inside a page or in a file.

H, W height and width, C channels: 1 for grey, 3 for colours.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.report.page.markup import Markup, tag
from trainer_cli.training.runs import write_whole

Image = NDArray[np.uint8]

SHEET = 1200  # pixels across a file of many images
GAP = 1  # pixels between them, before they are enlarged


def image_element(image: Image, words: str) -> Markup:
    """Return an image (H, W, C) as a part of a page; `words` say what it shows."""
    content = b64encode(_png(image)).decode("ascii")
    height, width = image.shape[:2]
    return tag("img", src=f"data:image/png;base64,{content}", alt=words, width=width, height=height)


def save_sheet(images: Sequence[Image], name: str, folder: Path) -> str:
    """Write images of one size, side by side and enlarged, as a PNG file; return its name."""
    across = ceil(sqrt(len(images) * 1.5))
    height, width, channels = images[0].shape
    rows = ceil(len(images) / across)
    cells = np.full((rows * across, height + GAP, width + GAP, channels), 255, np.uint8)
    cells[: len(images), GAP:, GAP:] = images
    sheet = cells.reshape(rows, across, *cells.shape[1:]).swapaxes(1, 2)  # (rows, H, across, W, C)
    sheet = sheet.reshape(rows * (height + GAP), across * (width + GAP), channels)
    larger = max(1, SHEET // sheet.shape[1])
    path = folder / f"{name}.png"
    write_whole(path, _png(sheet.repeat(larger, axis=0).repeat(larger, axis=1)))
    return path.name


def shades(values: NDArray[Any], low: float, high: float) -> Image:
    """Return numbers from `low` to `high` as shades from black to white."""
    if not high > low:
        return np.full(values.shape, 128, np.uint8)
    scaled = (values.astype(np.float64) - low) / (high - low)
    return np.clip(np.rint(scaled * 255), 0, 255).astype(np.uint8)


def _png(image: Image) -> bytes:
    from matplotlib.image import imsave

    written = BytesIO()
    colours = np.repeat(image, 3, axis=-1) if image.shape[-1] == 1 else image
    no_words: dict[str, Any] = {"Software": None}
    imsave(written, colours, format="png", metadata=no_words)
    return written.getvalue()

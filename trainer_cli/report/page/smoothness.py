"""Says whether weights, seen as images, are noisy or clean: by how alike neighbouring ones are.

U units or filters, H W C height, width and channels of what one of them sees, P pixels that change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Dataset
from trainer_cli.report.page.missing import Missing

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

# CS231n reads images of 32 x 32 pixels and filters of 11 x 11; in 8 x 8 pixels even a digit is not
# smooth, and 3 x 3 weights have hardly a neighbour that is not at the border.
LEAST_SIDE, LEAST_KERNEL = 16, 7
# Neighbouring pixels of photographs correlate by 0.9 and more. Where they do not, there is no
# reason why weights should.
ALIKE = 0.6
SAMPLED = 200
# A pixel that hardly changes over the data hardly teaches its weights, which stay as they began.
CHANGING = 0.01
# The lecture's network on CIFAR-10 has 0.47 where the rate is a tenth of what it should be and the
# images are noise with a shade in it, 0.75 where there are shapes under noise, 0.8 and more with a
# penalty of 0.1 to 1, where they are smooth. Shuffled weights have 0.00.
CLEAN, NOISY = 0.8, 0.5


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How smooth weights are: the mean correlation of those of neighbouring pixels.

    `shuffled` is that of the same weights with the pixels of each image in another order.
    """

    neighbours: float
    shuffled: float

    @property
    def word(self) -> str:
        """The lecture's word for it; weights may be neither."""
        if self.neighbours >= CLEAN:
            return "clean"
        return "noisy" if self.neighbours < NOISY else "in between"


def read_filters(filters: Values, dataset: Dataset) -> Reading | Missing:
    """Judge the filters (U, H, W, C) of a convolution."""
    return _read(filters, np.ones(filters.shape[1:], bool), dataset, LEAST_KERNEL)


def read_units(units: Values, dataset: Dataset) -> Reading | Missing:
    """Judge weights (U, H, W, C) that see the pixels of whole images, by those that change."""
    return _read(units, _changing(dataset), dataset, LEAST_SIDE)


def _read(units: Values, mask: Mask, dataset: Dataset, least: int) -> Reading | Missing:
    height, width = units.shape[1:3]
    if min(height, width) < least:
        return Missing(f"{height} x {width} weights are too few to be read as noisy or clean")
    images = _sample(dataset, SAMPLED).reshape(-1, *dataset.shape)
    alike = correlation(images, _changing(dataset))
    if not alike >= ALIKE:
        told = f"neighbouring pixels of the data correlate by {alike:.2f} only"
        return Missing(f"{told}, so that weights need not be smooth")
    shuffled = units.copy()
    shuffled[:, mask] = np.random.default_rng(0).permuted(units[:, mask], axis=1)  # (U, P)
    found = [correlation(each, mask) for each in (units, shuffled)]
    if not np.isfinite(found).all():
        return Missing("no two weights side by side differ from the others")
    return Reading(neighbours=found[0], shuffled=found[1])


def _sample(dataset: Dataset, most: int) -> Values:
    examples = dataset.train.select(dataset.train.evenly(most))
    return examples.ready(np.dtype(np.float64))


def _changing(dataset: Dataset) -> Mask:
    """Return which inputs differ between examples, (H, W, C)."""
    deviations = _sample(dataset, SAMPLED).std(axis=0)
    changing: Mask = (deviations > CHANGING * deviations.max()).reshape(dataset.shape)
    return changing


def correlation(images: Values, mask: Mask) -> float:
    """Return the mean correlation of neighbours below and beside each other inside a mask.

    Of each channel of each image (U, H, W, C) by itself; NaN where none has two values.
    """
    every = []
    with np.errstate(all="ignore"):
        for c in range(images.shape[-1]):
            seen, inside = images[..., c], mask[..., c]  # (U, H, W), (H, W)
            own = seen[:, inside]  # (U, P)
            if not own.shape[1]:
                continue
            z = (seen - own.mean(axis=1)[:, None, None]) / own.std(axis=1)[:, None, None]
            down = (z[:, 1:] * z[:, :-1])[:, inside[1:] & inside[:-1]]
            across = (z[:, :, 1:] * z[:, :, :-1])[:, inside[:, 1:] & inside[:, :-1]]
            every.append(np.concatenate([down, across], axis=1).mean(axis=1))  # (U,)
    values = np.concatenate([*every, np.empty(0)])
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")

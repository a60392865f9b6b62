"""Are the values within each example in an order that says something?

N examples of a sample, H W height and width, P places within an example, C channels, E edges.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import ShuffledFeatures, rule_of
from trainer_cli.datasets import Dataset, Examples
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding

RULE = "shuffled-features"
# Enough to see any order that a picture has, in some tens of milliseconds.
VALUES, MOST_EXAMPLES, LARGEST_SIDE = 1 << 17, 400, 32
FEWEST_EXAMPLES, FEWEST_PLACES = 50, 16
# New orders that the given one is compared with: the spread of twenty is known to a sixth. Four
# will do where it lies ten times as far out as it need.
FEW_ORDERS, ORDERS, FAR = 4, 20, 10
# A flat picture has at least so many pixels, and they take so many different values.
PIXELS, TONES = 36, (8, 256)
LEVELS = 8  # that the values of an example are counted at
# Beyond so many standard deviations the counts are not those of values drawn by themselves.
ALIKE = 5.0


def shuffled_features(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge stored images, and flat examples whose values look like pixels.

    If the values of each example are in a random order of its own, any other orders make as much
    of a pattern. That holds too where every value is drawn alike and by itself: then nothing was
    put out of order.
    """
    rule = rule_of(experiment.checks, ShuffledFeatures)
    x = _places(dataset.train)  # (N, H, W, C)
    if x is None:
        return _passed("the examples are no images: the order of their features is as good as any")
    if min(len(x) / FEWEST_EXAMPLES, x[0, ..., 0].size / FEWEST_PLACES) < 1 or not np.ptp(x) > 0:
        return _passed("the examples are too few, too small or too much alike to look for patterns")
    labels = dataset.train.labels[dataset.train.evenly(len(x))]
    rng = stream(experiment.seed, "check-data", "orders")
    for orders in (FEW_ORDERS, ORDERS):
        found = _order(x, labels, orders, rng)
        most = max(found.values())
        if most >= FAR * rule.deviations:
            break
    if most >= rule.deviations:
        best = max(found, key=lambda each: found[each])
        message = f"the order of the values means something: {PATTERNS[best]}"
        return _passed(message, most, rule.deviations)
    if _drawn_alike(x, labels) < ALIKE:
        message = (
            "the order of the values within an example means nothing, as each seems to be "
            "drawn by itself"
        )
        return _passed(message, most, rule.deviations)
    return Finding(
        rule=RULE,
        status="warn",
        measured=most,
        threshold=rule.deviations,
        message=f"the pixels seem to be in a random order within each of {len(x):,} training "
        "examples: in new random orders they agree as much with their neighbours, with other "
        "examples and within a class",
        hint="look at some examples as pictures: was every one shuffled or reshaped by itself? "
        "Textures of noise look the same to this check, and are sound if the label does not "
        "depend on where a value is",
        evidence=found,
    )


PATTERNS = {
    "mean": "examples have high values in the same places",
    "class": "examples of a class have high values in the same places",
    "covariance": "examples vary in the same places",
    "neighbours": "neighbouring values go together",
}


def _places(examples: Examples) -> Array | None:
    """Return stored examples as images, (N, H, W, C), flat ones as (N, 1, P, 1), if any are.

    Of large images it is the middle.
    """
    shape = examples.pipeline.input_shape
    height, width, channels = shape if len(shape) == 3 else (1, *shape, 1)
    top, left = (max(0, side - LARGEST_SIDE) // 2 for side in (height, width))
    if len(shape) != 3:
        left = max(0, width - LARGEST_SIDE**2) // 2
    rows = min(height, LARGEST_SIDE)
    columns = min(width, LARGEST_SIDE if len(shape) == 3 else LARGEST_SIDE**2)
    count = min(MOST_EXAMPLES, max(FEWEST_EXAMPLES, VALUES // (rows * columns * channels)))
    stored = examples.stored[examples.rows[examples.evenly(count)]]
    x = stored.reshape(-1, height, width, channels)
    x = x[:, top : top + rows, left : left + columns].astype(np.float32)
    if len(shape) != 3:
        tones = np.unique(x).size
        if width < PIXELS or not TONES[0] <= tones <= TONES[1]:
            return None
    return x


def _order(
    x: Array, labels: NDArray[np.intp], orders: int, rng: np.random.Generator
) -> dict[str, float]:
    """Return how far each pattern is beyond that of new orders, in standard deviations."""
    count, height, width, channels = x.shape
    centered = x - x.mean(axis=(1, 2), keepdims=True)
    spread = centered.std(axis=(1, 2), keepdims=True)
    centered /= np.where(spread > 0, spread, 1)
    flat = centered.reshape(count, -1, channels)  # (N, P, C)
    alike = labels[:, None] == labels
    np.fill_diagonal(alike, False)
    edges = _edges(height, width)
    given = _patterns(flat, alike, edges)
    places = np.tile(np.arange(height * width), (count, 1))
    new = np.array(
        [
            _patterns(
                np.take_along_axis(flat, rng.permuted(places, axis=1)[..., None], axis=1),
                alike,
                edges,
            )
            for _ in range(orders)
        ]
    )  # (orders, patterns)
    spreads = np.maximum(new.std(axis=0, ddof=1), 1e-12)
    beyond = np.abs(given - new.mean(axis=0)) / spreads
    return dict(zip(PATTERNS, beyond.tolist(), strict=True))


def _patterns(
    flat: Array, alike: NDArray[np.bool_], edges: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return what an order changes, of flat (N, P, C)."""
    rows = flat.reshape(len(flat), -1)
    products = rows @ rows.T / rows.shape[1]  # (N, N)
    np.fill_diagonal(products, 0)
    beside = np.einsum("nec,nec->", flat[:, edges[0]], flat[:, edges[1]])
    of_class = products[alike].sum()
    return np.array([products.sum(), of_class, np.square(products).sum(), beside], np.float64)


def _edges(height: int, width: int) -> NDArray[np.intp]:
    """Return the pairs of places beside and below each other, (2, E)."""
    places = np.arange(height * width).reshape(height, width)
    beside = (places[:, :-1].ravel(), places[:, 1:].ravel())
    below = (places[:-1].ravel(), places[1:].ravel())
    return np.concatenate([beside, below], axis=1)


def _drawn_alike(x: Array, labels: NDArray[np.intp]) -> float:
    """Return how far examples differ from draws of all their values, in standard deviations.

    Counted is how many values of each example lie above some levels. Draws from one distribution
    make binomial counts, be it one of all examples or one of each class: the nearer counts.
    """
    rows = x.reshape(len(x), -1)
    levels = np.unique(np.quantile(rows, np.arange(1, LEVELS) / LEVELS))
    shares = np.stack([(rows > level).mean(axis=1) for level in levels])  # (levels, N)
    numbers = np.unique(labels, return_inverse=True)[1]
    return min(_beyond_binomial(shares, each, rows.shape[1]) for each in (0 * numbers, numbers))


def _beyond_binomial(shares: Array, group: NDArray[np.intp], draws: int) -> float:
    """Return how far the variance of shares within groups is from a binomial one, at most."""
    sizes = np.bincount(group)
    free = len(group) - len(sizes)
    worst = 0.0
    for each in shares:
        means = np.bincount(group, each) / sizes
        variance = float(np.square(each - means[group]).sum())
        binomial = float((means * (1 - means) * (sizes - 1)).sum()) / draws
        if binomial > 0 and free > 0:
            worst = max(worst, abs(variance / binomial - 1) * sqrt(free / 2))
    return worst


def _passed(message: str, measured: float | None = None, threshold: float | None = None) -> Finding:
    return Finding(
        rule=RULE, status="pass", measured=measured, threshold=threshold, message=message
    )

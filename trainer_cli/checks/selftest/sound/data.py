"""Sound data of many kinds: few and many examples, classes and features, equal shares and not.

N examples, F features, C classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.selftest.case import Arrays, Case
from trainer_cli.checks.selftest.files import ARRAYS
from trainer_cli.datasets.sources import Digits

ORDER = np.random.default_rng(0).permutation(64)

Draw = Callable[[np.random.Generator], Arrays]


def _sound(name: str, draw: Draw, classes: int, *sets: str) -> Case:
    sets = (f"network.2.units={classes}", *sets)
    return Case(name=name, kind="sound", file=ARRAYS, sets=sets, arrays=draw)


def _blobs(
    rng: np.random.Generator, labels: NDArray[np.intp], features: int, noise: float = 1.0
) -> Arrays:
    """Gaussian classes whose centers are some standard deviations apart."""
    centers = 4 * rng.standard_normal((int(labels.max()) + 1, features)) / np.sqrt(features)
    x = centers[labels] + noise * rng.standard_normal((len(labels), features))
    return {"X": x, "y": labels}


def _labels(count: int, classes: int) -> NDArray[np.intp]:
    labels: NDArray[np.intp] = np.arange(count) % classes
    return labels


def _nine_to_one(count: int, times: int) -> NDArray[np.intp]:
    """One example of class 1 after so many of class 0."""
    labels: NDArray[np.intp] = (np.arange(count) % (times + 1) == times).astype(np.intp)
    return labels


def _counts(rng: np.random.Generator, count: int, features: int) -> Arrays:
    """Words of documents: mostly zeros, each class with words of its own."""
    labels = _labels(count, 3)
    rates = rng.gamma(0.3, 0.3, features) * np.ones((3, 1))
    rates[:, :30] *= 1 + 8 * (np.arange(30) % 3 == np.arange(3)[:, None])
    return {"X": rng.poisson(rates[labels]), "y": labels}


def _category(rng: np.random.Generator) -> Arrays:
    """Columns of 0 and 1, of which a label is told by three, but for some exceptions."""
    category = rng.integers(0, 6, 800)
    labels = ((category < 3) ^ (rng.random(800) < 0.05)).astype(np.intp)
    return {"X": np.c_[np.eye(6)[category], rng.standard_normal((800, 5))], "y": labels}


def _tailed(rng: np.random.Generator, labels: NDArray[np.intp]) -> Arrays:
    """Incomes, some of them a hundred times what is usual."""
    blobs = _blobs(rng, labels, 6)
    return {**blobs, "X": np.exp(blobs["X"])}


def _bits(rng: np.random.Generator) -> Arrays:
    """Bits of which a class has most, another next to none."""
    labels = _labels(500, 2)
    likely = np.where(labels[:, None] == 1, 0.65, 0.35) * np.ones(20)
    return {"X": (rng.random((500, 20)) < likely).astype(np.float64), "y": labels}


def _noisy(rng: np.random.Generator) -> Arrays:
    """Blobs, of whose labels a tenth is drawn anew."""
    drawn = dict(_blobs(rng, _labels(800, 4), 10))
    wrong = rng.random(800) < 0.1
    drawn["y"] = np.where(wrong, rng.integers(0, 4, 800), drawn["y"])
    return drawn


def _units(rng: np.random.Generator) -> Arrays:
    """A table as people have them: every column in its own unit, and one a category."""
    labels = _labels(600, 3)
    age = 40 + 10 * rng.standard_normal(600) + 5 * labels
    income = np.exp(10 + 0.5 * rng.standard_normal(600) + 0.4 * labels)
    length = 1e-3 * (1 + rng.random(600))
    children = rng.poisson(1 + labels)
    return {"X": np.stack([age, income, length, children], axis=1), "y": labels}


def _digits(change: Callable[[NDArray[Any]], NDArray[Any]] = lambda x: x, most: int = 700) -> Draw:
    def draw(rng: np.random.Generator) -> Arrays:
        table = Digits().read()
        kept = rng.permutation(len(table.labels))[:most]
        return {"X": change(table.inputs[kept, :, :, 0]), "y": table.labels[kept]}

    return draw


def _xor(rng: np.random.Generator) -> Arrays:
    x = rng.standard_normal((600, 4))
    return {"X": x, "y": (x[:, 0] * x[:, 1] > 0).astype(np.intp)}


def _textures(rng: np.random.Generator) -> Arrays:
    """Images of noise, dark and bright: where a value is says nothing, and need not."""
    labels = _labels(500, 2)
    x = rng.integers(0, 200, (500, 8, 8)) + 50 * labels[:, None, None]
    return {"X": x.astype(np.uint8), "y": labels}


def _spots(rng: np.random.Generator) -> Arrays:
    """Images of a small or a large spot anywhere, which mirrored are as good."""
    labels = _labels(600, 2)
    at = 2 + 8 * rng.random((600, 2, 1, 1))  # (N, 2, 1, 1)
    down, right = np.mgrid[:12, :12]
    apart = (down - at[:, 0]) ** 2 + (right - at[:, 1]) ** 2  # (N, H, W)
    x = np.exp(-apart / np.where(labels == 1, 6.0, 1.5)[:, None, None])
    return {"X": x + 0.05 * rng.standard_normal(x.shape), "y": labels}


DATA = (
    _sound("two classes", lambda rng: _blobs(rng, _labels(400, 2), 10), 2),
    _sound("a hundred classes", lambda rng: _blobs(rng, _labels(2000, 100), 40, 0.3), 100),
    _sound("nine to one", lambda rng: _blobs(rng, _nine_to_one(1000, 9), 10), 2),
    _sound("twenty to one", lambda rng: _blobs(rng, _nine_to_one(2100, 20), 10), 2),
    _sound(
        "sixty examples",
        lambda rng: _blobs(rng, _labels(60, 3), 4, 0.5),
        3,
        "training.epochs=30",
        "training.batch_size=10",
    ),
    _sound("five thousand examples", lambda rng: _blobs(rng, _labels(5000, 5), 20), 5),
    _sound("sparse counts", lambda rng: _counts(rng, 900, 200), 3),
    _sound("bits", _bits, 2),
    _sound("two features", lambda rng: _blobs(rng, _labels(500, 3), 2, 0.5), 3),
    _sound(
        "a thousand features",
        lambda rng: _blobs(rng, _labels(300, 4), 1000, 0.5),
        4,
        "network.0.units=10",
    ),
    _sound("a tenth of the labels wrong", _noisy, 4),
    _sound("columns in units of their own", _units, 3),
    _sound("xor of two features", _xor, 2, "training.epochs=30"),
    _sound("sorted by class", lambda rng: _blobs(rng, np.sort(_labels(600, 4)), 8), 4),
    _sound("a category in one-hot columns", _category, 2),
    _sound("a heavy tail", lambda rng: _tailed(rng, _labels(600, 3)), 3),
    _sound("easy to separate", lambda rng: _blobs(rng, _labels(400, 4), 5, 0.1), 4),
    _sound(
        "digits in a wide margin",
        _digits(lambda x: np.pad(x, ((0, 0), (4, 4), (4, 4)))),
        10,
        "data.preprocess=[{type: scale, by: 16}, center]",
    ),
    _sound("flat digits", _digits(lambda x: x.reshape(-1, 64)), 10),
    _sound("pixels in one new order", _digits(lambda x: x.reshape(-1, 64)[:, ORDER]), 10),
    _sound(
        "digits moved by a pixel", _digits(), 10, "data.augment=[{type: random_crop, padding: 1}]"
    ),
    _sound("digits with noise and light", _digits(), 10, "data.augment=[noise, jitter]"),
    _sound("textures by brightness", _textures, 2),
    _sound("spots mirrored", _spots, 2, "data.augment=[flip]"),
)

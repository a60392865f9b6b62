"""Faults in data, as users have them on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.selftest.case import Arrays, Case
from trainer_cli.checks.selftest.files import ARRAYS
from trainer_cli.datasets.sources import Digits

Change = Callable[[NDArray[Any], NDArray[Any], np.random.Generator], Arrays]

PIXELS = ("data.preprocess=[{type: scale, by: 16}, center]",)


def _fault(name: str, change: Change, *sets: str, rules: tuple[str, ...]) -> Case:
    """A fault in an archive of the digits, (1797, 8, 8) and their labels."""

    def arrays(rng: np.random.Generator) -> Arrays:
        table = Digits().read()
        return change(table.inputs[..., 0].astype(np.float64), table.labels.copy(), rng)

    sets = (*PIXELS, *sets)
    return Case(name=name, kind="data", rules=rules, file=ARRAYS, sets=sets, arrays=arrays)


def _with(x: NDArray[Any], where: Any, value: float) -> NDArray[Any]:
    x[where] = value
    return x


def _shuffled_each(x: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    return rng.permuted(x.reshape(len(x), -1), axis=1).reshape(x.shape)


def _twice(x: NDArray[Any], y: NDArray[Any], noise: float, rng: np.random.Generator) -> Arrays:
    return {"X": np.concatenate([x, x + noise * rng.random(x.shape)]), "y": np.concatenate([y, y])}


def _rare(x: NDArray[Any], y: NDArray[Any]) -> Arrays:
    """Ones, and three zeros for every hundred and more of them."""
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)[:3]
    kept = np.concatenate([np.tile(ones, 3), zeros])
    more = np.arange(len(kept))[:, None, None] * 1e-3  # no two examples are equal
    return {"X": x[kept] + more, "y": y[kept]}


DATA = (
    _fault(
        "labels from 1",
        lambda x, y, _: {"X": x, "y": y + 1},
        "network.2.units=11",
        rules=("label-range",),
    ),
    _fault("labels from -1", lambda x, y, _: {"X": x, "y": y - 1}, rules=("refused",)),
    _fault(
        "shuffled labels",
        lambda x, y, rng: {"X": x[:600], "y": rng.permutation(y[:600])},
        rules=("unrelated-labels",),
    ),
    _fault(
        "X sorted by brightness, y not",
        lambda x, y, _: {"X": x[np.argsort(x[:600].sum(axis=(1, 2)))], "y": y[:600]},
        rules=("unrelated-labels",),
    ),
    _fault(
        "pixels shuffled per example",
        lambda x, y, rng: {"X": _shuffled_each(x[:700], rng), "y": y[:700]},
        rules=("shuffled-features",),
    ),
    _fault(
        "pixels shuffled per example, flat",
        lambda x, y, rng: {"X": _shuffled_each(x[:700], rng).reshape(-1, 64), "y": y[:700]},
        rules=("shuffled-features",),
    ),
    _fault(
        "all examples twice",
        lambda x, y, rng: _twice(x, y, 0.0, rng),
        rules=("split-leak",),
    ),
    _fault(
        "all examples twice, with a little noise",
        lambda x, y, rng: _twice(x[:800], y[:800], 0.1, rng),
        rules=("split-leak",),
    ),
    _fault(
        "test examples from training",
        lambda x, y, _: {"X": x, "y": y, "X_test": x[:300], "y_test": y[:300]},
        rules=("split-leak",),
    ),
    _fault("NaN", lambda x, y, _: {"X": _with(x, (5, 3, 3), np.nan), "y": y}, rules=("refused",)),
    _fault(
        "infinity", lambda x, y, _: {"X": _with(x, (5, 3, 3), np.inf), "y": y}, rules=("refused",)
    ),
    _fault(
        "one column in units of a billion",
        lambda x, y, rng: {
            "X": np.c_[x.reshape(-1, 64), 1e9 * rng.standard_normal(len(x))],
            "y": y,
        },
        rules=("unscaled-inputs", "initial-loss"),
    ),
    _fault(
        "most features constant",
        lambda x, y, _: {"X": np.c_[x.reshape(-1, 64), np.ones((len(x), 100))], "y": y},
        rules=("constant-features",),
    ),
    _fault(
        "all examples equal",
        lambda x, y, _: {"X": 0 * x + x[0], "y": y},
        rules=("constant-features",),
    ),
    _fault(
        "a tenth of the examples with two labels",
        lambda x, y, _: {
            "X": np.concatenate([x, x[:180]]),
            "y": np.concatenate([y, (y[:180] + 1) % 10]),
        },
        rules=("contradictory-labels",),
    ),
    _fault(
        "a class that does not occur",
        lambda x, y, _: {"X": x[y != 4], "y": y[y != 4]},
        rules=("missing-classes",),
    ),
    _fault(
        "sorted by class, and the end for the test",
        lambda x, y, _: {
            "X": x[np.argsort(y, kind="stable")][:1400],
            "y": np.sort(y)[:1400],
            "X_test": x[np.argsort(y, kind="stable")][1400:],
            "y_test": np.sort(y)[1400:],
        },
        "data.classes=10",
        rules=("missing-classes",),
    ),
    _fault(
        "a class of three examples",
        lambda x, y, _: _rare(x, y),
        "network.2.units=2",
        rules=("class-imbalance",),
    ),
    _fault(
        "all labels 0",
        lambda x, y, _: {"X": x, "y": 0 * y},
        "network.2.units=2",
        "data.classes=2",
        rules=("missing-classes",),
    ),
    _fault(
        "eight validation examples",
        lambda x, y, _: {"X": x, "y": y},
        "data.split={train: 1500, validation: 8}",
        rules=("small-split",),
    ),
    _fault(
        "test images in other units",
        lambda x, y, _: {"X": x[300:], "y": y[300:], "X_test": x[:300] / 16, "y_test": y[:300]},
        rules=("split-scale",),
    ),
    _fault(
        "raw pixels",
        lambda x, y, _: {"X": 16 * x, "y": y},
        "data.preprocess=[]",
        rules=("unscaled-inputs", "initial-loss"),
    ),
    _fault(
        "scaled by 255 twice",
        lambda x, y, _: {"X": x / 255, "y": y},
        "data.preprocess=[{type: scale, by: 255}]",
        rules=("unscaled-inputs", "initial-loss"),
    ),
    _fault(
        "a column that is the label",
        lambda x, y, rng: {"X": np.c_[x.reshape(-1, 64)[:, :20], y], "y": y},
        rules=("label-among-features",),
    ),
    _fault(
        "flip augmentation on digits",
        lambda x, y, _: {"X": x, "y": y},
        "data.augment=[flip]",
        rules=("augmentation-changes-class",),
    ),
)

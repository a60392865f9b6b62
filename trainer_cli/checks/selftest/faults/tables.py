"""Faults in how data were collected and saved: what tables and archives hold by mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.selftest.case import Arrays, Case
from trainer_cli.checks.selftest.files import ARRAYS
from trainer_cli.datasets.sources import Digits

Change = Callable[[NDArray[Any], NDArray[Any], np.random.Generator], Arrays]

COUNT = 900


def _table(name: str, change: Change, *sets: str, rules: tuple[str, ...]) -> Case:
    """A fault in a table (900, 12) of four classes."""

    def arrays(rng: np.random.Generator) -> Arrays:
        labels = np.arange(COUNT) % 4
        centers = 2 * rng.standard_normal((4, 12))
        return change(centers[labels] + rng.standard_normal((COUNT, 12)), labels, rng)

    sets = ("data.preprocess=[standardize]", "network.2.units=4", *sets)
    return Case(name=name, kind="data", rules=rules, file=ARRAYS, sets=sets, arrays=arrays)


def _images(name: str, change: Change, *sets: str, rules: tuple[str, ...]) -> Case:
    """A fault in an archive of the digits, (1797, 8, 8) and their labels."""

    def arrays(rng: np.random.Generator) -> Arrays:
        table = Digits().read()
        return change(table.inputs[..., 0].astype(np.float64), table.labels.copy(), rng)

    sets = ("data.preprocess=[{type: scale, by: 16}, center]", *sets)
    return Case(name=name, kind="data", rules=rules, file=ARRAYS, sets=sets, arrays=arrays)


def _codes(x: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    return np.where(rng.random(x.shape) < 0.1, -999, x)


def _typed_wrongly(x: NDArray[Any]) -> NDArray[Any]:
    x[np.arange(0, 90, 10), 3] *= 1e6
    return x


def _half_shuffled(y: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    y[COUNT // 2 :] = rng.permutation(y[COUNT // 2 :])
    return y


def _with_other_test(x: NDArray[Any], y: NDArray[Any], inputs: Any, labels: Any) -> Arrays:
    """Test examples as they are changed."""
    return {"X": x[:1300], "y": y[:1300], "X_test": inputs[1300:], "y_test": labels[1300:]}


TABLES = (
    _table(
        "-999 for what is missing",
        lambda x, y, rng: {"X": _codes(x, rng), "y": y},
        rules=("far-out-values",),
    ),
    _table(
        "typing errors in a column",
        lambda x, y, _: {"X": _typed_wrongly(x), "y": y},
        rules=("far-out-values",),
    ),
    _table(
        "one-hot labels, but for one, among the features",
        lambda x, y, _: {"X": np.c_[x, np.eye(4)[y][:, 1:]], "y": (y == 0).astype(np.intp)},
        "network.2.units=2",
        rules=("label-among-features",),
    ),
    _table(
        "row numbers in a table sorted by class",
        lambda x, y, _: {
            "X": np.c_[np.arange(COUNT), x[np.argsort(y, kind="stable")]],
            "y": np.sort(y),
        },
        rules=("label-among-features",),
    ),
    _table(
        "half of the labels in another order",
        lambda x, y, rng: {"X": x, "y": _half_shuffled(y, rng)},
        rules=("unrelated-labels",),
    ),
    _table(
        "standardized by hand before the split",
        lambda x, y, _: {"X": (x - x.mean(axis=0)) / x.std(axis=0), "y": y},
        "data.preprocess=[]",
        rules=("preprocessing-leak",),
    ),
    _table(
        "what tells the classes apart in tiny units",
        lambda x, y, rng: {"X": np.c_[rng.standard_normal((COUNT, 2)), 1e-5 * x], "y": y},
        "data.preprocess=[center]",
        rules=("unscaled-inputs",),
    ),
    _table(
        "class numbers with gaps",
        lambda x, y, _: {"X": x, "y": np.where(y == 3, 6, y)},
        "network.2.units=7",
        rules=("missing-classes",),
    ),
    _table(
        "labels from 1, outputs for four",
        lambda x, y, _: {"X": x, "y": y + 1},
        rules=("refused",),
    ),
    _images(
        "sorted labels beside inputs that are not",
        lambda x, y, _: {"X": x[:1200], "y": np.sort(y[:1200])},
        rules=("unrelated-labels",),
    ),
    _images(
        "every second image blank",
        lambda x, y, rng: {"X": x * (rng.random((len(x), 1, 1)) < 0.5), "y": y},
        rules=("blank-examples",),
    ),
    _images(
        "channels first",
        lambda x, y, _: {"X": np.repeat(x[:, None], 3, axis=1), "y": y},
        rules=("image-layout",),
    ),
    _images(
        "inverted test images",
        lambda x, y, _: _with_other_test(x, y, 16 - x, y),
        rules=("split-drift",),
    ),
    _images(
        "test labels off by one",
        lambda x, y, _: _with_other_test(x, y, x, (y + 1) % 10),
        rules=("split-drift",),
    ),
)

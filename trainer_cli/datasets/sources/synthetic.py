"""Toy problems of any size whose difficulty is known, for trying and for tests.

N examples, F features, C classes.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.table import Labels, Table

SPIRAL_TURN = 4.0  # radians that one arm turns through, as in the source of the spirals


@dataclass(frozen=True, kw_only=True)
class Synthetic:
    """Gaussian blobs, the arms of a spiral, or noise; class c has every C-th example, from c on.

    blobs     x ~ N(m_c, noise²), centers m_c ~ N(0, 1) in F dimensions
    gaussian  x ~ N(0, noise²) in F dimensions, whatever the class: there is nothing to learn
    spirals   x = r (sin t, cos t), r from 0 to 1, t = 4 (c + r) + N(0, noise²); 2 features
    Drawn as (N, F) float32 by a seed of its own, so that the experiment's seed changes the
    training but not the problem.
    Source of the spirals: CS231n, "Putting it together: Minimal Neural Network Case Study".
    """

    type: Literal["synthetic"] = "synthetic"
    kind: Annotated[Literal["blobs", "gaussian", "spirals"], doc("shape of the classes")] = "blobs"
    examples: Annotated[int, Ge(2), doc("number of examples over all classes")] = 1000
    classes: Annotated[int, Ge(2), doc("number of classes")] = 3
    features: Annotated[int, Ge(1), doc("number of features, 2 for spirals")] = 2
    noise: Annotated[float, Ge(0), Le(1e6), doc("standard deviation within a class")] = 0.2
    seed: Annotated[int, Ge(0), doc("seed of the problem, apart from the experiment's")] = 0

    def __post_init__(self) -> None:
        if self.kind == "spirals" and self.features != 2:
            raise ValueError(f"spirals have 2 features, got features: {self.features}")
        if self.examples < self.classes:
            raise ValueError(
                f"examples must be at least the number of classes, {self.classes}, "
                f"got {self.examples}"
            )

    def classes_known(self) -> int | None:
        """Return `classes`."""
        return self.classes

    def shape_known(self) -> tuple[int, ...] | None:
        """Return the shape of one example, which follows from the settings alone."""
        return (self.features,)

    def size(self) -> int:
        """Return the bytes that read() will hold: N·F float32 and N labels."""
        return self.examples * (4 * self.features + np.dtype(np.intp).itemsize)

    def read(self) -> Table:
        """Draw the examples; raises DataError when they do not fit into memory."""
        rng = np.random.default_rng(self.seed)
        try:
            labels = np.arange(self.examples, dtype=np.intp)
            labels %= self.classes
            inputs = DRAWS[self.kind](self, labels, rng)
        except (MemoryError, ValueError):  # NumPy's ValueError: more than an array can hold
            raise DataError(
                f"needs {self.size():,} bytes, more than this machine can give",
                where="synthetic data",
                key=("data", "examples"),
            ) from None
        return Table(inputs=inputs, labels=labels, classes=self.classes, where="synthetic data")


def _blobs(settings: Synthetic, labels: Labels, rng: np.random.Generator) -> NDArray[np.float32]:
    shape = (settings.classes, settings.features)
    centers = rng.standard_normal(shape).astype(np.float32)
    inputs = rng.standard_normal((settings.examples, settings.features), dtype=np.float32)
    inputs *= np.float32(settings.noise)
    for label in range(settings.classes):
        inputs[label :: settings.classes] += centers[label]
    return inputs


def _gaussian(settings: Synthetic, labels: Labels, rng: np.random.Generator) -> NDArray[np.float32]:
    inputs = rng.standard_normal((settings.examples, settings.features), dtype=np.float32)
    inputs *= np.float32(settings.noise)
    return inputs


def _spirals(settings: Synthetic, labels: Labels, rng: np.random.Generator) -> NDArray[np.float32]:
    along = np.arange(settings.examples) // settings.classes
    radius = along / max(1, int(along[-1]))
    angle = SPIRAL_TURN * (labels + radius)
    angle += settings.noise * rng.standard_normal(settings.examples)
    inputs = np.empty((settings.examples, 2), np.float32)
    np.multiply(radius, np.sin(angle), out=inputs[:, 0], casting="same_kind")
    np.multiply(radius, np.cos(angle), out=inputs[:, 1], casting="same_kind")
    return inputs


DRAWS = {"blobs": _blobs, "gaussian": _gaussian, "spirals": _spirals}

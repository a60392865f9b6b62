"""The networks that are measured: each with its data, its batches, and what runs it in nntrain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from _measure import Turn
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment, Training
from trainer_cli.datasets import Data, Dataset, Examples
from trainer_cli.datasets.preprocess import MeanImage, Scale, fit
from trainer_cli.datasets.preprocess.pipeline import Fittable
from trainer_cli.datasets.sources import Digits, Synthetic
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import BatchNorm, Conv, Dense, Layer, MaxPool, Relu
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Momentum
from trainer_cli.training.loop import train
from trainer_cli.training.outcome import Watchers

CLASSES, MOMENTUM = 10, 0.9
SMALL = Normal(std=1e-4)
PIXELS = (32, 32, 3)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A network to measure: `shape` of one example, `rate` that keeps the numbers ordinary."""

    layers: tuple[Layer, ...]
    shape: tuple[int, ...]
    examples: int
    batch: int
    rate: float
    steps: tuple[Fittable, ...] = ()

    @property
    def has_images(self) -> bool:
        """Whether a layer works on images rather than on their pixels in a row."""
        return any(isinstance(layer, Conv) for layer in self.layers)


NETWORKS = {
    "lecture": Measured(
        layers=(Dense(units=50, init=SMALL), Relu(), Dense(units=CLASSES, init=SMALL)),
        shape=PIXELS,
        examples=49_000,
        batch=100,
        rate=1e-5,
        steps=(MeanImage(),),
    ),
    "digits": Measured(
        layers=(Dense(units=50), Relu(), Dense(units=CLASSES)),
        shape=(8, 8, 1),
        examples=1257,
        batch=32,
        rate=0.01,
        steps=(Scale(by=16.0),),
    ),
    "batch norm": Measured(
        layers=(
            *(layer for _ in range(5) for layer in (Dense(units=256), BatchNorm(), Relu())),
            Dense(units=CLASSES),
        ),
        shape=(784,),
        examples=10_000,
        batch=128,
        rate=0.01,
        steps=(Scale(by=256.0),),
    ),
    "conv": Measured(
        layers=(
            *(Conv(filters=32), Relu(), MaxPool()),
            *(Conv(filters=64), Relu(), MaxPool()),
            Dense(units=CLASSES),
        ),
        shape=PIXELS,
        examples=10_000,
        batch=64,
        rate=1e-4,
        steps=(MeanImage(), Scale(by=64.0)),
    ),
}


def data_for(network: Measured) -> Dataset:
    """Return random bytes of the network's shape, preprocessed, and the real digits for theirs."""
    rng = np.random.default_rng(0)
    if network.shape == (8, 8, 1):
        table = Digits().read()
        stored, labels = table.inputs.reshape(len(table.inputs), -1), table.labels
    else:
        count = network.examples + 1000
        width = int(np.prod(network.shape))
        stored = rng.integers(0, 256, (count, width), dtype=np.uint8)
        labels = rng.integers(0, CLASSES, count).astype(np.intp)
    rows = rng.permutation(len(stored))
    parts = rows[: network.examples], rows[network.examples :]
    pipeline = fit(network.steps, stored, parts[0], network.shape)
    training, validation = (Examples(stored, part, labels[part], pipeline) for part in parts)
    return Dataset(
        name="measured",
        train=training,
        validation=validation,
        test=None,
        shape=pipeline.shape,
        classes=CLASSES,
        class_names=None,
    )


def nntrain(network: Measured, dataset: Dataset, batches: int, l2: float = 0.0) -> Turn:
    """Return a turn of the program's own training loop, timed from one batch to the next.

    What happens between epochs, such as validation, is not counted.
    """
    experiment = Experiment(
        data=Data(source=Synthetic()),  # not read: the loop gets its dataset below
        network=network.layers,
        regularization=Regularization(l2=l2),
        optimizer=Momentum(learning_rate=network.rate, momentum=MOMENTUM),
        training=Training(epochs=10**9, batch_size=network.batch),
    )

    def turn() -> float:
        counted, seconds, last = 0, 0.0, 0.0

        def note(epoch: int, done: int, total: int, costs: NDArray[np.float64]) -> None:
            nonlocal counted, seconds, last
            now = perf_counter()
            if done > 1 and (epoch > 1 or done > 5):  # the first batches make views and buffers
                counted, seconds = counted + 1, seconds + now - last
            last = now

        train(experiment, dataset, Watchers(batch=note, stop=lambda: counted >= batches))
        return seconds / counted

    return turn


def timed(steps: Callable[[int], None], batches: int) -> Turn:
    """Return a turn that runs `steps` for `batches` batches, as seconds per batch."""

    def turn() -> float:
        steps(5)
        begun = perf_counter()
        steps(batches)
        return (perf_counter() - begun) / batches

    return turn


def bare_products(network: Measured, x: NDArray[np.float32], batches: int) -> Turn | None:
    """Return a turn of nothing but the matrix products of a step; None unless dense layers are all.

    They are computed on one batch, again and again.
    """
    if network.has_images:
        return None
    rng = np.random.default_rng(1)
    h = x[: network.batch].reshape(network.batch, -1).copy()
    products = []
    for i, layer in enumerate(each for each in network.layers if isinstance(each, Dense)):
        w = rng.standard_normal((h.shape[1], layer.units), np.float32)
        y, d = np.empty((2, network.batch, layer.units), np.float32)
        products += [(h, w, y), (h.T, d, np.empty_like(w))]
        if i:
            products.append((d, w.T, np.empty_like(h)))
        d[:], h = 1.0, rng.standard_normal(y.shape, np.float32)
    matmul = np.matmul

    def steps(count: int) -> None:
        for _ in range(count):
            for a, b, out in products:
                matmul(a, b, out=out)

    return timed(steps, batches)


def share_of_products(turn: Turn) -> float:
    """Return the share of a turn's time that NumPy spends in matrix products."""
    matmul, inside, calls = np.matmul, 0.0, 0

    def counted(*arrays: object, **options: object) -> object:
        nonlocal inside, calls
        begun = perf_counter()
        result = matmul(*arrays, **options)  # type: ignore[call-overload]
        inside, calls = inside + perf_counter() - begun, calls + 1
        return result

    np.matmul = counted  # type: ignore[assignment]
    begun = perf_counter()
    try:
        turn()
    finally:
        np.matmul = matmul
    return inside / (perf_counter() - begun)

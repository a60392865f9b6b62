"""The lecture's network, its data, and how nntrain and the bare matrix products run it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from _measure import Turn
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment, Training
from trainer_cli.datasets import Data, Dataset, Examples, Split, load
from trainer_cli.datasets.preprocess import MeanImage, fit
from trainer_cli.datasets.sources.cifar10 import Cifar10
from trainer_cli.datasets.sources.synthetic import Synthetic
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Momentum
from trainer_cli.training.loop import train
from trainer_cli.training.outcome import Watchers

EXAMPLES, SIDE, CHANNELS, HIDDEN, CLASSES = 49_000, 32, 3, 50, 10
PIXELS = SIDE * SIDE * CHANNELS
BATCH, BATCHES, MOMENTUM, L2 = 100, 490, 0.9, 1e-6  # L2 where a row says so
RATE = 1e-5  # noise cannot be learned: the rate only has to keep the numbers ordinary
WARM_UP = 5  # batches at the start of a turn that are not counted


def lecture_data(folder: Path | None) -> Dataset:
    """Return CIFAR-10 from its folder, or random bytes of the same shape."""
    rng, shape = np.random.default_rng(0), (SIDE, SIDE, CHANNELS)
    if folder is not None:
        split = Split(train=EXAMPLES, validation=1000)
        source = Cifar10(path=folder)
        return load(Data(source=source, split=split, preprocess=(MeanImage(),)), rng)
    count = EXAMPLES + 1000
    stored = rng.integers(0, 256, (count, PIXELS), dtype=np.uint8)
    labels = rng.integers(0, CLASSES, count).astype(np.intp)
    rows = rng.permutation(count)
    pipeline = fit((MeanImage(),), stored, rows[:EXAMPLES], shape)
    train, validation = (
        Examples(stored, part, labels[part], pipeline)
        for part in (rows[:EXAMPLES], rows[EXAMPLES:])
    )
    return Dataset(
        name="random",
        train=train,
        validation=validation,
        test=None,
        shape=shape,
        classes=CLASSES,
        class_names=None,
    )


def nntrain(dataset: Dataset, batches: int, l2: float = 0.0) -> Turn:
    """Return a turn of the program's own training loop, timed between two of its batches."""
    init = Normal(std=1e-4)
    experiment = Experiment(
        data=Data(source=Synthetic()),  # not read: the loop gets its dataset below
        network=(Dense(units=HIDDEN, init=init), Relu(), Dense(units=CLASSES, init=init)),
        regularization=Regularization(l2=l2),
        optimizer=Momentum(learning_rate=RATE, momentum=MOMENTUM),
        training=Training(epochs=1, batch_size=BATCH),
    )

    def turn() -> float:
        at = dict.fromkeys((WARM_UP, WARM_UP + batches), 0.0)

        def note(epoch: int, done: int, total: int) -> None:
            if done in at:
                at[done] = perf_counter()

        train(experiment, dataset, Watchers(batch=note), batches_per_epoch=WARM_UP + batches)
        return (at[WARM_UP + batches] - at[WARM_UP]) * BATCHES / batches

    return turn


def bare_products(x: NDArray[np.float32], batches: int) -> Turn:
    """Return a turn of the five matrix products of a step, and no more, on one batch."""
    rng = np.random.default_rng(1)
    x = x[:BATCH].copy()
    w1, w2, h, ds = (
        rng.standard_normal(shape, np.float32)
        for shape in ((PIXELS, HIDDEN), (HIDDEN, CLASSES), (BATCH, HIDDEN), (BATCH, CLASSES))
    )
    y, s, dh, dw1, dw2 = (
        np.empty(shape, np.float32) for shape in (h.shape, ds.shape, h.shape, w1.shape, w2.shape)
    )
    products = [(x, w1, y), (h, w2, s), (h.T, ds, dw2), (ds, w2.T, dh), (x.T, dh, dw1)]
    matmul = np.matmul

    def steps(count: int) -> None:
        for _ in range(count):
            for a, b, out in products:
                matmul(a, b, out=out)

    return timed(steps, batches)


def timed(steps: Callable[[int], None], batches: int) -> Turn:
    """Return a turn that runs `steps` for `batches` batches, as seconds per epoch."""

    def turn() -> float:
        steps(WARM_UP)
        begun = perf_counter()
        steps(batches)
        return (perf_counter() - begun) * BATCHES / batches

    return turn

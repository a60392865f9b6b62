"""What a training run tells while it goes on and once it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from trainer_cli.nn.layers.place import Array
from trainer_cli.training.stack import Stack

Stopped = Literal["finished", "diverged", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """The figures of one epoch, counted from 1.

    `cost` is the mean over the epoch's batches, penalty included; the accuracies and
    `validation_loss` (without penalty) are measured at its end, `train_accuracy` on up to
    2,000 training examples; `learning_rate` is that of the epoch's first update.
    """

    epoch: int
    updates: int
    cost: float
    train_accuracy: float
    validation_accuracy: float
    validation_loss: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Best:
    """The epoch with the highest validation accuracy, the earlier one in a tie."""

    epoch: int
    validation_accuracy: float
    parameters: Array


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a training run went: `original_cost` is that of the untrained network.

    `stopped` says why it ended; when it diverged, `last_cost` is the cost that ended it and
    `updates` counts the updates before it.
    """

    stack: Stack
    classes: int
    epochs: tuple[Epoch, ...]
    best: Best | None
    stopped: Stopped
    original_cost: float
    last_cost: float
    updates: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Watchers:
    """Who looks on: called after every batch, at every epoch's end, and asked whether to stop.

    `batch` receives the epoch, the number of updates in it and their total; `epoch` receives the
    figures, and the network that reached them if it is the best so far.
    """

    batch: Callable[[int, int, int], None] = lambda epoch, done, total: None
    epoch: Callable[[Epoch, Stack, bool], None] = lambda figures, stack, best: None
    stop: Callable[[], bool] = lambda: False

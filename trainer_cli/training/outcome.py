"""What a training run tells while it goes on and once it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from trainer_cli.nn.layers.place import Array
from trainer_cli.training.stack import Stack

Stopped = Literal["finished", "diverged", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class Start:
    """The untrained network on up to 2,000 training examples.

    `cost` is the loss and the penalty together; `limit` the cost at which training is given up.
    `constant` is the least loss of these examples with the same scores for all of them, which is
    what class frequencies alone give; `floor` the least with any scores, 0 unless labels are
    smoothed.
    """

    loss: float
    cost: float
    accuracy: float
    limit: float
    constant: float
    floor: float


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """The figures of one epoch, counted from 1.

    `cost` is the mean over the epoch's batches, penalty included. The rest is measured at its
    end, `train_loss` (without penalty) and `train_accuracy` on up to 2,000 training examples,
    `validation_loss` and `validation_accuracy` on all of the split. `learning_rate` is that of
    the epoch's first update.
    """

    epoch: int
    updates: int
    cost: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Best:
    """The epoch with the highest validation accuracy, the earlier one in a tie.

    `parameters` is a buffer that later and better epochs overwrite.
    """

    epoch: int
    validation_accuracy: float
    parameters: Array


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a training run went.

    `stopped` says why it ended; when it diverged, `last_cost` is the cost that ended it and
    `updates` counts the updates before it. `majority` is the validation accuracy of naming the
    largest class every time.
    """

    stack: Stack
    classes: int
    steps_per_epoch: int
    majority: float
    start: Start
    epochs: tuple[Epoch, ...]
    best: Best | None
    stopped: Stopped
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

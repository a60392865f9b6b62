"""What one network went through while it was trained: all that its curves are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainer_cli.training.layer_statistics import LayerStatistics

Stopped = Literal["finished", "early-stopping", "diverged", "interrupted"]

# T updates.
Curve = NDArray[np.float64]


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
class Setting:
    """What a network is trained on, for how long, and by what its best epoch is chosen.

    `examples` are those trained on and `validation_examples` those validated on; `majority` is the
    validation accuracy of naming the largest class every time.
    """

    classes: int
    examples: int
    validation_examples: int
    majority: float
    batch_size: int
    steps_per_epoch: int
    epochs: int
    best_by: Literal["validation_accuracy", "validation_loss"]


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """The figures of one epoch, counted from 1.

    `cost` is the mean over the epoch's batches, penalty included. The rest is measured at its
    end: `penalty`, `train_loss` (without penalty) and `train_accuracy` on up to 2,000 training
    examples, `validation_loss` and `validation_accuracy` on all of the split. `learning_rate` is
    that of the epoch's first update.
    """

    epoch: int
    updates: int
    cost: float
    penalty: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How large the numbers of one array are: their Euclidean norm, bounds, mean and deviation."""

    norm: float
    min: float
    max: float
    mean: float
    std: float


@dataclass(frozen=True, kw_only=True)
class ParameterLook:
    """One parameter at a look, and how the update before it moved it.

    `updates` and `ratio`, the norm of the update over the norm of the values it moved, are None
    before the first update; `ratio` also where the values were all 0.
    """

    parameter: str
    values: Spread
    updates: Spread | None
    ratio: float | None


@dataclass(frozen=True, kw_only=True)
class Look:
    """A look inside the network after so many updates, in epoch `epoch` (0 before the first)."""

    update: int
    epoch: int
    parameters: tuple[ParameterLook, ...]
    layers: tuple[LayerStatistics, ...]


@dataclass(frozen=True, kw_only=True)
class History:
    """What one member of a run went through.

    losses     (T,) the loss of every batch before its update, without the penalty
    penalties  (T,) the penalty then; cost = loss + penalty
    rates      (T,) the learning rate at which the update went
    stopped    why training ended, None while it goes on; `last_cost` is the cost that ended it when
               it diverged
    """

    member: int
    setting: Setting
    start: Start
    losses: Curve
    penalties: Curve
    rates: Curve
    epochs: tuple[Epoch, ...]
    looks: tuple[Look, ...]
    stopped: Stopped | None
    last_cost: float

    @property
    def updates(self) -> int:
        """Number of updates so far."""
        return len(self.losses)

    @property
    def costs(self) -> Curve:
        """Loss and penalty of every batch together, (T,)."""
        return self.losses + self.penalties

    @property
    def best(self) -> Epoch | None:
        """The epoch with the highest validation accuracy or lowest loss, the first in a tie."""
        best = None
        for epoch in self.epochs:
            if best is None or better(epoch, best, self.setting.best_by):
                best = epoch
        return best


def better(epoch: Epoch, other: Epoch, by: str, margin: float = 0.0) -> bool:
    """Return whether an epoch is better than another by more than `margin`.

    A loss that is not finite never is, and is as bad as any other such loss: once recorded, NaN and
    infinity are the same.
    """
    if by == "validation_loss":
        if not isfinite(other.validation_loss):
            return isfinite(epoch.validation_loss)
        return epoch.validation_loss < other.validation_loss - margin
    return epoch.validation_accuracy > other.validation_accuracy + margin

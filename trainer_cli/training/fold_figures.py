"""What cross-validation measured: the figures of every fold after its last epoch, and their spread.

K folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from trainer_cli.datasets import Dataset
from trainer_cli.training.history import History, Stopped


@dataclass(frozen=True, kw_only=True)
class FoldFigures:
    """One fold: how the network that was trained without it does on it after the last epoch.

    `loss` is without the penalty. The three figures are None where the fold has no last epoch,
    because its cost exploded or training was interrupted.
    """

    fold: int
    stopped: Stopped | None
    epochs: int
    updates: int
    examples: int
    validation_examples: int
    train_accuracy: float | None
    validation_accuracy: float | None
    validation_loss: float | None


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A figure over all folds: mean, standard deviation (divisor K - 1), standard error."""

    mean: float
    std: float
    standard_error: float


def figures_of(history: History) -> FoldFigures:
    """Return the figures of one fold."""
    last = history.epochs[-1] if history.stopped == "finished" else None
    return FoldFigures(
        fold=history.member,
        stopped=history.stopped,
        epochs=len(history.epochs),
        updates=history.updates,
        examples=history.setting.examples,
        validation_examples=history.setting.validation_examples,
        train_accuracy=None if last is None else last.train_accuracy,
        validation_accuracy=None if last is None else last.validation_accuracy,
        validation_loss=None if last is None else last.validation_loss,
    )


def spread_of(figures: Sequence[FoldFigures], name: str) -> Spread | None:
    """Return mean and spread of one figure; None unless every fold has it.

    The mean of those that did not explode would promise what the experiment does not keep.
    """
    values = [getattr(each, name) for each in figures]
    if any(value is None for value in values):
        return None
    std = float(np.std(values, ddof=1))
    return Spread(mean=float(np.mean(values)), std=std, standard_error=std / sqrt(len(values)))


def majority(folds: Sequence[Dataset]) -> float:
    """Return the accuracy of naming the largest class every time, over all folds."""
    counts = np.sum(
        [np.bincount(fold.validation.labels, minlength=fold.classes) for fold in folds], axis=0
    )
    return float(counts.max() / counts.sum())

"""A run as the rules look at it: its history, and trials on its data where they are at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis.flatness import gainable, learned
from trainer_cli.training.diagnosis.probe import Trial, probe
from trainer_cli.training.history import Curve, Epoch, History, Look
from trainer_cli.training.layer_statistics import LayerStatistics, feeders

# A run that has taken off so much of its loss has learned, whatever its layers look like.
LEARNED = 0.9


class NoDataError(Exception):
    """The data of a run cannot be read; `why` says it in a few words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a rule goes by. `read` raises NoDataError where the data are gone.

    `train_shortly` makes the trials; it is told as `probe` is.
    """

    experiment: Experiment
    history: History
    read: Callable[[], Dataset]
    stop: Callable[[], bool]
    train_shortly: Callable[..., list[Trial]] = probe

    @property
    def rate(self) -> float:
        """The learning rate of the experiment."""
        return self.experiment.optimizer.learning_rate

    @property
    def gainable(self) -> float:
        """How much training can take off the loss."""
        return gainable(self.history.start)

    @property
    def end(self) -> Epoch:
        """The epoch whose network is the final one: the best if training stopped early."""
        best = self.history.best if self.history.stopped == "early-stopping" else None
        return self.history.epochs[-1] if best is None else best

    @property
    def learned(self) -> float:
        """The share that the run took off what it could take off its loss."""
        return learned(self.history.start, self.end.train_loss)

    @cached_property
    def train_losses(self) -> Curve:
        """The loss on the same training examples at the end of every epoch."""
        return np.array([epoch.train_loss for epoch in self.history.epochs])

    @property
    def first_look(self) -> Look | None:
        """The look at the untrained network."""
        return next((look for look in self.history.looks if not look.update), None)

    @property
    def last_look(self) -> Look | None:
        """The last look after an update."""
        return next((look for look in reversed(self.history.looks) if look.update), None)

    def inner(self, look: Look) -> list[LayerStatistics]:
        """Return the layers that feed others with weights."""
        return [look.layers[i] for i in feeders(self.experiment.network)]

    def trials(
        self, rates: Sequence[float], updates: int, experiment: Experiment | None = None
    ) -> list[Trial]:
        """Train shortly from the same start at each rate; raises NoDataError."""
        given = experiment or self.experiment
        return self.train_shortly(given, self.read(), rates, self.stop, updates=updates)

    def left(self, loss: float) -> float:
        """Return the share of what can be taken off the loss that is still on it."""
        return (loss - self.history.start.floor) / self.gainable

"""One member of a run: its history as it grows, and its best parameters so far."""

from __future__ import annotations

from math import nan

import numpy as np

from trainer_cli.nn.layers.place import Array
from trainer_cli.training.history import (
    Curve,
    Epoch,
    History,
    Look,
    Setting,
    Start,
    Stopped,
    better,
)


class Member:
    """What one member has gone through so far.

    best   the parameters and running averages of its best epoch, a flat array
    final  those that it left with, where it has left in good order
    """

    def __init__(self, number: int, setting: Setting, start: Start) -> None:
        self.number, self.setting, self.start = number, setting, start
        self.epochs: list[Epoch] = []
        self.looks: list[Look] = []
        self.stopped: Stopped | None = None
        self.last_cost = nan
        self.best: Array | None = None
        self.final: Array | None = None
        self._best_epoch: Epoch | None = None
        self._updates: list[tuple[Curve, Curve, Curve]] = [(np.zeros(0),) * 3]

    def add_updates(self, losses: Curve, penalties: Curve, rates: Curve) -> None:
        """Take updates in a row, (K,) each."""
        self._updates.append((losses, penalties, rates))

    def add_epoch(self, epoch: Epoch) -> bool:
        """Take an epoch, and return whether it is the best so far."""
        self.epochs.append(epoch)
        best = self._best_epoch
        if best is not None and not better(epoch, best, self.setting.best_by):
            return False
        self._best_epoch = epoch
        return True

    def history(self) -> History:
        """Return all of it as it is now."""
        losses, penalties, rates = self._joined()
        return History(
            member=self.number,
            setting=self.setting,
            start=self.start,
            losses=losses,
            penalties=penalties,
            rates=rates,
            epochs=tuple(self.epochs),
            looks=tuple(self.looks),
            stopped=self.stopped,
            last_cost=self.last_cost,
        )

    def go_on(self, history: History) -> None:
        """Take over what a member went through before."""
        self._updates = [(history.losses, history.penalties, history.rates)]
        for epoch in history.epochs:
            self.add_epoch(epoch)
        self.looks = list(history.looks)
        self.stopped, self.last_cost = history.stopped, history.last_cost

    def _joined(self) -> tuple[Curve, Curve, Curve]:
        """Return losses, penalties and rates of all updates, (T,) each; they stay joined."""
        if len(self._updates) > 1:
            a, b, c = (np.concatenate(column) for column in zip(*self._updates, strict=True))
            self._updates = [(a, b, c)]
        return self._updates[0]

"""What a training run tells while it goes on and once it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainer_cli.training.history import Curve, Epoch, History
from trainer_cli.training.networks import Networks


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a training run went: what each member went through, and the networks that came of it.

    final  where each member ended: at its best epoch if it stopped early. A member that exploded
           is not there; where all did, those are that were the last to do so.
    best   each member at its best epoch; None where no epoch was completed

    `seconds` counts this process's work alone, where a run was resumed.
    """

    histories: tuple[History, ...]
    final: Networks
    best: Networks | None
    seconds: float

    @property
    def alone(self) -> History:
        """The history of a run of one."""
        (history,) = self.histories
        return history


@dataclass(frozen=True, kw_only=True)
class EpochEnd:
    """The end of an epoch: figures by member, who is at its best now, and all there is so far."""

    number: int
    figures: dict[int, Epoch]
    best: Sequence[int]
    seconds: float
    histories: Callable[[], tuple[History, ...]]


@dataclass(frozen=True, kw_only=True)
class Watchers:
    """Who looks on: called after every batch, at every epoch's end, and asked whether to stop.

    `batch` receives the epoch, the number of updates in it, their total, and the members' costs of
    the batch, (M,); `remark` what a user should know.
    """

    batch: Callable[[int, int, int, Curve], None] = lambda epoch, done, total, costs: None
    epoch: Callable[[EpochEnd], None] = lambda end: None
    stop: Callable[[], bool] = lambda: False
    remark: Callable[[str], None] = lambda text: None

"""What a training run tells whoever keeps it: every update, epoch, look and snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from trainer_cli.training.history import Curve, Epoch, Look, Setting, Start, Stopped
from trainer_cli.training.networks import Networks

if TYPE_CHECKING:
    from trainer_cli.training.run import Run

# K updates in a row, M members.


@dataclass(frozen=True, kw_only=True)
class Block:
    """Updates in a row, from number `first` on, counted from 1, of the members `members`.

    losses, penalties  (K, M)
    rates              (K,) the learning rates at which the updates went
    """

    epoch: int
    first: int
    members: Sequence[int]
    losses: Curve
    penalties: Curve
    rates: Curve


class Recorder(Protocol):
    """Writes down what a run tells, in the order in which it is told."""

    def start(self, member: int, setting: Setting, start: Start) -> None:
        """Keep what a member begins with."""
        ...

    def updates(self, block: Block) -> None:
        """Keep updates."""
        ...

    def epoch(self, member: int, epoch: Epoch) -> None:
        """Keep the figures of a member's epoch."""
        ...

    def look(self, member: int, look: Look) -> None:
        """Keep a look at the layers of a member."""
        ...

    def stopped(self, member: int, reason: Stopped, epoch: int, updates: int, cost: float) -> None:
        """Keep why a member's training ended."""
        ...


class Keeper(Protocol):
    """Keeps the networks of a run at the moments that matter."""

    def snapshot(self, update: int, networks: Callable[[], Networks]) -> None:
        """Keep the networks as they are after so many updates, at a minimum of the schedule."""
        ...

    def end_of_epoch(self, run: Run, *, best: bool) -> None:
        """Keep the run as it stands; with `best` some member has just been better than before."""
        ...

    def interrupted(self, run: Run) -> None:
        """Keep the run as it stands in the middle of an epoch."""
        ...


class Mirror(Protocol):
    """Shows elsewhere what a run records."""

    def updates(
        self, member: int, first: int, losses: Curve, penalties: Curve, rates: Curve
    ) -> None:
        """Show updates in a row, from number `first` on."""
        ...

    def epoch(self, member: int, epoch: Epoch) -> None:
        """Show the figures of an epoch."""
        ...

    def look(self, member: int, look: Look) -> None:
        """Show a look at the layers."""
        ...

    def flush(self) -> None:
        """Make sure of what has been shown: a checkpoint follows."""
        ...

    def close(self) -> None:
        """End."""
        ...


# Given the first update that a resumed run makes again, None for a new run.
OpenMirror = Callable[[int | None], Mirror]


class Nobody:
    """Keeps nothing."""

    def start(self, member: int, setting: Setting, start: Start) -> None:
        """Forget it."""

    def updates(self, block: Block) -> None:
        """Forget it."""

    def epoch(self, member: int, epoch: Epoch) -> None:
        """Forget it."""

    def look(self, member: int, look: Look) -> None:
        """Forget it."""

    def stopped(self, member: int, reason: Stopped, epoch: int, updates: int, cost: float) -> None:
        """Forget it."""

    def snapshot(self, update: int, networks: Callable[[], Networks]) -> None:
        """Forget it."""

    def end_of_epoch(self, run: Run, *, best: bool) -> None:
        """Forget it."""

    def interrupted(self, run: Run) -> None:
        """Forget it."""

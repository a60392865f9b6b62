"""Where training stands, as schedules ask for it."""

from typing import NamedTuple


class Clock(NamedTuple):
    """Update number `step`, counted from 0, of `epochs` epochs of `steps_per_epoch` updates."""

    step: int
    steps_per_epoch: int
    epochs: int

    @property
    def epoch(self) -> int:
        """Number of epochs that are complete."""
        return self.step // self.steps_per_epoch

"""Gathers the updates of a run, so that telling them one by one takes no time from training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from trainer_cli.training.course import Course
from trainer_cli.training.recorder import Block

# K updates in a row, M members.


class Trace:
    """Notes every update of a course, and hands them over in blocks of the same members."""

    def __init__(
        self, course: Course, rate: float, told: int, tell: Callable[[Block], None]
    ) -> None:
        """`rate` is the learning rate of all members, `told` the number of updates told before."""
        self._course, self._rate, self._tell = course, rate, tell
        self._told = told
        self._members: Sequence[int] = course.members
        self._noted: list[tuple[Any, Any, Any]] = []

    def note(self, epoch: int) -> None:
        """Note the update that has just been made in this epoch."""
        course = self._course
        if course.members is not self._members:  # somebody has left with it
            self.hand_over(epoch)
            self._members = course.members
        self._noted.append((course.losses, course.penalties, course.factor))

    def hand_over(self, epoch: int) -> None:
        """Tell the updates of this epoch that have not been told yet."""
        if not self._noted:
            return
        losses, penalties, factors = (np.array(column) for column in zip(*self._noted, strict=True))
        self._noted.clear()
        self._tell(
            Block(
                epoch=epoch,
                first=self._told + 1,
                members=self._members,
                losses=losses,
                penalties=penalties,
                rates=factors * self._rate,
            )
        )
        self._told += len(losses)

"""Works on a sweep in this process, one stack after another."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from trainer_cli.search.messages import Message, Task
from trainer_cli.search.stacked import train_stack
from trainer_cli.search.work import DataOfTasks
from trainer_cli.training.threads import one_thread


class Serial:
    """The executor that is always there; `data` may hold what has been read already."""

    remarks: Sequence[str] = ()

    def __init__(self, data: DataOfTasks) -> None:
        self._data = data

    def run(self, tasks: Sequence[Task]) -> Generator[Message | None]:
        """Train one stack after another."""
        with one_thread(), np.errstate(all="ignore"):
            for task in tasks:
                yield from train_stack(task, self._data.of(task.experiments[0]))

    def close(self) -> None:
        """There is nothing to give back."""

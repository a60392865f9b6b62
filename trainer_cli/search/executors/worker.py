"""What a worker does, on this machine or another: trains a stack, and tells of it in good time."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import numpy as np

from trainer_cli.datasets import Dataset
from trainer_cli.search.messages import Message, Progress, Task
from trainer_cli.search.stacked import train_stack
from trainer_cli.training.threads import one_thread

# Nobody reads faster than that, and a stack may well do a thousand updates a second.
SECONDS_BETWEEN_PROGRESS = 0.1


def compute_on_one_thread() -> None:
    """Keep the matrix products of this process on one thread for good: their bits depend on it."""
    one_thread().__enter__()


def telling(task: Task, dataset: Dataset) -> Iterator[Message]:
    """Train a stack; yields every result at once, and progress now and then."""
    told = -SECONDS_BETWEEN_PROGRESS
    with np.errstate(all="ignore"):
        for message in train_stack(task, dataset):
            if isinstance(message, Progress):
                if monotonic() - told < SECONDS_BETWEEN_PROGRESS:
                    continue
                told = monotonic()
            yield message

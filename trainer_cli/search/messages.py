"""What work on a sweep consists of, and what it tells while it goes on."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from trainer_cli.config.experiment import Experiment
from trainer_cli.search.trials import Result, Trial


@dataclass(frozen=True, kw_only=True)
class Task:
    """Trials to train as one stack: the unit of work, which can be sent to another machine.

    number       of the stack within its stage, from 1
    experiments  those of the trials, complete; their data are one and the same
    halving      factor of successive halving, None without
    batches_per_epoch  cuts every epoch short, None for whole ones
    """

    stage: int
    number: int
    trials: tuple[Trial, ...]
    experiments: tuple[Experiment, ...]
    abort_ratio: float
    halving: int | None = None
    batches_per_epoch: int | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a stack is: the share of its updates, and how many trials are still in it."""

    task: int
    share: float
    trials: int


Message = Progress | Result


class Executor(Protocol):
    """Somebody who works on tasks: this process, others on this machine, or a cluster."""

    @property
    def remarks(self) -> Sequence[str]:
        """What a user should know before it begins."""
        ...

    def run(self, tasks: Sequence[Task]) -> Generator[Message | None]:
        """Work on all tasks, in any order, and yield what they tell as it comes.

        Every trial of every task has a result in the end. None is yielded now and then where
        there is nothing to tell, so that the caller can look around. What a task tells depends on
        the task alone, so that one that was lost is simply worked on again; results may then come
        twice. Raises WorkerLostError if a task takes its worker down every time.
        """
        ...

    def close(self) -> None:
        """Give back what was taken; work that is going on is broken off."""
        ...

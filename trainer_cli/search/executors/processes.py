"""Works on a sweep in processes of this machine; one that dies costs only its stack."""

from __future__ import annotations

import signal
from collections import Counter, deque
from collections.abc import Generator, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, wait
from typing import cast

from trainer_cli.search.errors import WorkerLostError
from trainer_cli.search.executors.process import Ended, WorkerProcess
from trainer_cli.search.executors.signals import broken_pipes_as_errors
from trainer_cli.search.messages import Message, Task

# Other programs may have taken the memory once or twice; then it is the stack that is too large.
MOST_DEATHS = 3
SECONDS_TO_LISTEN = 0.1


class Processes:
    """Up to `workers` processes, started when there is a stack for them and kept for the next.

    Each has a connection of its own and shares nothing else, so that one that is killed leaves no
    lock behind that others wait for. (A pool of `concurrent.futures` breaks as a whole when one of
    its processes dies, and tells nothing of a task before its end.)
    """

    remarks: Sequence[str] = ()

    def __init__(self, workers: int) -> None:
        self._most = workers
        self._idle: list[WorkerProcess] = []
        self._busy: dict[Connection, tuple[WorkerProcess, Task]] = {}
        self._waiting: deque[Task] = deque()
        self._deaths: Counter[int] = Counter()  # by the number of the stack
        self._signals = ExitStack()
        self._signals.enter_context(broken_pipes_as_errors())

    def run(self, tasks: Sequence[Task]) -> Generator[Message | None]:
        """Train the largest stacks first, so that no large one is left over for the end."""
        self._waiting = deque(sorted(tasks, key=lambda task: -len(task.trials)))
        self._deaths.clear()
        try:
            while self._waiting or self._busy:
                self._hand_out()
                ready = wait(list(self._busy), SECONDS_TO_LISTEN)
                for connection in ready:
                    yield self._hear(cast(Connection, connection))
                if not ready:
                    yield None
        finally:
            self._break_off()

    def close(self) -> None:
        """End all processes, whatever they are doing."""
        self._break_off()
        while self._idle:
            self._idle.pop().end()
        self._signals.close()

    def _hand_out(self) -> None:
        while self._waiting and len(self._busy) < self._most:
            worker = self._free()
            task = self._waiting.popleft()
            self._busy[worker.connection] = worker, task
            with suppress(OSError):  # it is dead: the connection will say so
                worker.connection.send(task)

    def _free(self) -> WorkerProcess:
        """Return a worker that has nothing to do, a new one if there is none."""
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive():
                return worker
            worker.end()
        return WorkerProcess()

    def _hear(self, connection: Connection) -> Message | None:
        """Take one message of a worker, or note that it has ended its stack or its life."""
        worker, task = self._busy[connection]
        try:
            message = connection.recv()
        except (EOFError, OSError):
            del self._busy[connection]
            self._bury(worker, task)
            return None
        if not isinstance(message, Ended):
            told: Message = message
            return told
        del self._busy[connection]
        self._idle.append(worker)
        if message.error is not None:
            raise message.error
        return None

    def _bury(self, worker: WorkerProcess, task: Task) -> None:
        """Let the stack of a dead worker wait again, or raise WorkerLostError."""
        exit_code = worker.exit_code()
        worker.end()
        self._deaths[task.number] += 1
        if self._deaths[task.number] == MOST_DEATHS:
            raise WorkerLostError(
                f"stack {task.number} of stage {task.stage} took its worker down {MOST_DEATHS} "
                f"times, the last time {_cause(exit_code)}",
                "if memory is short, use fewer --workers or fewer trials in a stack (sweep.stack)",
            )
        self._waiting.appendleft(task)

    def _break_off(self) -> None:
        self._waiting.clear()
        while self._busy:
            _, (worker, _) = self._busy.popitem()
            worker.end()


def _cause(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        with suppress(ValueError):  # no name
            return f"by {signal.Signals(-exit_code).name}"
    return f"with exit code {exit_code}"

"""A process of this machine that trains stacks: how it starts, and what it does until its end."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from threading import Thread
from traceback import format_exc
from types import ModuleType

from trainer_cli.search.executors.signals import interrupts_held_back
from trainer_cli.search.executors.worker import compute_on_one_thread, telling
from trainer_cli.search.messages import Message, Task
from trainer_cli.search.work import DataOfTasks

# A new process inherits nothing but what it is handed: no locks, no threads, no ends of pipes.
SPAWN = get_context("spawn")
# What a process that has closed its connection may take until it is gone.
SECONDS_TO_DIE = 5.0


@dataclass(frozen=True)
class Ended:
    """What a worker says after the last message of a stack: what went wrong, if anything."""

    error: Exception | None


class WorkerProcess:
    """A worker, as seen by the process that has started it.

    Into `connection` goes a task, and out of it come its messages and then `Ended`. An end of file
    says that the worker is dead.
    """

    def __init__(self) -> None:
        self.connection, far_end = SPAWN.Pipe()
        # A daemon: if nobody ends it, it is ended before the interpreter exits.
        self._process = SPAWN.Process(target=_serve, args=(far_end,), daemon=True)
        with far_end, interrupts_held_back(), without_main_module():
            self._process.start()

    def is_alive(self) -> bool:
        """Return whether the process is still there."""
        return self._process.is_alive()

    def exit_code(self) -> int | None:
        """Return the exit code of a worker that has died: minus the signal, if it was one."""
        self._process.join(SECONDS_TO_DIE)
        return self._process.exitcode

    def end(self) -> None:
        """End the process at once, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.connection.close()


@contextmanager
def without_main_module() -> Iterator[None]:
    """Keep a process that is started from importing the main module, which is no use to a worker.

    It would load the command line or, if it is a script without a guard, run that again.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _serve(connection: Connection) -> None:
    """Train one task after another, until the process that has started this one is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for that process, which will decide
    Thread(target=die_with_parent, daemon=True).start()
    compute_on_one_thread()
    data = DataOfTasks()
    with suppress(EOFError, OSError):  # nobody listens any more
        while True:
            for message in _all_of(connection.recv(), data):
                connection.send(message)


def die_with_parent() -> None:
    """Leave in mid-stack when the parent is gone, however it went: nobody would take results."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _all_of(task: Task, data: DataOfTasks) -> Iterator[Message | Ended]:
    try:
        yield from telling(task, data.of(task.experiments[0]))
    except Exception as error:
        error.add_note(f"In a worker process:\n{format_exc()}")
        yield Ended(_sendable(error))
    else:
        yield Ended(None)


def _sendable(error: Exception) -> Exception:
    """Return an error that survives the journey, itself or its text."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error

"""Works on a sweep in a Dask cluster that is running already; its workers may come and go."""

from __future__ import annotations

import logging
import pickle
import socket
import warnings
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from queue import Empty, SimpleQueue
from threading import local
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from trainer_cli import __version__
from trainer_cli.datasets import DataError, Dataset
from trainer_cli.search.errors import WorkerLostError, WorkersError
from trainer_cli.search.executors.setups import remarks_on, require_version, setup_of_worker
from trainer_cli.search.executors.signals import broken_pipes_as_errors
from trainer_cli.search.executors.worker import compute_on_one_thread, telling
from trainer_cli.search.messages import Message, Task
from trainer_cli.search.trials import Result
from trainer_cli.search.work import DataOfTasks

SECONDS_TO_CONNECT = 5.0
SECONDS_TO_LISTEN = 0.1
# Longer than any greeting of a scheduler; what other servers say first, read as a length, is huge.
LONGEST_GREETING = 2**20
GUIDE = "docs/cluster.md says how to start a scheduler and workers"


class DaskCluster:
    """Hands stacks to the workers of the scheduler at `address`, tcp://host:port.

    The scheduler gives the stack of a worker that has died to another. All results of a stack are
    its value; before that, each is an event, so that what is finished is known at once.

    remarks  what the user should know of the workers that are there
    """

    def __init__(self, address: str) -> None:
        with ExitStack() as taken:
            taken.enter_context(broken_pipes_as_errors())
            self._address, self._client = address, _connected(address)
            taken.callback(self._client.close)
            self.remarks = remarks_on(self._client.run(setup_of_worker, on_error="return"))
            self._taken = taken.pop_all()

    def run(self, tasks: Sequence[Task]) -> Generator[Message | None]:
        """Train the largest stacks first, so that no large one is left over for the end."""
        topic = f"nntrain-{uuid4()}"
        events: SimpleQueue[bytes] = SimpleQueue()
        self._client.subscribe_topic(topic, lambda event: events.put(event[1]))
        futures = {
            self._client.submit(
                train_on_worker, task, __version__, topic, key=f"{topic}-{task.number}", pure=False
            ): task
            for task in sorted(tasks, key=lambda task: -len(task.trials))
        }
        told: set[int] = set()
        try:
            while futures:
                messages = [_next(events)]
                for future in [future for future in futures if future.done()]:
                    messages += self._value(future, futures.pop(future))
                for message in messages:
                    if isinstance(message, Result):
                        if message.trial in told:
                            continue
                        told.add(message.trial)
                    yield message
        finally:
            self._client.cancel(list(futures))  # workers look whether they are still wanted
            self._client.unsubscribe_topic(topic)

    def close(self) -> None:
        """Leave the cluster, which then drops what it was asked for."""
        self._taken.close()

    def _value(self, future: Any, task: Task) -> list[Result]:
        """Return the results of a stack that is over, or raise what ended it."""
        from distributed import CancelledError, KilledWorker

        try:
            results: list[Result] = future.result()
        except KilledWorker as error:
            raise WorkerLostError(
                f"stack {task.number} of stage {task.stage} took its worker down "
                f"{error.allowed_failures + 1} times, the last time {error.last_worker.address}",
                "that worker's log may say why; if memory is short, use fewer trials in a stack "
                "(sweep.stack)",
            ) from None
        except CancelledError:
            raise WorkerLostError(
                f"the scheduler at {self._address} is gone or has dropped the sweep",
                "what has finished is kept: start the cluster again and go on with --resume",
            ) from None
        return results


def _next(events: SimpleQueue[bytes]) -> Message | None:
    try:
        message: Message = pickle.loads(events.get(timeout=SECONDS_TO_LISTEN))
    except Empty:
        return None
    return message


def _connected(address: str) -> Any:
    """Return a client of the scheduler, or raise WorkersError within a few seconds."""
    try:
        from distributed import Client
    except ImportError:
        message = "a Dask cluster needs the extra dask"
        raise WorkersError(message, "pip install 'nntrain[dask]'") from None
    _silence_logs()
    _knock(address)
    try:
        with warnings.catch_warnings():  # other versions are looked at afterwards
            warnings.simplefilter("ignore")
            return Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except Exception as error:  # whatever comes of talking to another kind of server
        raise WorkersError(f"cannot connect to {address}: {error}", GUIDE) from None


def _knock(address: str) -> None:
    """Raise WorkersError unless somebody is there who greets like a scheduler.

    A client of Dask goes on trying where nobody listens, and waits forever for one who is silent.
    """
    place = urlsplit(address)
    try:
        with (
            socket.create_connection((place.hostname, place.port), SECONDS_TO_CONNECT) as door,
            door.makefile("rb") as said,
        ):
            greeting = said.read(8)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WorkersError(f"cannot connect to {address}: {reason}", GUIDE) from None
    if not 0 < int.from_bytes(greeting, "little") <= LONGEST_GREETING:
        raise WorkersError(f"what answers at {address} is no Dask scheduler", GUIDE)


def _silence_logs() -> None:
    """Keep what Dask logs of lost workers and connections out of the terminal."""
    known = [name for name in logging.root.manager.loggerDict if name.startswith("distributed.")]
    for name in ["distributed", *known]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


# What follows is done by the workers.


class _Thread(local):
    """What a thread of a worker has for itself: preprocessing goes through buffers of the data."""

    def __init__(self) -> None:
        self.data = DataOfTasks()


_THREAD = _Thread()


def train_on_worker(task: Task, version: str, topic: str) -> list[Result]:
    """Train a stack and return its results, each of which is told under `topic` at once."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    require_version(worker.address, theirs=__version__, ours=version)  # it may have come late
    compute_on_one_thread()
    results: list[Result] = []
    for message in telling(task, _dataset(task, worker.address)):
        if isinstance(message, Result):
            results.append(message)
        worker.log_event(topic, pickle.dumps(message))
        known = worker.state.tasks.get(key)
        if known is None or known.state != "executing":
            raise InterruptedError("nobody wants the results any more")
    return results


def _dataset(task: Task, address: str) -> Dataset:
    try:
        return _THREAD.data.of(task.experiments[0])
    except DataError as error:
        raise DataError(
            f"{error.message} (on the worker {address}, host {socket.gethostname()})",
            where=error.where,
            hint="every worker needs the data under the same path: see docs/cluster.md",
        ) from None

"""A sweep in a Dask cluster: the same bits, also where a worker is lost; clear words otherwise."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import numpy as np
import pytest

from tests.experiments import DIGITS
from tests.search.executing import NOISY_SWEEP, SWEEP, cut, long_stack, results
from tests.search.faults import on
from tests.search.tasks import at_rates, task_of
from trainer_cli import __version__
from trainer_cli.config.experiment import Training
from trainer_cli.datasets import DataError
from trainer_cli.datasets.sources import Npz
from trainer_cli.search.errors import WorkerLostError, WorkersError
from trainer_cli.search.executors import dask_cluster
from trainer_cli.search.executors.choose import executor_for
from trainer_cli.search.executors.dask_cluster import DaskCluster
from trainer_cli.search.executors.serial import Serial
from trainer_cli.search.executors.setups import Setup, remarks_on, setup_of_worker
from trainer_cli.search.messages import Progress
from trainer_cli.search.trials import Result
from trainer_cli.search.work import DataOfTasks

distributed = pytest.importorskip("distributed", reason="needs the extra dask")

GUIDE = "docs/cluster.md says how to start a scheduler and workers"
FORTY_EPOCHS = Training(epochs=40, batch_size=32)
HERE = Setup(
    nntrain=__version__, numpy="2.4.6", kernels="Haswell", extensions=("X86_V3",), threads=1
)


def start(*arguments: object) -> subprocess.Popen[bytes]:
    """Start a part of a cluster; what it logs is not looked at."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    checkout = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": checkout, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "dask", *map(str, arguments)]
    return subprocess.Popen(command, env=environment, **quiet)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler on loopback that has two workers."""
    file = tmp_path_factory.mktemp("cluster") / "scheduler.json"
    own = ("--host", "127.0.0.1", "--no-dashboard")
    scheduler = start("scheduler", "--port", 0, "--scheduler-file", file, *own)
    workers = [
        start("worker", "--scheduler-file", file, "--nthreads", 1, "--no-nanny", *own)
        for _ in range(2)
    ]
    while not file.exists() or not file.read_text():
        assert scheduler.poll() is None
        time.sleep(0.05)
    address = json.loads(file.read_text())["address"]
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    yield address
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def refused(address: str) -> WorkersError:
    with pytest.raises(WorkersError) as raised:
        DaskCluster(address)
    return raised.value


def test_a_cluster_changes_no_bit(cluster):
    executor = executor_for(cluster, DataOfTasks())
    assert executor.remarks == []
    (here,) = set(map(str, executor._client.run(setup_of_worker).values()))
    assert here.startswith(f"NumPy {np.__version__} on ")
    for tasks in (SWEEP, NOISY_SWEEP):
        alone = results(Serial(DataOfTasks()), tasks)
        told: list[object] = []
        assert results(executor, tasks, told.append) == alone
        trials = [message.trial for message in told if isinstance(message, Result)]
        assert sorted(trials) == sorted(set(trials)), "told as an event and as a value, but once"
        assert any(isinstance(message, Progress) for message in told)
    executor.close()


def test_a_result_is_told_before_its_stack_is_over(cluster):
    executor = DaskCluster(cluster)
    messages = executor.run([long_stack([0.03, 1e30])])
    first = next(message for message in messages if isinstance(message, Result))
    assert (first.trial, first.state) == (2, "diverged")
    messages.close()
    executor.close()
    require_idle(cluster)


def require_idle(address):
    """Assert that within seconds no worker works on what nobody waits for any more."""
    with distributed.Client(address, set_as_default=False) as client:
        for _ in range(100):
            tasks = client.run(lambda dask_worker: len(dask_worker.state.tasks))
            if not any(tasks.values()):
                return
            time.sleep(0.1)
        raise AssertionError(tasks)


def test_data_that_a_worker_does_not_have(cluster):
    executor = DaskCluster(cluster)
    missing = Path("/nowhere/data.npz")
    with pytest.raises(DataError) as raised:
        results(executor, [task_of([on(Npz(path=missing))])])
    executor.close()
    where, rest = str(raised.value).split(" (on the worker tcp://127.0.0.1:")
    assert where == "/nowhere/data.npz: no such file"
    assert rest.split(", ")[1] == f"host {socket.gethostname()})"
    assert raised.value.key is None
    assert raised.value.hint == (
        "every worker needs the data under the same path: see docs/cluster.md"
    )


def test_another_version_on_the_workers(cluster, monkeypatch):
    monkeypatch.setattr("trainer_cli.search.executors.setups.__version__", "9.9")
    with pytest.raises(WorkersError) as raised:
        DaskCluster(cluster)
    assert raised.value.message.startswith("the worker tcp://127.0.0.1:")
    assert raised.value.message.endswith(f" has nntrain {__version__}, not 9.9")
    assert raised.value.hint == "install the same version everywhere: results depend on it"


def test_a_worker_of_another_version_that_comes_later(cluster, monkeypatch):
    monkeypatch.setattr(dask_cluster, "__version__", "9.9")  # of what is handed out
    executor = DaskCluster(cluster)
    with pytest.raises(WorkersError) as raised:
        results(executor, SWEEP[:1])
    executor.close()
    assert raised.value.message.endswith(f" has nntrain {__version__}, not 9.9")
    assert raised.value.hint == "install the same version everywhere: results depend on it"


def test_a_worker_is_no_scheduler(cluster):
    with distributed.Client(cluster, set_as_default=False) as client:
        address = next(iter(client.scheduler_info()["workers"]))
    error = refused(address)
    assert error.message.startswith(f"cannot connect to {address}: ")
    assert error.hint == GUIDE


def test_a_worker_that_is_lost_costs_its_stack_alone(cluster):
    """The last test with this cluster: one of its workers is gone then."""
    experiments = at_rates([0.03, 1e30, 0.1, 1e30], replace(DIGITS, training=FORTY_EPOCHS))
    tasks = [numbered(task, i) for i, task in enumerate([*SWEEP, *cut(experiments, 2)])]
    alone = results(Serial(DataOfTasks()), tasks)
    executor = DaskCluster(cluster)
    pids = executor._client.run(os.getpid)
    killed: set[str] = set()

    def kill_one(message):
        """Kill a worker in the middle of a stack that has told a result."""
        if not killed and isinstance(message, Result) and message.trial > 500:
            stack = f"-{message.trial // 100}"
            working = executor._client.processing().items()
            killed.update(at for at, keys in working if any(key.endswith(stack) for key in keys))
            os.kill(pids[next(iter(killed))], signal.SIGKILL)

    assert results(executor, tasks, kill_one) == alone
    assert len(killed) == 1
    assert set(executor._client.run(os.getpid)) == set(pids) - killed
    executor.close()


def numbered(task, number):
    """Return the task with another number, and its trials with numbers of its own."""
    trials = tuple(replace(trial, number=100 * number + trial.number) for trial in task.trials)
    return replace(task, number=number, trials=trials)


# Without a cluster.


@contextmanager
def server(says: bytes | None):
    """A server at loopback that greets whoever comes, or is silent."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet():
            with suppress(OSError):
                while True:
                    door, _ = listening.accept()
                    kept.append(door)
                    if says is not None:
                        door.sendall(says)

        kept: list[socket.socket] = []
        Thread(target=greet, daemon=True).start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        for door in kept:
            door.close()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        error = refused(address)
    assert error.message == f"cannot connect to {address}: connection refused"
    assert error.hint == GUIDE


def test_somebody_listens_and_is_silent(monkeypatch):
    monkeypatch.setattr(dask_cluster, "SECONDS_TO_CONNECT", 0.2)
    with server(None) as address:
        assert refused(address).message == f"cannot connect to {address}: timed out"


@pytest.mark.parametrize("says", [b"SSH-2.0-OpenSSH_9.9\r\n", b"\0" * 8])
def test_somebody_else_answers(says):
    with server(says) as address:
        error = refused(address)
    assert error.message == f"what answers at {address} is no Dask scheduler"
    assert error.hint == GUIDE


def test_the_extra_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    error = refused("tcp://127.0.0.1:8786")
    assert error.message == "a Dask cluster needs the extra dask"
    assert error.hint == "pip install 'nntrain[dask]'"


class Failed:
    """A future that is over, and a client that has no other."""

    def __init__(self, error):
        self.error = error

    def result(self):
        raise self.error


def lost(error) -> WorkerLostError:
    executor = DaskCluster.__new__(DaskCluster)
    executor._address = "tcp://head:8786"
    with pytest.raises(WorkerLostError) as raised:
        executor._value(Failed(error), SWEEP[1])
    return raised.value


def test_a_stack_that_kills_every_worker_is_given_up():
    last = SimpleNamespace(address="tcp://10.0.0.5:40000")
    error = lost(distributed.KilledWorker("key", last, 3))
    assert error.message == (
        "stack 2 of stage 1 took its worker down 4 times, the last time tcp://10.0.0.5:40000"
    )
    assert error.hint == (
        "that worker's log may say why; if memory is short, use fewer trials in a stack "
        "(sweep.stack)"
    )


def test_a_scheduler_that_is_lost():
    error = lost(distributed.CancelledError("key"))
    assert error.message == "the scheduler at tcp://head:8786 is gone or has dropped the sweep"
    assert error.hint == (
        "what has finished is kept: start the cluster again and go on with --resume"
    )


def test_workers_without_nntrain():
    with pytest.raises(WorkersError) as raised:
        remarks_on({"tcp://a:1": HERE, "tcp://b:2": ModuleNotFoundError("No module named 'x'")})
    assert raised.value.message == ("the worker tcp://b:2 cannot use nntrain: No module named 'x'")
    assert raised.value.hint == "install nntrain on every worker: see docs/cluster.md"


def test_remarks():
    assert remarks_on({"a": HERE, "b": HERE}) == []
    assert remarks_on({}) == ["the cluster has no worker yet: stacks wait for the first"]
    assert remarks_on({"a": HERE, "b": replace(HERE, extensions=("X86_V3", "X86_V4"))}) == [
        "workers differ (NumPy 2.4.6 on Haswell X86_V3, NumPy 2.4.6 on Haswell X86_V3 X86_V4): "
        "the last bits of a result may depend on which of them trains it"
    ]
    assert remarks_on({"a": replace(HERE, threads=4)}) == [
        "workers with several threads are slow: give each --nthreads 1"
    ]

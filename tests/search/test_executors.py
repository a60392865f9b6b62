"""Whoever works on a sweep: the same bits, also where workers die, and nothing is left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from tests.search.executing import NOISY_SWEEP, SWEEP, long_stack, results
from tests.search.faults import Deadly, Unpicklable, Witness, on
from tests.search.tasks import task_of
from trainer_cli.datasets import DataError
from trainer_cli.datasets.sources import Npz
from trainer_cli.search.errors import WorkerLostError, WorkersError
from trainer_cli.search.executors import choose, worker
from trainer_cli.search.executors.choose import executor_for, processors
from trainer_cli.search.executors.process import WorkerProcess
from trainer_cli.search.executors.processes import Processes, _cause
from trainer_cli.search.executors.serial import Serial
from trainer_cli.search.messages import Progress
from trainer_cli.search.trials import Result
from trainer_cli.search.work import DataOfTasks


@pytest.fixture(scope="module")
def two():
    executor = Processes(2)
    yield executor
    executor.close()
    assert active_children() == []


def test_who_works_changes_no_bit(two):
    for tasks in (SWEEP, NOISY_SWEEP):
        alone = results(Serial(DataOfTasks()), tasks)
        assert results(two, tasks) == alone
        assert results(two, tasks[::-1]) == alone
    alone = results(Serial(DataOfTasks()), SWEEP)
    for state in ("finished", "diverged", "halved"):
        assert any(f"state='{state}'" in text for text in alone.values())
    three = Processes(3)
    assert results(three, SWEEP) == alone
    three.close()


def test_workers_that_are_killed_change_no_bit(two):
    alone = results(Serial(DataOfTasks()), SWEEP)
    rng = random.Random(0)
    for _ in range(2):
        left = 2  # a third death could meet the same stack again, which would be given up

        def kill_one(message):
            nonlocal left
            if left and isinstance(message, Result) and rng.random() < 0.3:
                left -= 1
                os.kill(rng.choice(active_children()).pid, signal.SIGKILL)

        assert results(two, SWEEP, kill_one) == alone
        assert left == 0


def test_a_stack_that_kills_its_first_workers_is_trained_by_the_next(two, tmp_path):
    deadly = task_of([on(Deadly(tmp_path / "log", 2))], number=1)
    (result,) = results(two, [deadly]).values()
    assert "state='finished'" in result
    assert (tmp_path / "log").read_text() == "xxx"


def test_a_stack_that_kills_every_worker_is_given_up(two, tmp_path):
    deadly = task_of([on(Deadly(tmp_path / "log", 99))], number=7, stage=2)
    with pytest.raises(WorkerLostError) as raised:
        results(two, [*SWEEP, deadly])
    assert raised.value.message == (
        "stack 7 of stage 2 took its worker down 3 times, the last time by SIGKILL"
    )
    assert raised.value.hint == (
        "if memory is short, use fewer --workers or fewer trials in a stack (sweep.stack)"
    )
    assert (tmp_path / "log").read_text() == "xxx"


def test_how_a_worker_died():
    assert [_cause(code) for code in (-9, 1, -99)] == [
        "by SIGKILL",
        "with exit code 1",
        "with exit code -99",
    ]


def test_an_error_in_a_stack_comes_out_as_it_is(two):
    missing = Path("nowhere") / "data.npz"
    with pytest.raises(DataError) as raised:
        results(two, [task_of([on(Npz(path=missing))])])
    assert str(raised.value) == f"{missing}: no such file"
    assert raised.value.key == ("data", "path")
    (note,) = raised.value.__notes__
    assert note.startswith("In a worker process:\nTraceback")
    results(two, NOISY_SWEEP)  # the worker goes on


def test_an_error_that_cannot_be_sent_arrives_in_words(two):
    with pytest.raises(RuntimeError) as raised:
        results(two, [task_of([on(Unpicklable())])])
    assert str(raised.value) == (
        "DoesNotFitError: a test needs about 3.00 GiB of memory, but only 1.00 GiB is available"
    )


def test_a_worker_has_one_thread_and_no_ctrl_c_and_loads_little(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    executor = Processes(1)
    with pytest.raises(LookupError) as raised:
        results(executor, [task_of([on(Witness())])])
    executor.close()
    assert raised.value.args == ({1}, True, set())


def test_a_result_is_told_before_its_stack_is_over(two):
    messages = two.run([long_stack([0.03, 1e30])])
    first = next(message for message in messages if isinstance(message, Result))
    assert (first.trial, first.state) == (2, "diverged")
    messages.close()  # breaks the stack off


def test_what_is_broken_off_leaves_no_process():
    executor = Processes(2)
    messages = executor.run([long_stack(number=1), long_stack(number=2)])
    next(message for message in messages if isinstance(message, Progress))
    assert len(active_children()) >= 2
    before = {child.pid for child in active_children()}
    messages.close()
    gone = before - {child.pid for child in active_children()}
    assert len(gone) == 2
    executor.close()


def test_closing_breaks_off_what_is_going_on():
    before = {child.pid for child in active_children()}
    executor = Processes(2)
    messages = executor.run([long_stack(number=1)])
    next(message for message in messages if isinstance(message, Progress))
    assert len({child.pid for child in active_children()} - before) == 1, "no more than stacks"
    executor.close()
    assert {child.pid for child in active_children()} <= before


def test_a_worker_that_died_idle_is_replaced_and_costs_no_signal(monkeypatch):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as the program has it
    executor = Processes(1)
    results(executor, NOISY_SWEEP[:1])
    for seen_alive in (False, True):  # True: it dies just after we have looked
        (idle,) = executor._idle
        os.kill(idle._process.pid, signal.SIGKILL)
        idle.exit_code()
        if seen_alive:
            monkeypatch.setattr(WorkerProcess, "is_alive", lambda self: True)
        results(executor, NOISY_SWEEP[:1])
    executor.close()
    assert signal.signal(signal.SIGPIPE, signal.SIG_IGN) is signal.SIG_DFL


def test_progress_is_told_now_and_then_and_results_always(monkeypatch):
    now = iter(range(10**6))
    monkeypatch.setattr(worker, "monotonic", lambda: next(now) / 100)  # 10 ms between looks
    task = SWEEP[1]  # which overflows
    messages = list(worker.telling(task, DataOfTasks().of(task.experiments[0])))
    updates = 3 * (1437 // 32 + 1)
    progress = [message for message in messages if isinstance(message, Progress)]
    assert updates / 20 < len(progress) < updates / 5
    assert sum(isinstance(message, Result) for message in messages) == 3


# Scripts without a guard of their main module, which workers must not run again.

BEGIN = """
import time
from multiprocessing import active_children
from tests.search.executing import long_stack
from tests.search.faults import Sleepy, on
from tests.search.tasks import task_of
from trainer_cli.search.executors.processes import Processes

print("begun", flush=True)
executor = Processes(2)
"""
TRAIN = """
messages = executor.run([long_stack([0.03, 1e30])])
while next(messages) is None:
    pass
"""
START = """
messages = executor.run([long_stack(number=number) for number in (1, 2)])
next(messages)
"""
SLEEP = """
messages = executor.run([task_of([on(Sleepy())])])
next(messages)
"""
# Workers that heard of Ctrl-C would have the time to say so.
LISTEN = """
try:
    print(*[child.pid for child in active_children()], flush=True)
    while True:
        time.sleep(0.1), next(messages)
except KeyboardInterrupt:
    time.sleep(1)
    executor.close()
    print("closed", active_children())
"""


def begin(tmp_path: Path, text: str) -> subprocess.Popen[str]:
    script = tmp_path / "script.py"
    script.write_text(BEGIN + text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-W", "error", str(script)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def gone(pids: list[int]) -> bool:
    """Return whether all processes are gone within a few seconds."""
    for _ in range(200):
        left = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        if not left:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("text", [START, TRAIN], ids=["starting", "training"])
def test_ctrl_c_reaches_the_program_alone(tmp_path, text):
    process = begin(tmp_path, text + LISTEN)
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert pids
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (out, err, process.returncode) == ("closed []\n", "", 0)
    assert gone(pids)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
@pytest.mark.parametrize("text", [TRAIN, SLEEP], ids=["training", "reading data"])
def test_workers_of_a_program_that_was_killed_go_too(tmp_path, text):
    process = begin(tmp_path, text + LISTEN)
    pids = [int(pid) for pid in process.stdout.readline().split()]
    process.kill()
    out, err = process.communicate(timeout=30)
    assert (out, err) == ("", "")
    assert gone(pids)


def test_a_program_that_forgets_its_workers_ends_all_the_same(tmp_path):
    process = begin(tmp_path, TRAIN)
    out, err = process.communicate(timeout=30)
    assert (out, err, process.returncode) == ("", "", 0)


# What --workers says.


@pytest.mark.parametrize(
    ("workers", "message", "hint"),
    [
        ("0", "--workers must be at least 1, got 0", None),
        ("-2", "--workers must be at least 1, got -2", None),
        ("two", "--workers must be a number of processes or tcp://HOST:PORT, got 'two'", None),
        ("", "--workers must be a number of processes or tcp://HOST:PORT, got ''", None),
        ("1.5", "--workers must be a number of processes or tcp://HOST:PORT, got '1.5'", None),
        *(
            (
                address,
                f"--workers must be a number of processes or tcp://HOST:PORT, got '{address}'",
                "the scheduler of a Dask cluster listens at port 8786 unless told otherwise",
            )
            for address in [
                "tcp://",
                "http://x",
                "tcp://host",
                "tcp://:8786",
                "tcp://host:port",
                "tcp://host:99999",
                "tcp://host:8786/x",
                "tcp://host:8786?x",
                "tcp://[host:8786",
            ]
        ),
    ],
)
def test_workers_that_make_no_sense_are_refused(workers, message, hint):
    with pytest.raises(WorkersError) as raised:
        executor_for(workers, DataOfTasks())
    assert (raised.value.message, raised.value.hint) == (message, hint)


def test_one_worker_is_this_process():
    assert isinstance(executor_for("1", DataOfTasks()), Serial)
    many = executor_for("3", DataOfTasks())
    assert isinstance(many, Processes)
    many.close()


def test_every_processor_gets_a_worker_by_default(monkeypatch):
    monkeypatch.setattr(choose, "processors", lambda: 1)
    assert isinstance(executor_for(None, DataOfTasks()), Serial)
    monkeypatch.setattr(choose, "processors", lambda: 5)
    executor = executor_for(None, DataOfTasks())
    assert isinstance(executor, Processes)
    executor.close()


@pytest.mark.parametrize(
    ("text", "count"),
    [("max 100000", 6), ("150000 100000", 2), ("20000 100000", 1), ("900000 100000", 6), (None, 6)],
)
def test_a_processor_counts_as_far_as_it_may_be_used(monkeypatch, tmp_path, text, count):
    file = tmp_path / "cpu.max"
    if text is not None:
        file.write_text(text)
    monkeypatch.setattr(choose, "CPU_QUOTA", file)
    monkeypatch.setattr(choose.os, "sched_getaffinity", lambda pid: set(range(6)), raising=False)
    assert processors() == count

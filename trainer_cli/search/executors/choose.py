"""Chooses who works on a sweep: what `--workers` says."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from trainer_cli.search.errors import WorkersError
from trainer_cli.search.executors.dask_cluster import DaskCluster
from trainer_cli.search.executors.processes import Processes
from trainer_cli.search.executors.serial import Serial
from trainer_cli.search.messages import Executor
from trainer_cli.search.work import DataOfTasks

# Linux, control groups of version 2: microseconds of processor time, and in how many.
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def executor_for(workers: str | None, data: DataOfTasks) -> Executor:
    """Return who works: "3" processes, the cluster at "tcp://host:8786", or None for the default.

    The default is a process for every processor. One worker is this process, with `data` that have
    been read. Raises WorkersError for what is neither, or a cluster that cannot be used.
    """
    if workers is not None and "://" in workers:
        _require_address(workers)
        return DaskCluster(workers)
    count = processors() if workers is None else _count(workers)
    return Serial(data) if count == 1 else Processes(count)


def _count(workers: str) -> int:
    try:
        count = int(workers)
    except ValueError:
        raise WorkersError(
            f"--workers must be a number of processes or tcp://HOST:PORT, got '{workers}'"
        ) from None
    if count < 1:
        raise WorkersError(f"--workers must be at least 1, got {workers}")
    return count


def _require_address(workers: str) -> None:
    try:
        parts = urlsplit(workers)
        sound = parts.scheme == "tcp" and parts.hostname and parts.port
    except ValueError:  # a port that is no number
        sound = False
    if not sound or workers != f"tcp://{parts.netloc}":
        raise WorkersError(
            f"--workers must be a number of processes or tcp://HOST:PORT, got '{workers}'",
            "the scheduler of a Dask cluster listens at port 8786 unless told otherwise",
        )


def processors() -> int:
    """Return how many processors this process may use.

    Linux: those that it is bound to, and no more than its control group has time on.
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = _quota()
    return count if quota is None else max(1, min(count, quota))


def _quota() -> int | None:
    """Return how many processors the control group has the time of, None for all."""
    try:
        quota, period = CPU_QUOTA.read_text(encoding="ascii").split()
        return round(int(quota) / int(period))
    except (OSError, ValueError):  # no such file, or no limit ("max")
        return None

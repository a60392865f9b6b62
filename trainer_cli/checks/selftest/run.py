"""Tries many cases in several processes, each case on one thread."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from threading import Thread

from trainer_cli.checks.selftest.case import Case, Outcome
from trainer_cli.checks.selftest.catalogue import BY_NAME
from trainer_cli.checks.selftest.trial import try_case
from trainer_cli.search.errors import WorkerLostError
from trainer_cli.search.executors.process import SPAWN, die_with_parent, without_main_module
from trainer_cli.search.executors.signals import interrupts_held_back


def try_all(cases: Sequence[Case], seeds: int, workers: int) -> Iterator[Outcome]:
    """Yield what comes of every case, in the order in which they get ready.

    A fault is tried with seed 0, what is sound with the seeds 0 to `seeds` - 1. Raises
    WorkerLostError where a process is killed.
    """
    work = [(case.name, k) for case in cases for k in range(seeds if case.kind == "sound" else 1)]
    if workers == 1:
        yield from (_try(name, seed) for name, seed in work)
        return
    pool = ProcessPoolExecutor(workers, SPAWN, initializer=_begin)
    try:
        with interrupts_held_back(), without_main_module():
            waiting = [pool.submit(_try, name, seed) for name, seed in work]
        for done in as_completed(waiting):
            yield done.result()
    except BrokenExecutor:
        hint = "if memory is short, use fewer --workers"
        raise WorkerLostError("a process that checks was killed", hint) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _try(name: str, seed: int) -> Outcome:
    return try_case(BY_NAME[name], seed)


def _begin() -> None:
    """Leave Ctrl-C to the process that has started this one, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=die_with_parent, daemon=True).start()

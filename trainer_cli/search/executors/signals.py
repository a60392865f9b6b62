"""Keeps signals from ending this process or a worker where an error or an order should."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from threading import current_thread, main_thread


@contextmanager
def broken_pipes_as_errors() -> Iterator[None]:
    """Make it an OSError to write to a worker or scheduler that has died.

    The program lets SIGPIPE end it, which is right for a reader of its output and wrong here.
    """
    if not hasattr(signal, "SIGPIPE") or current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGPIPE, before)


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back until the end; a process that is started within never gets any."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Comes with the first process; while it is started, it would let Ctrl-C through.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

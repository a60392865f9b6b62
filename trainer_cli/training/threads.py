"""Keeps matrix products on one thread where they are too small to be shared."""

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which every BLAS library computes on one thread.

    Two threads gain nothing for the batched products of a stack or for a batch of a few examples,
    and where other programs keep the processors busy they wait for each other: steps of 5 ms took
    13 to 128.
    """
    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits

"""Keeps matrix products on one thread where they are too small to be shared."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from threadpoolctl import threadpool_limits

from trainer_cli.nn.layers import Conv, Layer


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which every BLAS library computes on one thread.

    Two threads gain nothing for the batched products of a stack or for a batch of a few examples,
    and where other programs keep the processors busy they wait for each other: steps of 5 ms took
    13 to 128.
    """
    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def threads_for(network: Sequence[Layer]) -> AbstractContextManager[object]:
    """Return the context in which a network trains fastest.

    A convolution's products fit the cache of one processor; on two threads a small convolutional
    network took 1.1 to 2 times as long. Large dense layers gain from every thread.
    """
    if any(isinstance(layer, Conv) for layer in network):
        return one_thread()
    return nullcontext()

"""Small products stay on one thread, and what was set before comes back."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info

from trainer_cli.nn.layers import Conv, Dense, Relu
from trainer_cli.training.threads import one_thread, threads_for


def threads() -> set[int]:
    np.matmul(np.ones((2, 2)), np.ones((2, 2)))  # BLAS is loaded
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_convolutions_train_on_one_thread_and_dense_layers_on_all() -> None:
    before = threads()
    with threads_for([Conv(filters=2), Relu(), Dense(units=2)]):
        assert threads() == {1}
    with threads_for([Dense(units=2), Relu(), Dense(units=2)]):
        assert threads() == before
    assert threads() == before


def test_one_thread_within_and_as_before_after() -> None:
    before = threads()
    assert before
    with one_thread():
        assert threads() == {1}
    assert threads() == before

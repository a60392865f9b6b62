"""Small products stay on one thread, and what was set before comes back."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info

from trainer_cli.training.threads import one_thread


def threads() -> set[int]:
    np.matmul(np.ones((2, 2)), np.ones((2, 2)))  # BLAS is loaded
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_one_thread_within_and_as_before_after() -> None:
    before = threads()
    assert before
    with one_thread():
        assert threads() == {1}
    assert threads() == before

"""What a network computes with begins where a cache line does."""

import numpy as np
import pytest

from tests.experiments import DIGITS, data_of
from trainer_cli.datasets import Feed
from trainer_cli.nn import aligned
from trainer_cli.training.stack import assemble


@pytest.mark.parametrize("shape", [0, 1, 7, (3, 5), (100, 3072), (4, 1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.bool_, np.uint8])
def test_zeros_on_a_line(shape, dtype):
    array = aligned.zeros(shape, dtype)
    assert array.shape == (shape if isinstance(shape, tuple) else (shape,))
    assert array.dtype == dtype
    assert array.flags.c_contiguous
    assert array.ctypes.data % aligned.CACHE_LINE == 0 or array.size == 0
    assert not array.any()


def test_parameters_gradients_state_and_batches_are_on_lines():
    dataset = data_of(DIGITS)
    stack = assemble([DIGITS], dataset, capacity=32)
    feed = Feed(dataset.train, 32)
    parameters = stack.network.parameters
    arrays = [parameters.values, parameters.gradients, *stack.rule.state.values(), feed.flat]
    assert len(arrays) >= 4
    assert all(array.ctypes.data % aligned.CACHE_LINE == 0 for array in arrays)

"""A feed gives the asked examples in the engine's layout, from buffers allocated once."""

import itertools
import tracemalloc

import numpy as np
import pytest

from trainer_cli.datasets import Examples, Feed, batches
from trainer_cli.datasets.preprocess import Pca, Scale, Standardize, fit

IMAGE, FLAT = (5, 4, 3), (60,)
STEPS = {"none": [], "affine": [Standardize()], "pca": [Scale(), Pca(dimensions=6)]}
READY = [0, 1 << 30]  # with these limits no split is made ready, or every one


def make(rng, steps, shape, dtype=np.uint8):
    stored = rng.integers(0, 256, (50, 60)).astype(dtype)
    rows = np.sort(rng.permutation(50)[:30])
    labels = rng.integers(0, 10, 30)
    return Examples(stored, rows, labels, fit(steps, stored, rows, shape))


def plainly(examples):
    """Return all preprocessed examples (n, *shape) in float64 in the plainest way."""
    out = np.empty((len(examples), int(np.prod(examples.shape))))
    examples.pipeline.apply(examples.stored[examples.rows], out)
    return out.reshape(-1, *examples.shape)


@pytest.fixture(params=itertools.product(STEPS, [IMAGE, FLAT], ["uint8", "float32"], READY))
def examples(request, rng, monkeypatch):
    steps, shape, dtype, limit = request.param
    monkeypatch.setattr(batches, "READY_BYTES", limit)
    return make(rng, STEPS[steps], shape, dtype)


def test_a_shared_batch_has_one_member(examples):
    feed = Feed(examples, 16, members=4)
    for indices in (np.array([3, 3, 29, 0]), np.arange(16), np.array([7])):
        x, labels = feed.fill(indices)
        expected = np.expand_dims(plainly(examples)[indices], -2)
        assert x.dtype == np.float32
        assert x.shape == expected.shape
        np.testing.assert_allclose(x, expected, atol=2e-5)
        np.testing.assert_array_equal(labels, examples.labels[indices][:, np.newaxis])
        assert labels.dtype == np.intp


def test_each_member_can_have_its_own_order(examples, rng):
    feed = Feed(examples, 8, members=3, dtype=np.float64)
    for shape in ((8, 3), (5, 3), (8, 2)):
        indices = rng.integers(0, 30, shape)
        x, labels = feed.fill(indices)
        # (B, M, *shape) -> members just before the features
        expected = np.moveaxis(plainly(examples)[indices], 1, -2)
        assert x.dtype == np.float64
        np.testing.assert_allclose(x, expected, atol=1e-9)
        np.testing.assert_array_equal(labels, examples.labels[indices])


def test_a_batch_is_a_view_of_one_buffer(examples):
    feed = Feed(examples, 8)
    first, _ = feed.fill(np.arange(8))
    second, _ = feed.fill(np.arange(4))
    assert np.shares_memory(first, second)


@pytest.mark.parametrize("shape", [(9,), (8, 4), (9, 3), (2, 2, 2)])
def test_more_than_the_feed_was_made_for(rng, shape):
    feed = Feed(make(rng, [], FLAT), 8, members=3)
    with pytest.raises(ValueError, match="indices") as caught:
        feed.fill(np.zeros(shape, np.intp))
    assert str(caught.value) == (
        f"indices have the shape {shape}, but this feed was made for at most (8,) or (8, 3)"
    )


def test_filling_allocates_nothing_large(examples):
    feed = Feed(examples, 20)
    indices = np.arange(20)
    feed.fill(indices)
    tracemalloc.start()
    for _ in range(5):
        feed.fill(indices)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2000


def test_a_small_split_is_preprocessed_once_for_all_feeds(rng):
    examples = make(rng, [Standardize()], FLAT)
    assert Feed(examples, 4).ready is Feed(examples, 8).ready
    assert Feed(examples, 4, dtype=np.float64).ready is not Feed(examples, 4).ready


def test_stored_values_that_are_batches_already_go_straight_there(rng):
    feed = Feed(make(rng, [], FLAT, np.float32), 4)
    assert (feed.ready, feed.stored) == (None, None)


def test_select_shares_the_stored_examples(rng):
    examples = make(rng, [Standardize()], FLAT)
    chosen = examples.select(np.array([5, 2]))
    assert len(chosen) == 2
    assert chosen.stored is examples.stored
    x, labels = Feed(chosen, 2).fill(np.arange(2))
    np.testing.assert_allclose(x[:, 0], plainly(examples)[[5, 2]], atol=1e-5)
    np.testing.assert_array_equal(labels[:, 0], examples.labels[[5, 2]])

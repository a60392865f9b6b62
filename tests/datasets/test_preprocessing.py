"""Every step computes its formula, from the training rows alone, without large arrays."""

import tracemalloc
import typing

import numpy as np
import pytest

from trainer_cli.datasets import Step
from trainer_cli.datasets.preprocess import (
    Center,
    MeanChannel,
    MeanImage,
    Pca,
    PerImageMean,
    Scale,
    Standardize,
    Whiten,
    fit,
)
from trainer_cli.datasets.preprocess.stages import Affine, OwnMean, Projection

SHAPE = (5, 4, 3)


@pytest.fixture
def stored(rng):
    return rng.integers(0, 256, (50, 60), dtype=np.uint8)


@pytest.fixture
def rows():
    return np.arange(0, 50, 2)


def applied(steps, stored, rows, shape, dtype=np.float64):
    """Return all stored rows preprocessed, and the pipeline."""
    pipeline = fit(steps, stored, rows, shape)
    out = np.empty((len(stored), int(np.prod(pipeline.shape))), dtype)
    before = stored.copy()
    pipeline.apply(stored, out)
    np.testing.assert_array_equal(stored, before)
    return out, pipeline


def test_every_step_can_be_fitted_here(stored, rows):
    steps = typing.get_args(Step)
    assert len(steps) >= 8
    for step in steps:
        settings = {"dimensions": 4} if step is Pca else {}
        pipeline = fit([step(**settings)], stored, rows, SHAPE)
        out = np.empty((50, int(np.prod(pipeline.shape))), np.float32)
        pipeline.apply(stored, out)
        assert np.isfinite(out).all()


@pytest.mark.parametrize("step", [MeanImage(), Center()])
def test_mean_image_and_center(stored, rows, step):
    out, pipeline = applied([step], stored, rows, SHAPE)
    np.testing.assert_allclose(out, stored - stored[rows].mean(axis=0), atol=1e-12)
    assert pipeline.shape == SHAPE


def test_mean_channel(stored, rows):
    out, _ = applied([MeanChannel()], stored, rows, SHAPE)
    images = stored.reshape(-1, *SHAPE)
    expected = images - images[rows].mean(axis=(0, 1, 2))
    np.testing.assert_allclose(out.reshape(-1, *SHAPE), expected, atol=1e-12)


@pytest.mark.parametrize("shape", [SHAPE, (60,)])
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_per_image_mean(stored, rows, shape, dtype):
    out, pipeline = applied([PerImageMean()], stored.astype(dtype), rows, shape)
    np.testing.assert_allclose(out, stored - stored.mean(axis=1, keepdims=True), atol=1e-12)
    assert pipeline.shape == shape


def test_per_image_mean_keeps_the_differences_between_channels(rows):
    stored = np.tile(np.array([10, 20, 60], np.uint8), (50, 20))
    out, _ = applied([PerImageMean()], stored, rows, SHAPE, np.float32)
    np.testing.assert_array_equal(out, np.tile([-20.0, -10.0, 30.0], (50, 20)))


def test_per_image_mean_fits_nothing(stored):
    one, _ = applied([PerImageMean()], stored, np.arange(3), SHAPE)
    other, _ = applied([PerImageMean()], stored, np.arange(40, 50), SHAPE)
    np.testing.assert_array_equal(one, other)


def test_steps_around_a_per_image_mean_become_one_each(stored, rows):
    steps = [Scale(by=2), MeanImage(), PerImageMean(), Standardize(), Scale(by=3)]
    out, pipeline = applied(steps, stored, rows, SHAPE)
    assert [type(stage) for stage in pipeline.stages] == [Affine, OwnMean, Affine]
    values = stored / 2
    values = values - values[rows].mean(axis=0)
    values = values - values.mean(axis=1, keepdims=True)
    values = (values - values[rows].mean(axis=0)) / values[rows].std(axis=0) / 3
    np.testing.assert_allclose(out, values, atol=1e-12)


def test_scale(stored, rows):
    out, _ = applied([Scale(by=255)], stored, rows, SHAPE)
    np.testing.assert_allclose(out, stored / 255, atol=1e-15)


def test_scale_of_wide_integers(rows):
    stored = np.arange(100, dtype=np.int64).reshape(50, 2) * 10**9
    out, _ = applied([Scale(by=1e9)], stored, rows, (2,), np.float32)
    np.testing.assert_allclose(out, np.arange(100).reshape(50, 2), rtol=1e-6)


def test_standardize_and_a_constant_feature(rng, rows):
    stored = rng.normal(3, 5, (50, 4))
    stored[:, 2] = 0.1
    stored[1, 2] = 0.6  # not a training row
    out, _ = applied([Standardize()], stored, rows, (4,))
    others = [0, 1, 3]
    np.testing.assert_allclose(out[rows][:, others].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(out[rows][:, others].std(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(out[rows, 2], 0, atol=1e-15)
    assert out[1, 2] == pytest.approx(0.5)


def test_pca_gives_uncorrelated_features_of_decreasing_spread(rng, rows):
    stored = rng.normal(size=(50, 6)) @ rng.normal(size=(6, 6)) + 7
    out, pipeline = applied([Pca(dimensions=4)], stored, rows, (6,))
    assert pipeline.shape == (4,)
    covariance = np.cov(out[rows].T, bias=True)
    expected = np.linalg.eigvalsh(np.cov(stored[rows].T, bias=True))[::-1][:4]
    np.testing.assert_allclose(covariance, np.diag(expected), atol=1e-10)
    (stage,) = pipeline.stages
    np.testing.assert_allclose(stage.directions.T @ stage.directions, np.eye(4), atol=1e-12)
    assert (stage.directions[np.abs(stage.directions).argmax(axis=0), np.arange(4)] > 0).all()


def test_pca_of_all_dimensions_keeps_distances(rng, rows):
    stored = rng.normal(size=(50, 6))
    out, _ = applied([Pca(dimensions=6)], stored, rows, (6,))
    centered = stored - stored[rows].mean(axis=0)
    np.testing.assert_allclose((out**2).sum(axis=1), (centered**2).sum(axis=1), rtol=1e-10)


def test_whiten_gives_the_identity_as_covariance(rng, rows):
    stored = rng.normal(size=(50, 6)) @ rng.normal(size=(6, 6))
    out, pipeline = applied([Whiten(epsilon=1e-12)], stored, rows, (6,))
    np.testing.assert_allclose(np.cov(out[rows].T, bias=True), np.eye(6), atol=1e-8)
    assert pipeline.shape == (6,)


def test_whiten_spans_what_few_examples_can(rng):
    stored = rng.normal(size=(10, 40))
    out, _ = applied([Whiten(epsilon=1e-3)], stored, np.arange(8), (40,))
    assert out.shape == (10, 7)


def test_epsilon_tames_directions_without_spread(rng, rows):
    stored = np.repeat(rng.normal(size=(50, 2)), 2, axis=1)
    out, _ = applied([Whiten(epsilon=0.01)], stored, rows, (4,), np.float32)
    assert np.abs(out[:, 2:]).max() < 1e-4


def test_neighbouring_affine_steps_become_one(stored, rows):
    steps = [Scale(by=2), MeanImage(), Standardize(), Scale(by=3)]
    out, pipeline = applied(steps, stored, rows, SHAPE)
    assert [type(stage) for stage in pipeline.stages] == [Affine]
    values = stored / 2
    values = values - values[rows].mean(axis=0)
    np.testing.assert_allclose(out, values / values[rows].std(axis=0) / 3, atol=1e-12)


def test_a_pure_shift_does_not_multiply(stored, rows):
    _, pipeline = applied([MeanImage(), Center()], stored, rows, SHAPE)
    assert pipeline.stages[0].factor is None


def test_steps_after_a_projection(stored, rows):
    steps = [Scale(by=255), Pca(dimensions=5), Standardize(), Pca(dimensions=2)]
    out, pipeline = applied(steps, stored, rows, SHAPE)
    assert [type(stage) for stage in pipeline.stages] == [Affine, Projection, Affine, Projection]
    values = stored / 255
    directions = pipeline.stages[1].directions
    values = (values - values[rows].mean(axis=0)) @ directions
    values = values / values[rows].std(axis=0)
    np.testing.assert_allclose(out, values @ pipeline.stages[3].directions, atol=1e-10)


def test_batches_of_different_sizes_share_the_memory_in_between(stored, rows):
    pipeline = fit([Scale(by=255), Pca(dimensions=5), Center()], stored, rows, SHAPE)
    whole = np.empty((50, 5), np.float32)
    pipeline.apply(stored, whole)
    for size in (3, 20, 7):
        out = np.empty((size, 5), np.float32)
        pipeline.apply(stored[:size], out)
        np.testing.assert_allclose(out, whole[:size], atol=1e-5)


def test_only_the_training_rows_decide(stored, rows):
    changed = stored.copy()
    changed[1::2] = 0
    steps = [Standardize(), Whiten(dimensions=3)]
    one, other = (fit(steps, data, rows, SHAPE) for data in (stored, changed))
    np.testing.assert_array_equal(one.stages[0].shift, other.stages[0].shift)
    np.testing.assert_array_equal(one.stages[1].directions, other.stages[1].directions)


def test_a_large_mean_is_taken_off_before_digits_are_dropped(rng, rows):
    stored = 1.7e9 + rng.normal(size=(50, 3))  # seconds since 1970
    out, _ = applied([Standardize()], stored, rows, (3,), np.float32)
    exact = (stored - stored[rows].mean(axis=0)) / stored[rows].std(axis=0)
    np.testing.assert_allclose(out, exact, atol=1e-5)
    out, _ = applied([PerImageMean()], stored, rows, (3,), np.float32)
    np.testing.assert_allclose(out, stored - stored.mean(axis=1, keepdims=True), atol=1e-6)


def test_float32_is_as_good_as_its_digits(stored, rows):
    steps = [MeanImage(), Scale(by=255)]
    single, _ = applied(steps, stored, rows, SHAPE, np.float32)
    double, _ = applied(steps, stored, rows, SHAPE)
    np.testing.assert_allclose(single, double, atol=1e-6)


@pytest.mark.parametrize(
    ("steps", "shape", "message", "key", "hint"),
    [
        (
            [Scale(), MeanImage()],
            (60,),
            "mean_image needs images (height, width, channels), "
            "but an example has the shape (60,) here",
            ("data", "preprocess", 1),
            "use center for data that are not images, or put this step before pca and whiten",
        ),
        (
            [Pca(dimensions=4), MeanChannel()],
            SHAPE,
            "mean_channel needs images (height, width, channels), "
            "but an example has the shape (4,) here",
            ("data", "preprocess", 1),
            "use center for data that are not images, or put this step before pca and whiten",
        ),
        (
            [Pca(dimensions=25)],
            SHAPE,
            "pca cannot keep 25 dimensions: 25 training examples of 60 features span at most 24",
            ("data", "preprocess", 0, "dimensions"),
            None,
        ),
        (
            [Scale(by=1e-30), Scale(by=1e-30)],
            SHAPE,
            "feature 0 is spread so little or lies so far out "
            "that the step cannot be computed in float32",
            ("data", "preprocess", 1),
            None,
        ),
        (
            [Scale(by=1e50)],
            SHAPE,
            "feature 0 is spread so little or lies so far out "
            "that the step cannot be computed in float32",
            ("data", "preprocess", 0),
            None,
        ),
    ],
)
def test_steps_that_do_not_suit_the_data(refused, stored, rows, steps, shape, message, key, hint):
    error = refused(lambda: fit(steps, stored, rows, shape))
    assert (str(error), error.key, error.hint) == (message, key, hint)


def test_a_covariance_too_large_is_refused(refused):
    stored = np.zeros((3, 6001), np.uint8)
    error = refused(lambda: fit([Whiten()], stored, np.arange(3), (6001,)))
    assert str(error) == (
        "whiten needs a covariance matrix of 6,001 x 6,001 numbers; "
        "at most 6,000 features are supported"
    )


@pytest.mark.parametrize("step", [MeanImage(), Standardize(), Pca(dimensions=5)])
def test_fitting_takes_no_array_of_the_size_of_the_data(step):
    stored = np.ones((40_000, 300), np.uint8)
    stored[::2, ::3] = 7
    tracemalloc.start()
    fit([Scale(by=255), step], stored, np.arange(40_000), (10, 10, 3))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.8 * stored.nbytes  # as float64 the data would take 8 times its bytes


@pytest.mark.parametrize(
    ("steps", "most"),
    [
        ([MeanImage(), Scale(by=255)], 2000),
        # NumPy works on blocks of 8,192 values where a row's mean meets its values.
        ([MeanImage(), PerImageMean(), Scale(by=255)], 40_000),
    ],
)
def test_applying_a_pipeline_allocates_nothing_large(steps, most):
    stored = np.ones((500, 300), np.uint8)
    pipeline = fit(steps, stored, np.arange(500), (10, 10, 3))
    out = np.empty(stored.shape, np.float32)
    pipeline.apply(stored, out)
    tracemalloc.start()
    pipeline.apply(stored, out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < most

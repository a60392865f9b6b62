"""Every augmentation computes its formula, at random as it says, and only where it is asked for."""

import tracemalloc
from dataclasses import fields, replace
from math import sqrt

import numpy as np
import pytest

from tests.parts import members_of
from trainer_cli.datasets import Augmentation, Data, Examples, Feed, batches, load
from trainer_cli.datasets.augment import Flip, Jitter, Noise, RandomCrop, refuse_unfit
from trainer_cli.datasets.augment.place import Place
from trainer_cli.datasets.preprocess import MeanImage, Pca, Scale, fit
from trainer_cli.datasets.sources import Digits, Synthetic
from trainer_cli.nn.streams import stream

SHAPE = (6, 5, 3)
N = 30

# Settings of each, and other settings one at a time that must make a difference.
EXAMPLES = {
    Flip: (Flip(), {"probability": 0.2}),
    Jitter: (Jitter(), {"contrast": 0.3, "brightness": 0.3}),
    Noise: (Noise(), {"std": 0.2}),
    RandomCrop: (RandomCrop(padding=2), {"padding": 3}),
}
AUGMENTATIONS = [settings for settings, _ in EXAMPLES.values()]
EVERY = pytest.mark.parametrize("augmentation", AUGMENTATIONS, ids=lambda each: each.type)


def make(rng, shape=SHAPE, count=N):
    """Return examples of bytes, less their mean image."""
    stored = rng.integers(0, 256, (count, int(np.prod(shape))), dtype=np.uint8)
    rows = np.arange(count)
    return Examples(stored, rows, rows % 10, fit([MeanImage()], stored, rows, shape))


def filled(examples, augment, indices, *, seeds=(0,), epoch=1, dtype=np.float64):
    """Return copies of a batch (B, M, *shape) and its labels (B, M)."""
    feed = Feed(examples, len(indices), len(seeds), dtype, augment)
    feed.restart(seeds, epoch)
    x, labels = feed.fill(np.asarray(indices))
    return np.moveaxis(x, -2, 1).copy(), labels.copy()


def augmented(examples, augmentation, count=N, **how):
    """Return the first examples (B, *shape) as they are and augmented."""
    indices = np.arange(count) % len(examples)
    plain, _ = filled(examples, (), indices, **how)
    changed, _ = filled(examples, (augmentation,), indices, **how)
    return plain[:, 0], changed[:, 0]


def numbers(count, width, seed=0, epoch=1):
    """Return the uniform numbers (B, R) that the first augmentation of a batch draws."""
    return stream(seed, "augment", epoch).random((count, width))


def test_examples_has_them_all():
    assert set(EXAMPLES) == set(members_of(Augmentation))
    assert len(EXAMPLES) >= 4


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shape_type_and_labels_stay(rng, augmentation, dtype):
    examples, indices = make(rng), np.array([3, 3, 29, 0])
    plain, expected = filled(examples, (), indices, dtype=dtype)
    changed, labels = filled(examples, (augmentation,), indices, dtype=dtype)
    assert (changed.shape, changed.dtype) == (plain.shape, plain.dtype)
    assert np.isfinite(changed).all()
    np.testing.assert_array_equal(labels, expected)


def test_crop_moves_the_image_and_leaves_zeros(rng):
    plain, changed = augmented(make(rng), RandomCrop(padding=2))
    places = np.floor(numbers(N, 2) * 5).astype(int) - 2  # down and to the right
    assert len(np.unique(places, axis=0)) > 10
    height, width, _ = SHAPE
    for image, moved, (down, right) in zip(plain, changed, places, strict=True):
        expected = np.zeros(SHAPE)
        for h in range(height):
            for w in range(width):
                if 0 <= h - down < height and 0 <= w - right < width:
                    expected[h, w] = image[h - down, w - right]
        np.testing.assert_array_equal(moved, expected)


def test_flip_turns_left_and_right_around(rng):
    plain, changed = augmented(make(rng), Flip(probability=0.4))
    chosen = numbers(N, 1)[:, 0] < 0.4
    assert 5 < chosen.sum() < 25
    np.testing.assert_array_equal(changed[chosen], plain[chosen][:, :, ::-1])
    np.testing.assert_array_equal(changed[~chosen], plain[~chosen])


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_flip_never_or_always(rng, probability):
    plain, changed = augmented(make(rng), Flip(probability=probability))
    np.testing.assert_array_equal(changed, plain[:, :, ::-1] if probability else plain)


def test_jitter_by_its_formula(rng):
    examples = make(rng)
    plain, changed = augmented(examples, Jitter(contrast=0.3, brightness=0.1))
    drawn = 2 * numbers(N, 2) - 1
    c, b = (1 + 0.3 * drawn[:, 0])[:, None, None, None], (0.1 * drawn[:, 1])[:, None, None, None]
    m = plain.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(changed, m + c * (plain - m) + b * plain.std(), atol=1e-10)


def test_a_strength_of_jitter_means_the_same_on_any_scale(rng):
    examples = make(rng)
    scaled = fit([MeanImage(), Scale(by=0.01)], examples.stored, examples.rows, SHAPE)
    other = Examples(examples.stored, examples.rows, examples.labels, scaled)
    _, one = augmented(examples, Jitter())
    _, same = augmented(other, Jitter())
    np.testing.assert_allclose(same, 100 * one, rtol=1e-9, atol=1e-9)


def test_jitter_keeps_to_its_bounds(rng):
    examples = make(rng)
    plain, changed = augmented(examples, Jitter(contrast=0.3, brightness=0.1), 3000)
    contrast = changed.std(axis=(1, 2, 3)) / plain.std(axis=(1, 2, 3))
    shift = (changed.mean(axis=(1, 2, 3)) - plain.mean(axis=(1, 2, 3))) / examples.spread
    for measured, middle, reach in ((contrast, 1, 0.3), (shift, 0, 0.1)):
        assert middle - reach - 1e-9 < measured.min() < middle - 0.99 * reach
        assert middle + 0.99 * reach < measured.max() < middle + reach + 1e-9
        assert abs(measured.mean() - middle) < 5 * reach / sqrt(3 * 3000)


def test_noise_is_standard_normal_times_std(rng):
    plain, changed = augmented(make(rng), Noise(std=0.5), dtype=np.float32)
    normal = stream(0, "augment", 1).standard_normal((N, plain[0].size), dtype=np.float32)
    expected = plain + np.float32(0.5) * normal.reshape(plain.shape)
    np.testing.assert_array_equal(changed, expected)


def test_noise_has_the_spread_it_promises(rng):
    plain, changed = augmented(make(rng), Noise(std=0.5), 600)
    added = (changed - plain) / 0.5
    assert abs(added.mean()) < 5 / sqrt(added.size)
    assert abs((added**2).mean() - 1) < 5 * sqrt(2 / added.size)
    assert abs((added**4).mean() - 3) < 5 * sqrt(96 / added.size)


def test_as_many_are_mirrored_as_promised(rng):
    count = 4000
    plain, changed = augmented(make(rng), Flip(probability=0.3), count)
    mirrored = (changed != plain).any(axis=(1, 2, 3)).sum()
    assert abs(mirrored - 0.3 * count) < 5 * sqrt(count * 0.3 * 0.7)


def test_every_piece_is_as_likely_as_another(rng):
    count = 5000
    ones = make(rng)
    ones.stored[:] = 1
    ones = Examples(ones.stored, ones.rows, ones.labels, fit([], ones.stored, ones.rows, SHAPE))
    _, changed = augmented(ones, RandomCrop(padding=1), count)
    seen = changed[..., 0] > 0  # where there is no padding: (B, H, W)
    down = seen[:, -1].any(axis=1).astype(int) - seen[:, 0].any(axis=1)
    right = seen[:, :, -1].any(axis=1).astype(int) - seen[:, :, 0].any(axis=1)
    counts = np.histogram2d(down, right, bins=3)[0]
    assert (np.abs(counts - count / 9) < 5 * sqrt(count * 1 / 9 * 8 / 9)).all()


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [(s, name, value) for s, others in EXAMPLES.values() for name, value in others.items()],
    ids=lambda each: getattr(each, "type", str(each)),
)
def test_a_setting_matters(rng, settings, name, value):
    examples = make(rng)
    _, one = augmented(examples, settings)
    _, other = augmented(examples, replace(settings, **{name: value}))
    assert (one != other).any()


def test_no_setting_is_forgotten():
    for settings, others in EXAMPLES.values():
        assert {field.name for field in fields(settings)} == {"type", *others}


@pytest.mark.parametrize(
    "nothing",
    [Flip(probability=0), Jitter(contrast=0, brightness=0), Noise(std=0), RandomCrop(padding=0)],
    ids=lambda each: each.type,
)
def test_a_strength_of_zero_changes_nothing(rng, nothing):
    plain, changed = augmented(make(rng), nothing)
    np.testing.assert_array_equal(changed, plain)


@EVERY
@pytest.mark.parametrize("ready", [0, 1 << 30])
def test_every_member_gets_what_it_would_get_alone(rng, monkeypatch, augmentation, ready):
    monkeypatch.setattr(batches, "READY_BYTES", ready)
    examples, seeds = make(rng), (5, 7, 5)
    augment = (augmentation, Noise(std=3), Flip())
    together = Feed(examples, 8, 3, augment=augment)
    together.restart(seeds, 2)
    alone = [Feed(examples, 8, augment=augment) for _ in seeds]
    for feed, seed in zip(alone, seeds, strict=True):
        feed.restart([seed], 2)
    for size in (8, 8, 5):  # the last batch of an epoch is smaller
        indices = rng.integers(0, N, (size, 3))
        x, _ = together.fill(indices)
        for m, feed in enumerate(alone):
            single, _ = feed.fill(indices[:, m])
            np.testing.assert_array_equal(x[..., m, :], single[..., 0, :])


@EVERY
def test_a_shared_batch_draws_from_the_first_seed(rng, augmentation):
    examples, indices = make(rng), np.arange(8)
    shared, _ = filled(examples, (augmentation,), indices, seeds=(5, 7))
    alone, _ = filled(examples, (augmentation,), indices, seeds=(5,))
    np.testing.assert_array_equal(shared, alone)


@EVERY
def test_seed_and_epoch_decide_and_nothing_else(rng, augmentation):
    examples, indices = make(rng), np.arange(12)
    feed = Feed(examples, 12, augment=(augmentation,))

    def batches_of(seed, epoch):
        feed.restart([seed], epoch)
        return np.array([feed.fill(indices)[0].copy() for _ in range(3)])

    first = batches_of(3, 1)
    assert (first[0] != first[1]).any()
    assert (first[1] != first[2]).any()
    assert (batches_of(4, 1) != first).any()
    assert (batches_of(3, 2) != first).any()
    np.testing.assert_array_equal(batches_of(3, 1), first)


@EVERY
def test_both_precisions_see_the_same_changes(rng, augmentation):
    examples = make(rng)
    _, single = augmented(examples, augmentation, dtype=np.float32)
    _, double = augmented(examples, augmentation, dtype=np.float64)
    np.testing.assert_allclose(single, double, atol=1e-4)


@EVERY
@pytest.mark.parametrize("ready", [0, 1 << 30])
def test_other_feeds_of_the_split_see_the_examples_as_they_are(
    rng, monkeypatch, augmentation, ready
):
    monkeypatch.setattr(batches, "READY_BYTES", ready)
    examples, indices = make(rng), np.arange(N)
    stored = examples.stored.copy()
    before = Feed(examples, N).fill(indices)[0].copy()
    feed = Feed(examples, N, augment=(augmentation,))
    feed.restart([0], 1)
    for _ in range(3):
        feed.fill(indices)
    np.testing.assert_array_equal(examples.stored, stored)
    plain = Feed(examples, N)
    plain.restart([0], 1)
    np.testing.assert_array_equal(plain.fill(indices)[0], before)


@pytest.mark.parametrize("seeds", [(), (1, 2)])
def test_a_batch_needs_a_seed_for_every_member(rng, seeds):
    feed = Feed(make(rng), 4, 3, augment=(Flip(),))
    if seeds:
        feed.restart(seeds, 1)
    with pytest.raises(ValueError, match="restart") as caught:
        feed.fill(np.zeros((4, 3), np.intp))
    assert str(caught.value) == (
        f"3 members draw random numbers, but restart() was called with {len(seeds)} seeds"
    )


@EVERY
@pytest.mark.parametrize("members", [1, 3])
def test_augmenting_allocates_nothing_large(rng, augmentation, members):
    examples = make(rng, (40, 30, 3))
    indices = rng.integers(0, N, (100, members))
    feed = Feed(examples, 100, members, augment=(augmentation,))
    feed.restart(range(members), 1)
    feed.fill(indices)
    tracemalloc.start()
    feed.fill(indices)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000 < feed.flat.nbytes / 30  # NumPy works on blocks of 8,192 values


@EVERY
def test_it_keeps_as_many_values_as_it_announces(rng, augmentation):
    shape, members, capacity = (20, 15, 3), 2, 100
    place = Place(
        examples=make(rng, shape), members=members, capacity=capacity, dtype=np.dtype(np.float32)
    )
    assert place.examples.spread > 0  # measured once, for all
    tracemalloc.start()
    work = augmentation.bind(place)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    announced = members * capacity * 4 * augmentation.values_per_example(shape)
    assert work.random.shape[:2] == (members, capacity)
    assert announced <= taken < announced + 8000  # a few numbers for an example, and objects


@pytest.mark.parametrize("shape", [(60,), (4,)])
@pytest.mark.parametrize("augmentation", [Flip(), Jitter(), RandomCrop()], ids=lambda e: e.type)
def test_what_needs_images_says_so(refused, augmentation, shape):
    error = refused(lambda: refuse_unfit([Noise(), augmentation], shape))
    assert str(error) == (
        f"{augmentation.type} needs images (height, width, channels), "
        f"but a preprocessed example has the shape {shape}"
    )
    assert error.key == ("data", "augment", 1)
    assert error.hint == (
        "pca and whiten leave no images; of the augmentations noise alone takes any data"
    )


def test_noise_takes_examples_of_any_shape(rng):
    data = load(Data(source=Synthetic(), augment=(Noise(),)), rng)
    plain, changed = augmented(data.train, Noise(std=0.1))
    assert 0 < np.abs(changed - plain).max() < 1


def test_a_padding_that_moves_the_image_out_of_sight(refused):
    refuse_unfit([RandomCrop(padding=4)], (6, 5, 3))
    error = refused(lambda: refuse_unfit([RandomCrop(padding=5)], (6, 5, 3)))
    assert str(error) == "must be less than the height and width of an image, 6 x 5, got 5"
    assert error.key == ("data", "augment", 0, "padding")
    assert error.hint == "4 is usual for images of 32 x 32; more moves the image out of sight"


def test_loading_refuses_what_does_not_suit_the_data(rng, refused):
    after_pca = Data(source=Digits(), preprocess=(Pca(dimensions=9),), augment=(Flip(),))
    error = refused(lambda: load(after_pca, rng))
    assert (error.key, str(error).split()[0]) == (("data", "augment", 0), "flip")


def test_the_spread_is_the_standard_deviation_of_all_values(rng):
    examples = make(rng)
    plain, _ = filled(examples, (), np.arange(N))
    assert examples.spread == pytest.approx(plain.std(), rel=1e-12)

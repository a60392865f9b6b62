"""First-layer weights as images, and whether they are read as noisy or clean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, data_of
from trainer_cli.nn.layers import Conv, Dense, Flatten, Maxout, MaxPool, Relu
from trainer_cli.nn.network import Network
from trainer_cli.report.page.first_layer import LEAST_IMAGES, MOST_IMAGES, first_layer
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.smoothness import (
    CLEAN,
    NOISY,
    Reading,
    correlation,
    read_filters,
    read_units,
)
from trainer_cli.report.page.weights_section import weights_section

RNG = np.random.default_rng(0)


class Images:
    """A data set of images of which neighbouring pixels are alike, or not."""

    def __init__(self, shape=(32, 32, 3), smooth=True, border=0):
        self.shape = shape
        noise = RNG.normal(size=(200, *shape))
        self.examples = smoothed(noise, 3) if smooth else noise
        if border:
            self.examples[:, :border] = 0
        self.train = self

    def __len__(self):
        return 200

    def evenly(self, most):
        return np.arange(200)

    def select(self, rows):
        return self

    def ready(self, dtype):
        return self.examples.reshape(200, -1).astype(dtype)


def smoothed(images, times):
    for _ in range(times):
        for axis in (1, 2):
            images = (np.roll(images, 1, axis) + images + np.roll(images, -1, axis)) / 3
    return images


NOISE = RNG.normal(size=(20, 32, 32, 3))
SMOOTH = smoothed(NOISE, 6) / smoothed(NOISE, 6).std()


@pytest.mark.parametrize(
    ("units", "word"),
    [(NOISE, "noisy"), (SMOOTH, "clean"), (SMOOTH + 0.6 * NOISE, "in between")],
)
def test_the_reading_follows_the_smoothness(units, word):
    reading = read_units(units, Images())
    assert reading.word == word
    assert abs(reading.shuffled) < 0.02
    assert read_filters(units[:, :11, :11], Images()).word == word


def test_the_words_meet_at_their_bounds():
    def word(value):
        return Reading(neighbours=value, shuffled=0.0).word

    assert [word(v) for v in (CLEAN, CLEAN - 0.01, NOISY, NOISY - 0.01)] == [
        "clean",
        "in between",
        "in between",
        "noisy",
    ]


def test_the_scale_of_a_unit_does_not_matter():
    scaled = SMOOTH * 10.0 ** RNG.uniform(-5, 5, (20, 1, 1, 1))
    mask = np.ones(SMOOTH.shape[1:], bool)
    assert correlation(scaled, mask) == pytest.approx(correlation(SMOOTH, mask))


def test_pixels_that_never_change_are_not_judged():
    units = SMOOTH.copy()
    units[:, :12] = 20 * NOISE[:, :12]  # what a border without a signal keeps from the start
    assert read_units(units, Images(border=12)).word == "clean"
    assert read_units(units, Images()).word != "clean"


def test_what_is_too_small_or_has_no_reason_to_be_smooth_is_not_judged():
    told = [
        read_units(NOISE[:, :8, :8], Images((8, 8, 3))),
        read_filters(NOISE[:, :3, :3], Images()),
        read_units(np.ones_like(NOISE), Images()),
    ]
    assert [each.why for each in told] == [
        "8 x 8 weights are too few to be read as noisy or clean",
        "3 x 3 weights are too few to be read as noisy or clean",
        "no two weights side by side differ from the others",
    ]
    unlike = read_units(NOISE, Images(smooth=False))
    assert unlike.why.startswith("neighbouring pixels of the data correlate by ")
    assert unlike.why.endswith("0.00 only, so that weights need not be smooth")


def of(*layers, experiment=DIGITS, members=1):
    dataset = data_of(experiment)
    network = Network([layers] * members, dataset.shape, capacity=10, dtype=np.dtype(np.float32))
    network.parameters.values[:] = RNG.normal(size=network.parameters.values.size)
    return first_layer(network, list(range(3, 3 + members)), dataset), network


def test_a_dense_layer_on_images_has_an_image_for_each_unit():
    layer, network = of(Flatten(), Dense(units=5), Relu(), Dense(units=10), members=2)
    assert (layer.name, layer.noun, layer.units) == ("network[1].weights", "unit", 5)
    assert (layer.member, layer.members) == (3, 2)
    assert [words for words, _ in layer.images] == [f"unit {u}" for u in range(5)]
    weights = network.parameters["network[1].weights"][:, 0, 2].reshape(8, 8)
    image = layer.images[2][1]
    assert image.shape == (8, 8, 1)
    assert (image.min(), image.max()) == (0, 255)
    assert np.unravel_index(image.argmax(), (8, 8, 1))[:2] == np.unravel_index(
        weights.argmax(), (8, 8)
    )


def test_a_convolution_has_an_image_for_each_filter():
    layer, _ = of(Conv(filters=4, kernel=5), Dense(units=10))
    assert (layer.noun, layer.units) == ("filter", 4)
    assert [image.shape for _, image in layer.images] == [(5, 5, 1)] * 4


def test_many_or_large_images_are_cut_down():
    layer, _ = of(Dense(units=500), Dense(units=10))
    assert len(layer.images) == MOST_IMAGES
    assert LEAST_IMAGES < MOST_IMAGES
    told = weights_section(layer).body
    assert "network[0].weights in the best epoch: 64 of 500 units, each from" in told


def test_channels_that_are_no_colours_are_shown_one_by_one():
    dataset = data_of(DIGITS)
    shape = replace(dataset, shape=(4, 4, 4))
    network = Network(
        [(Conv(filters=3, kernel=3), Dense(units=10))],
        (4, 4, 4),
        capacity=10,
        dtype=np.dtype(np.float32),
    )
    network.parameters.values[:] = RNG.normal(size=network.parameters.values.size)
    found = first_layer(network, [0], shape)
    assert [words for words, _ in found.images][:5] == [
        "filter 0, channel 0",
        "filter 0, channel 1",
        "filter 0, channel 2",
        "filter 0, channel 3",
        "filter 1, channel 0",
    ]
    assert {image.shape for _, image in found.images} == {(3, 3, 1)}
    assert "all 3 filters" in weights_section(found).body


@pytest.mark.parametrize(
    ("layers", "experiment", "why"),
    [
        ((Dense(units=3),), blobs(), "the inputs of the network are no images"),
        (
            (Maxout(units=3), Dense(units=10)),
            DIGITS,
            "the first layer with weights is neither dense nor conv",
        ),
        (
            (MaxPool(), Dense(units=10)),
            DIGITS,
            "the first dense layer does not see the pixels themselves",
        ),
    ],
)
def test_what_cannot_be_shown_says_why(layers, experiment, why):
    assert of(*layers, experiment=experiment)[0] == Missing(why)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            0.9,
            "<p><b>Clean</b>: the weights of neighbouring pixels correlate by 0.90 (shuffled: "
            "−0.01): smooth images, as a network has that is learning well.</p>",
        ),
        (
            0.6,
            "<p><b>In between</b>: the weights of neighbouring pixels correlate by 0.60 (shuffled: "
            "−0.01): shapes with noise over them: training may not have converged yet, or a "
            "stronger penalty may help.</p>",
        ),
        (
            -0.001,
            "<p><b>Noisy</b>: the weights of neighbouring pixels correlate by 0.00 (shuffled: "
            "−0.01): noise can mean that training has not converged, that the learning rate is ill "
            "chosen or the penalty very weak; or that the noise they began with is still there."
            "</p>",
        ),
    ],
)
def test_the_lectures_reading_in_words(value, words):
    pytest.importorskip("matplotlib", reason="images need the extra plots")
    layer, _ = of(Dense(units=2), Dense(units=10))
    read = replace(layer, reading=Reading(neighbours=value, shuffled=-0.012))
    assert weights_section(read).body.startswith(words)

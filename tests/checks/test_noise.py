"""Noise belongs to training, and leaves activations as large as they are at test time."""

from __future__ import annotations

import re

import pytest

from tests.experiments import DIGITS, changed, data_of
from trainer_cli.checks.noise import check_noise
from trainer_cli.checks.selftest.planted import always_training, planted, unscaled_noise
from trainer_cli.nn.layers import BatchNorm, Dense, Dropout, Relu

HIDDEN, OUTPUT = Dense(units=30), Dense(units=10)


def judge(*layers):
    experiment = changed(DIGITS, network=layers) if layers else DIGITS
    return check_noise(experiment, data_of(experiment))


def test_a_network_without_noise():
    quiet, scale = judge()
    assert quiet.status == "pass"
    assert quiet.message == (
        "asked again for the same examples, every layer gives the same in evaluation"
    )
    assert (scale.status, scale.message) == ("skip", "not judged: there is no noise in training")


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("style", ["inverted", "vanilla"])
def test_sound_dropout(rate, style):
    quiet, scale = judge(HIDDEN, BatchNorm(), Relu(), Dropout(rate=rate, style=style), OUTPUT)
    assert (quiet.status, scale.status) == ("pass", "pass")
    assert scale.message.startswith("in training network[3] (dropout) gives ")
    assert scale.message.endswith(" times what it gives in evaluation, in the mean over 16 draws")


def test_dropout_that_does_not_make_up_for_what_it_silences():
    layer = planted(Dropout(rate=0.25), made=unscaled_noise)
    quiet, scale = judge(HIDDEN, Relu(), layer, OUTPUT)
    assert (quiet.status, scale.status) == ("pass", "fail")
    assert scale.measured == pytest.approx(0.75, rel=0.05)
    assert scale.hint == (
        "divide what is kept by its share 1 - p in training, or multiply by 1 - p in evaluation, "
        "and not both"
    )


def test_dropout_in_evaluation():
    layer = planted(Dropout(rate=0.5), made=always_training)
    quiet, _ = judge(HIDDEN, Relu(), layer, OUTPUT)
    assert quiet.status == "fail"
    assert re.sub(r"\d+%", "#", quiet.message) == (
        "network[2] (dropout) gives something else in evaluation each time that it is asked, by "
        "up to #: there is noise in it"
    )
    assert quiet.hint == "draw noise in training alone: see the argument training of forward"

"""What leaves shapes alone varies inside a stack; everything else makes a stack of its own."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest

from tests.experiments import DIGITS, data_of
from tests.nn.examples import LAYERS
from tests.optim.examples import OPTIMIZERS, SCHEDULES
from trainer_cli.config.experiment import Training
from trainer_cli.datasets.augment import Noise
from trainer_cli.nn.initializers import Constant, He, Normal
from trainer_cli.nn.layers import Dense, Dropout, LeakyRelu, Relu
from trainer_cli.nn.losses import Softmax, Svm
from trainer_cli.nn.network import Network
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Momentum, Sgd
from trainer_cli.search.grouping import groups
from trainer_cli.training.stack import assemble

TOGETHER = {
    "seed": replace(DIGITS, seed=7),
    "rate": replace(DIGITS, optimizer=Momentum(learning_rate=0.3, momentum=0.5)),
    "clipping": replace(DIGITS, optimizer=Momentum(learning_rate=0.3, clip_norm=1.0)),
    "penalty": replace(DIGITS, regularization=Regularization(l1=0.1, l2=3.0, max_norm=1.0)),
    "init": replace(
        DIGITS,
        network=(
            Dense(units=50, init=Normal(std=0.3), bias_init=Constant(value=0.1), l2=0.5),
            Relu(),
            Dense(units=10, init=He()),
        ),
    ),
    "smoothing": replace(DIGITS, loss=Softmax(label_smoothing=0.1)),
    **{
        f"schedule {i}": replace(DIGITS, schedule=each)
        for i, (each, _) in enumerate(SCHEDULES.values())
    },
}
APART = {
    "units": replace(DIGITS, network=(Dense(units=40), Relu(), Dense(units=10))),
    "layers": replace(DIGITS, network=(Dense(units=50), LeakyRelu(), Dense(units=10))),
    "batch size": replace(DIGITS, training=replace(DIGITS.training, batch_size=16)),
    "epochs": replace(DIGITS, training=replace(DIGITS.training, epochs=4)),
    "precision": replace(DIGITS, training=replace(DIGITS.training, precision="float64")),
    "preprocessing": replace(DIGITS, data=replace(DIGITS.data, preprocess=())),
    "augmentation": replace(DIGITS, data=replace(DIGITS.data, augment=(Noise(),))),
    "split": replace(DIGITS, data=replace(DIGITS.data, split=replace(DIGITS.data.split, seed=3))),
    "loss": replace(DIGITS, loss=Svm()),
    "class weights": replace(DIGITS, loss=Softmax(class_weights=(1.0,) * 9 + (2.0,))),
    "optimizer": replace(DIGITS, optimizer=Sgd(learning_rate=0.03)),
}


@pytest.mark.parametrize("other", TOGETHER.values(), ids=TOGETHER)
def test_what_leaves_shapes_alone_goes_together(other):
    assert groups([DIGITS, other]) == [[0, 1]]
    stack = assemble([DIGITS, other], data_of(DIGITS), capacity=8)
    assert stack.members == 2


@pytest.mark.parametrize("other", APART.values(), ids=APART)
def test_what_does_not_goes_apart(other):
    assert groups([DIGITS, other, DIGITS]) == [[0, 2], [1]]


def test_all_members_of_a_group_fit_into_one_stack():
    varied = [*TOGETHER.values(), *APART.values()]
    found = groups(varied)
    assert sorted(position for group in found for position in group) == list(range(len(varied)))
    assert len(found[0]) == len(TOGETHER)


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_layers_that_are_grouped_can_be_bound(kind):
    examples, shapes = LAYERS[kind]
    grouped = 0
    for shape, (one, other) in product(shapes, product(examples, repeat=2)):
        experiments = [replace(DIGITS, network=(each,)) for each in (one, other)]
        if groups(experiments) == [[0, 1]]:
            grouped += 1
            Network([(one,), (other,)], shape, capacity=2, dtype=np.dtype(np.float32))
    assert grouped >= len(examples)


def test_numbers_with_a_point_never_part_layers():
    dropout = [replace(DIGITS, network=(Dropout(rate=rate),)) for rate in (0.1, 0.2)]
    assert groups(dropout) == [[0, 1]]
    styles = [replace(DIGITS, network=(Dropout(style=style),)) for style in ("inverted", "vanilla")]
    assert groups(styles) == [[0], [1]]


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)
def test_no_setting_of_an_optimizer_parts_it(kind):
    """They are all numbers with a point; one that is not needs a thought here."""
    own = kind(learning_rate=0.1)
    for field in fields(own):
        value = getattr(own, field.name)
        if isinstance(value, float):
            changed = replace(own, **{field.name: value / 2})
            pair = [replace(DIGITS, optimizer=each) for each in (own, changed)]
            assert groups(pair) == [[0, 1]], field.name
        else:
            assert field.name in ("type", "clip_norm")


def test_training_settings_that_can_be_searched_are_whole_numbers_and_names():
    aside = {"members", "early_stopping", "checkpoint_every", "monitor_every"}
    assert {f.name for f in fields(Training)} - aside == {"epochs", "batch_size", "precision"}

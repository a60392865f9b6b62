"""Which settings are blamed for a network that does not learn: those without which it does."""

from __future__ import annotations

import pytest

from tests.experiments import DIGITS, changed
from tests.training.judging import judged, rates
from trainer_cli.datasets import Data
from trainer_cli.datasets.augment import Noise
from trainer_cli.nn.initializers import Zeros
from trainer_cli.nn.layers import Dense, Dropout, Relu
from trainer_cli.nn.losses import Softmax
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Adamw, Momentum, Sgd
from trainer_cli.training.diagnosis.suspects import suspects

PLAIN = Sgd(learning_rate=0.1)


def found(**changes):
    return judged(changed(DIGITS, **{"optimizer": PLAIN, **changes}))


def noisy(std):
    return Data(
        source=DIGITS.data.source, preprocess=DIGITS.data.preprocess, augment=(Noise(std=std),)
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"regularization": Regularization(l1=10)}, "regularization.l1=10"),
        ({"network": (Dense(units=50, l1=10), Relu(), Dense(units=10))}, "network[0].l1=10"),
        (
            {"optimizer": Sgd(learning_rate=0.1, weight_decay=30, clip_norm=5)},
            "optimizer.weight_decay=30",
        ),
        ({"data": noisy(100)}, "data.augment"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_after_an_explosion(changes, name):
    high, _ = rates(found(**changes))
    assert high.status == "fail"
    start = f"no lower rate makes progress either; look at {name}: without it, 100 updates at "
    assert high.hint.startswith(f"{start}learning rate 1 lower the loss by 2.3")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"optimizer": Sgd(learning_rate=0.1, clip_norm=1e-6)}, "optimizer.clip_norm=1e-06"),
        ({"regularization": Regularization(max_norm=1e-3)}, "regularization.max_norm=0.001"),
        (
            {"regularization": Regularization(max_norm=1e-4, l2=1e-4), "data": noisy(0.1)},
            "regularization.max_norm=0.0001",
        ),
        (
            {"network": (Dense(units=50), Relu(), Dropout(rate=0.999999), Dense(units=10))},
            "network[2].rate=0.999999",
        ),
        ({"loss": Softmax(label_smoothing=0.999)}, "loss.label_smoothing=0.999"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_on_a_plateau(changes, name):
    flat = found(**changes)["plateau"]
    assert flat.rule == "plateau"
    start = f"look at {name}: without it, 100 updates at learning rate "
    assert flat.hint.startswith(start)
    assert " lower the loss by " in flat.hint


def test_two_that_are_to_blame_together():
    flat = found(
        optimizer=Momentum(learning_rate=0.03, clip_norm=1e-6),
        regularization=Regularization(max_norm=1e-4),
    )["plateau"]
    assert flat.hint.startswith(
        "look at regularization.max_norm=0.0001 and optimizer.clip_norm=1e-06: without them, 100 "
        "updates at learning rate "
    )


def test_who_is_innocent_is_not_blamed():
    equal = (Dense(units=50, init=Zeros()), Relu(), Dropout(), Dense(units=10, init=Zeros()))
    flat = found(
        network=equal,
        optimizer=Momentum(learning_rate=0.03, clip_norm=5.0, weight_decay=1e-4),
        data=noisy(0.1),
    )["plateau"]
    assert flat.rule == "plateau"
    assert flat.hint == (
        "look for dead units and weights that start equal (nntrain check-activations), too "
        "strong a penalty, or labels that do not follow from the inputs"
    )


def test_all_that_is_set_is_a_suspect_and_no_default():
    assert not suspects(changed(DIGITS, optimizer=Adamw(learning_rate=0.1)))
    network = (Dense(units=50, l2=0.2, max_norm=0), Dropout(), Relu(), Dropout(rate=0.1))
    experiment = changed(
        DIGITS,
        network=(*network, Dense(units=10, l2=0)),
        regularization=Regularization(l1=0.1, l2=0.3, max_norm=3),
        loss=Softmax(label_smoothing=0.2),
        optimizer=Adamw(learning_rate=0.1, weight_decay=0.5, clip_norm=2),
        data=noisy(0.1),
    )
    named = suspects(experiment)
    assert list(named) == [
        "regularization.l1=0.1",
        "regularization.l2=0.3 and network[0].l2=0.2",
        "optimizer.weight_decay=0.5",
        "regularization.max_norm=3",
        "optimizer.clip_norm=2",
        "loss.label_smoothing=0.2",
        "data.augment",
        "network[1].rate=0.5 and network[3].rate=0.1",
    ]
    for remove in named.values():
        assert remove(experiment) != experiment
        experiment = remove(experiment)
    assert not suspects(experiment)

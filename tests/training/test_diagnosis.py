"""What a run's cost says about its rate: the right name for each fault, none for health."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.training.judging import judged, rates, wrong
from trainer_cli.config.experiment import Training
from trainer_cli.nn.initializers import He, Normal, Xavier, Zeros
from trainer_cli.nn.layers import Dense, Relu, Sigmoid, Tanh
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Adam, Momentum, Nesterov, Rmsprop, Sgd
from trainer_cli.training.diagnosis import diagnose
from trainer_cli.training.diagnosis.probe import rates_around
from trainer_cli.training.loop import train


def digits(rate, **changes):
    return changed(DIGITS, optimizer=Momentum(learning_rate=rate), **changes)


def test_a_healthy_run():
    high, low = rates(judged(digits(0.03)))
    assert (high.rule, high.status) == ("learning-rate-too-high", "pass")
    assert (low.rule, low.status) == ("learning-rate-too-low", "pass")
    assert high.message.startswith("the cost stayed within 3 times the original 2.4")
    assert low.message.startswith("the loss went from 2.4")
    assert low.message.endswith(" in 120 updates")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "kind",
    [
        {"network": (Dense(units=10),)},
        {"network": (Dense(units=30, init=Xavier()), Tanh(), Dense(units=10))},
        {"network": (Dense(units=30), Relu(), Dense(units=30), Relu(), Dense(units=10))},
        {"network": (Dense(units=30), Sigmoid(), Dense(units=10))},
        {"network": (Dense(units=50, init=Normal(std=0.01)), Relu(), Dense(units=10))},
        {"optimizer": Sgd(learning_rate=0.3)},
        {"training": Training(epochs=1, batch_size=8)},
        {"training": Training(epochs=2, batch_size=1), "optimizer": Sgd(learning_rate=0.01)},
        {"training": Training(epochs=20, batch_size=2000)},
        {"regularization": Regularization(l2=0.01)},
        {"training": Training(epochs=2, batch_size=32, precision="float64")},
    ],
    ids=lambda kind: next(iter(kind)),
)
def test_healthy_runs_of_many_kinds_raise_no_alarm(kind, seed):
    assert wrong(judged(replace(DIGITS, seed=seed, **kind))) == []


@pytest.mark.parametrize("rate", [1e2, 1e6])
def test_too_high_a_rate(rate):
    high, low = rates(judged(digits(rate)))
    assert (high.status, low.status) == ("fail", "skip")
    assert high.message.endswith(f": the learning rate {rate:g} is too high")
    assert low.message == "not judged: the cost exploded"


def test_the_rate_recommended_after_an_explosion_works():
    high, _ = rates(judged(digits(1e3)))
    assert high.hint.startswith("try optimizer.learning_rate=0.")
    assert "from the same start, 100 updates at it lower the loss by 2." in high.hint
    best = float(high.hint.partition("=")[2].partition(":")[0])
    assert wrong(judged(digits(best))) == []


def test_a_penalty_that_explodes_by_itself():
    high, _ = rates(judged(digits(0.03, regularization=Regularization(l2=1e3))))
    assert high.status == "fail"
    assert high.hint.endswith(
        "; learning rate times l2 is 30, and above 3.8 the penalty alone throws the weights "
        "further with every update"
    )


@pytest.mark.parametrize(
    ("optimizer", "l2", "end"),
    [
        (
            Sgd(learning_rate=0.03),
            1e3,
            "l2 is 30, and above 2 the penalty alone throws the weights further with every update",
        ),
        (
            Nesterov(learning_rate=0.03),
            1e3,
            "l2 is 30, and above 1.36 the penalty alone throws the weights further with every "
            "update",
        ),
        (
            Momentum(learning_rate=0.03, weight_decay=10.0),
            1e3,
            "l2 is 30, and above 3.23 the penalty alone throws the weights further with every "
            "update",
        ),
        (
            Adam(learning_rate=0.03, weight_decay=100.0),
            1e3,
            "weight_decay is 3, and above 2 the decay alone throws the weights further with every "
            "update",
        ),
    ],
    ids=lambda value: getattr(value, "type", ""),
)
def test_what_explodes_by_itself_is_named(optimizer, l2, end):
    regularization = Regularization(l2=l2)
    high, _ = rates(judged(changed(DIGITS, optimizer=optimizer, regularization=regularization)))
    assert high.status == "fail"
    assert high.hint.endswith(f"; learning rate times {end}")


def test_the_largest_l2_of_any_layer_counts():
    network = (Dense(units=50, l2=1e3), Relu(), Dense(units=10, l2=0))
    high, _ = rates(judged(digits(0.03, network=network, regularization=Regularization(l2=1e5))))
    assert "; learning rate times l2 is 30, and above 3.8 the penalty alone" in high.hint


@pytest.mark.parametrize(
    "optimizer",
    [Adam(learning_rate=1e3), Rmsprop(learning_rate=1e3), Momentum(learning_rate=3, clip_norm=1e4)],
    ids=lambda optimizer: optimizer.type,
)
def test_a_penalty_is_not_blamed_where_steps_do_not_grow_with_it(optimizer):
    regularization = Regularization(l2=10.0)
    high, _ = rates(judged(changed(DIGITS, optimizer=optimizer, regularization=regularization)))
    assert high.status == "fail"
    assert "further with every update" not in high.hint


def test_a_cost_that_is_broken_from_the_start_is_no_fault_of_the_rate():
    network = (Dense(units=50, init=Normal(std=1e18)), Relu(), Dense(units=10, init=He()))
    found = judged(digits(0.03, network=(*network[:2], Dense(units=10, init=Normal(std=1e30)))))
    assert wrong(found) == ["initial-loss"]
    broken = found["initial-loss"]
    assert (broken.rule, broken.status) == ("initial-loss", "fail")
    assert broken.message == "the cost became NaN or infinite before the first update"
    assert broken.hint == (
        "look at the scale of the inputs and of the initial weights (nntrain check-loss)"
    )


def test_dead_units_by_too_high_a_rate_are_named():
    """From a start above chance down to chance is no progress, and a lower rate makes some."""
    hidden, output = Dense(units=50, init=He()), Dense(units=10, init=He())
    deep = (hidden, Relu(), hidden, Relu(), hidden, Relu(), output)
    experiment = digits(0.7, network=deep)
    high, _ = rates(judged(experiment))
    assert (high.rule, high.status) == ("learning-rate-too-high", "warn")
    assert high.message.startswith("the loss has ")
    assert "; the learning rate 0.7 is too high; 100% of the units of network[" in high.message
    assert wrong(judged(experiment)) == ["learning-rate-too-high"]
    better = float(high.hint.partition("=")[2].partition(":")[0])
    assert better < 0.7
    assert wrong(judged(digits(better, network=deep))) == []


def test_a_penalty_that_falls_is_no_progress():
    """With so strong a penalty the weights decay to nothing and the loss to that of chance."""
    findings = judged(digits(0.001, regularization=Regularization(l2=100.0)))
    (rule,) = wrong(findings)
    assert findings[rule].message.startswith(
        "the loss has only come down to that of equal scores, 2.303: 2.4"
    )


def test_no_rate_is_recommended_where_none_makes_progress():
    high, _ = rates(judged(digits(0.05, regularization=Regularization(l2=1e4))))
    assert high.hint == (
        "no lower rate makes progress either; look at regularization.l2=10000: without it, 100 "
        "updates at learning rate 0.05 lower the loss by 2.3; learning rate times l2 is 500, and "
        "above 3.8 the penalty alone throws the weights further with every update"
    )


def test_a_run_too_short_to_tell_is_not_judged():
    short = digits(0.01, training=Training(epochs=1, batch_size=2000))
    _, low = rates(judged(short))
    assert (low.rule, low.status) == ("learning-rate-too-low", "skip")
    assert low.message.startswith(
        "not judged: too few updates to tell, 1; from the same start, 100 updates at it lower "
        "the loss by "
    )


@pytest.mark.parametrize("rate", [1e-5, 1e-7, 1e-12, 1e-300])
def test_too_low_a_rate(rate):
    _, low = rates(judged(digits(rate)))
    assert (low.rule, low.status) == ("learning-rate-too-low", "warn")
    assert low.message.endswith(f"in 120 updates; the learning rate {rate:g} is too low")
    assert low.hint.startswith(
        "try optimizer.learning_rate=0.1: from the same start, "
        "100 updates at it lower the loss by 2."
    )


def test_the_rates_that_are_tried():
    assert rates_around(1e-2) == [10.0**k for k in range(-11, -1)] + [1e-1, 1.0, 10.0]
    assert 2e-4 in rates_around(2e-4)
    assert rates_around(1e300)[:7] == [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    assert rates_around(1e-320)[-7:] == rates_around(1e300)[:7]


def test_accuracy_that_rises_while_the_cost_stays_is_explained():
    tiny = (Dense(units=50, init=Normal(std=1e-4)), Relu(), Dense(units=10, init=Normal(std=1e-4)))
    slow = digits(1e-3, network=tiny, training=Training(epochs=60, batch_size=32))
    _, low = rates(judged(slow))
    assert low.rule == "learning-rate-too-low"
    before, after = low.evidence["original_accuracy"], low.evidence["last_accuracy"]
    assert low.message.endswith(
        f"(accuracy rose from {before:.1%} to {after:.1%} meanwhile: the scores are still almost "
        "equal, but a small shift the right way is enough to change which is the largest)"
    )


def test_a_flat_cost_that_no_rate_moves_is_not_blamed_on_the_rate():
    dead = (Dense(units=50, init=Zeros()), Relu(), Dense(units=10, init=Zeros()))
    flat = judged(digits(0.03, network=dead))["plateau"]
    assert wrong(judged(digits(0.03, network=dead))) == ["dead-units"]
    assert flat.message.startswith("explained by dead-units: ")
    assert flat.message.endswith(
        " and no rate from 3e-11 to 30 does clearly better in 100 updates: "
        "the learning rate is not the cause"
    )
    assert flat.hint == (
        "look for dead units and weights that start equal (nntrain check-activations), too "
        "strong a penalty, or labels that do not follow from the inputs"
    )


def test_judging_changes_nothing():
    experiment = blobs()
    dataset = data_of(experiment)
    before = train(experiment, dataset).alone
    diagnose(replace(experiment, optimizer=Sgd(learning_rate=1e-9)), dataset, before)
    assert before.epochs == train(experiment, dataset).alone.epochs

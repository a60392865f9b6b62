"""check_rate: a rate is judged in a hundred updates as all of the training would judge it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.training.faults import DEAD, FROZEN, HEALTHY, net, points, run
from trainer_cli.checks.rate import check_rate
from trainer_cli.checks.rate_run import UPDATES, beginning
from trainer_cli.config.rules import LearningRateUnstable
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import BatchNorm, Dense, Dropout, Relu, Sigmoid
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Adam, Momentum, Rmsprop, Sgd
from trainer_cli.optim.schedules import Exponential, Step
from trainer_cli.training.loop import train

HIGH, LOW = "learning-rate-too-high", "learning-rate-too-low"
UNSTABLE, RATIO = "learning-rate-unstable", "update-ratio"
JUMPING = run(10, optimizer=Momentum(learning_rate=1.0))


def judge(experiment):
    plain = replace(experiment, checks=frozenset(), seed=0)
    found = check_rate(experiment, data_of(plain))
    assert [finding.rule for finding in found][:4] == [HIGH, LOW, UNSTABLE, RATIO]
    assert [finding.rule for finding in found][4:] in ([], ["plateau"])
    return {finding.rule: finding for finding in found}


def wrong(found):
    return [rule for rule, finding in found.items() if finding.status in ("warn", "fail")]


def only(found, rule, status):
    assert wrong(found) == [rule]
    assert found[rule].status == status
    return found[rule]


def test_the_messages_of_a_sound_rate():
    found = judge(run(10))
    assert [finding.status for finding in found.values()] == ["pass"] * 4
    loss = data_loss(run(10))
    assert [finding.message for finding in found.values()] == [
        "the cost stayed within 3 times the original 2.439",
        f"the loss goes from 2.4388 to {loss:.4f} in the first 100 updates",
        "the loss does not jump where it would fall at a lower rate",
        found[RATIO].message,
    ]
    assert found[RATIO].message.startswith("an update moves weights by 0.0")


def data_loss(experiment):
    return beginning(experiment, data_of(experiment)).epochs[-1].train_loss


def test_the_beginning_is_that_of_training():
    experiment = run(5)
    short, whole = (each(experiment, data_of(experiment)) for each in (beginning, train))
    np.testing.assert_array_equal(short.losses, whole.alone.losses[:UPDATES])
    np.testing.assert_array_equal(short.rates, whole.alone.rates[:UPDATES])
    assert short.start == whole.alone.start


def test_nothing_is_trained_beyond_the_end():
    experiment = run(1, 100)
    assert beginning(experiment, data_of(experiment)).updates == 13


def test_a_rate_that_explodes():
    found = judge(run(3, optimizer=Momentum(learning_rate=100.0)))
    finding = only(found, HIGH, "fail")
    assert finding.message == (
        "the cost reached 45.54 in epoch 1, after 1 update, and the limit is 3 times the original "
        "2.439: the learning rate 100 is too high"
    )
    assert finding.hint == (
        "try optimizer.learning_rate=0.1: from the same start, 100 updates at it lower the loss by "
        "2.4"
    )
    others = {rule: f.message for rule, f in found.items() if rule != HIGH}
    assert set(others.values()) == {"not judged: the cost exploded"}


def test_a_rate_that_moves_nothing():
    found = judge(run(3, optimizer=Momentum(learning_rate=1e-5)))
    finding = only(found, LOW, "warn")
    assert finding.message == (
        "the loss has barely moved: 2.43878 to 2.43726 in 100 updates; the learning rate 1e-05 is "
        "too low"
    )
    assert finding.hint == (
        "try optimizer.learning_rate=0.1: from the same start, 100 updates at it lower the loss by "
        "2.4, at the present rate by 0.0015"
    )
    assert found[RATIO].message == "not judged: explained by learning-rate-too-low"


def test_a_rate_that_will_not_come_far():
    finding = only(judge(run(10, optimizer=Momentum(learning_rate=5e-4))), LOW, "warn")
    assert finding.message == (
        "the loss goes from 2.43878 to 2.36558 in 100 updates, and all of the training will take "
        "off about 0.13: the learning rate 0.0005 is too low"
    )
    assert finding.hint == (
        "try optimizer.learning_rate=0.1: from the same start, 100 updates at it lower the loss by "
        "2.4"
    )


def test_a_loss_that_jumps():
    finding = only(judge(JUMPING), UNSTABLE, "warn")
    assert finding.message == (
        "the loss jumps up and down: after 100 updates it is around "
        f"{finding.evidence['typical_loss']:.4f}, where it began at 2.4388; the learning rate 1 is "
        "too high"
    )
    hint = "try optimizer.learning_rate=0.1: from the same start, 100 updates reach "
    assert finding.hint.startswith(hint)
    assert float(finding.hint.removeprefix(hint)) < finding.evidence["typical_loss"] / 2


def test_small_batches_have_a_share_in_it():
    experiment = points("spirals", 3, epochs=10, batch_size=1, noise=0.2, examples=600)
    finding = only(judge(experiment), UNSTABLE, "warn")
    assert finding.hint.startswith("try optimizer.learning_rate=0.0015: from the same start, 100 u")
    assert finding.hint.endswith("; or try training.batch_size=32")


def test_the_threshold_is_the_experiments():
    ahead = judge(JUMPING)[UNSTABLE].measured
    for behind, status in ((ahead - 0.01, "warn"), (ahead + 0.01, "pass")):
        rule = LearningRateUnstable(behind=behind)
        assert judge(replace(JUMPING, checks=frozenset({rule})))[UNSTABLE].status == status


def test_weights_that_hardly_move_beside_others():
    finding = only(judge(run(8, network=FROZEN, optimizer=Sgd(learning_rate=0.1))), RATIO, "warn")
    assert "network[0].weights hardly learn" in finding.message


def test_weights_that_are_thrown_about_at_times():
    finding = judge(replace(HEALTHY["batches of one"], optimizer=Sgd(learning_rate=0.3)))[RATIO]
    assert finding.status == "pass"
    assert finding.message == (
        "an update moves weights by an unusual share of their size at times, and not throughout"
    )


@pytest.mark.parametrize(
    ("experiment", "went"),
    [
        (run(5, network=DEAD), "the loss goes from {} to {} in 100 updates and to {} in 200"),
        (
            run(3, network=net(*[30] * 8, act=Sigmoid)),
            "the loss goes from {} to {} in 100 updates and to {} in 120",
        ),
    ],
    ids=["dead units", "vanishing gradient"],
)
def test_a_loss_that_stands_still_to_the_end(experiment, went):
    finding = only(judge(experiment), "plateau", "warn")
    numbers = re.findall(r"\d\.\d{4}", finding.message)
    assert finding.message == (
        f"{went.format(*numbers)}; no rate from 5e-11 to 50 does clearly better in 100 updates"
    )
    assert finding.hint == (
        "next to no gradient reaches the weights, or there is nothing to learn: look for dead "
        "units, for weights, inputs or scores that are far too small (nntrain check-activations), "
        "and whether the labels belong to the inputs"
    )


def test_a_flat_start_is_no_standstill():
    found = judge(run(25, network=net(50, 50, init=Normal(std=0.005))))
    assert not wrong(found)
    assert found[LOW].message.endswith("in 100 updates: the rate is not to blame")


def test_what_another_rule_must_explain_is_not_laid_on_the_rate():
    large = run(
        3,
        network=net(*[50] * 8, init=Normal(std=0.6)),
        optimizer=Sgd(learning_rate=0.01, clip_norm=1.0),
    )
    found = judge(large)
    assert not wrong(found)
    assert found[LOW].status == "skip"
    assert found[LOW].message == (
        "not judged: the loss begins at 1.362e+04, far above what chance gives (initial-loss)"
    )
    assert found[RATIO].message == (
        "not judged: the loss does not fall, and the rate is not to blame"
    )


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        (
            {"regularization": Regularization(l2=1.0)},
            "the loss goes from {} to {} in 100 updates, and no rate from 2e-11 to 20 does "
            "clearly better in 100 updates",
            "look at regularization.l2=1: without it, 100 updates at learning rate 0.1 lower the "
            "loss by {}",
        ),
        (
            {"regularization": Regularization(l2=0.3)},
            "the loss has only come down to that of equal scores, 2.303: {} to {} in 100 updates: "
            "regularization.l2=0.3 is too strong",
            "look at regularization.l2=0.3: without it, 100 updates at learning rate 0.1 lower the "
            "loss by {}",
        ),
        (
            {"optimizer": Adam(epsilon=1e3)},
            "the loss goes from {} to {} in 100 updates, and no rate from 1e-12 to 1 does clearly "
            "better in 100 updates",
            "look at optimizer.epsilon=1000: without it, 100 updates at learning rate 0.01 lower "
            "the loss by {}",
        ),
        (
            {"optimizer": Momentum(learning_rate=0.02, clip_norm=1e-3)},
            "the loss goes from {} to {} in 100 updates: optimizer.clip_norm=0.001 leaves next to "
            "nothing of the gradients",
            "raise it: without it, 100 updates at the learning rate 0.02 lower the loss by {}",
        ),
    ],
    ids=["penalty beyond all rates", "penalty", "epsilon", "clipping"],
)
def test_settings_that_hold_the_loss_back_are_named(settings, message, hint):
    finding = only(
        judge(run(8, **{"optimizer": Momentum(learning_rate=0.02)} | settings)), "plateau", "warn"
    )
    number = r"[0-9]+(\.[0-9]+)?"
    pattern = re.escape(message).replace(r"\{\}", number)
    assert re.fullmatch(pattern, finding.message), finding.message
    assert re.fullmatch(re.escape(hint).replace(r"\{\}", number), finding.hint), finding.hint


def test_a_schedule_that_ends_early_is_not_laid_on_the_rate():
    experiment = run(
        8, optimizer=Momentum(learning_rate=0.03), schedule=Step(factor=1e-3, every=0.1)
    )
    found = judge(experiment)
    assert not wrong(found)
    assert found[LOW].status == "skip"
    assert re.fullmatch(
        r"not judged: the schedule ends too early \(schedule-ends-early\); without it 100 updates "
        r"lower the loss by [0-9.]+",
        found[LOW].message,
    )


def test_a_cost_that_is_broken_from_the_start():
    found = judge(run(3, network=net(50, 50, init=Normal(std=1e30))))
    assert {finding.status for finding in found.values()} == {"skip"}
    assert found[HIGH].message == (
        "not judged: the cost became NaN or infinite before the first update"
    )
    assert found[LOW].message == "not judged: the cost was broken before the first update"


def test_labels_that_are_all_the_same():
    dataset = data_of(DIGITS)
    zeros = dataset.train.select(np.flatnonzero(dataset.train.labels == 0))
    found = {f.rule: f for f in check_rate(run(10), replace(dataset, train=zeros))}
    assert not wrong(found)
    assert found[LOW].message == (
        "not judged: all training examples that were measured have the same label"
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_runs_are_left_alone(name, seed):
    assert not wrong(judge(replace(HEALTHY[name], seed=seed)))


@pytest.mark.parametrize(
    ("optimizer", "rule"),
    [
        (Adam(learning_rate=30.0), HIGH),
        (Rmsprop(learning_rate=0.3), HIGH),
        (Sgd(learning_rate=1e6), HIGH),
        (Adam(learning_rate=1e-6), LOW),
        (Sgd(learning_rate=1e-12), LOW),
    ],
    ids=repr,
)
def test_extreme_rates_are_named(optimizer, rule):
    assert wrong(judge(run(5, optimizer=optimizer))) == [rule]


def test_a_schedule_that_leaves_nothing():
    experiment = run(10, optimizer=Sgd(learning_rate=0.01), schedule=Exponential(factor=0.01))
    assert wrong(judge(experiment)) == [LOW]


def test_a_batch_of_few_left_over_is_not_laid_on_the_rate():
    experiment = run(200, 1257, optimizer=Momentum(learning_rate=0.1))
    finding = only(judge(experiment), UNSTABLE, "warn")
    assert finding.message.endswith(
        "; the last batch of every epoch has 1 example, all others 1,257: updates by it are mere "
        "noise"
    )
    assert re.fullmatch(
        r"try training\.batch_size=629, which divides the 1,258 examples evenly: from the same "
        r"start, 100 updates lower the loss by [0-9.]+",
        finding.hint,
    )


def test_dropout_that_lets_the_loss_explode_is_not_laid_on_the_rate():
    layers = (Dense(units=60), Relu(), Dropout(rate=0.95)) * 2
    experiment = run(10, network=(*layers, Dense(units=10)), optimizer=Momentum(learning_rate=0.05))
    finding = only(judge(experiment), "plateau", "warn")
    assert re.fullmatch(
        r"the cost reached [0-9.]+ in epoch 1, after [0-9]+ updates, and the limit is 3 times the "
        r"original [0-9.]+, and at no lower rate does it fall far",
        finding.message,
    )
    assert re.fullmatch(
        r"look at network\[2\]\.rate=0\.95 and network\[5\]\.rate=0\.95: without them, 100 "
        r"updates at the learning rate 0\.05 lower the loss by [0-9.]+",
        finding.hint,
    )


def test_averages_that_lag_behind_are_no_matter_of_the_rate():
    network = (Dense(units=50), BatchNorm(momentum=0.99999), Relu(), Dense(units=10))
    assert not wrong(judge(run(5, network=network, optimizer=Momentum(learning_rate=0.05))))


def test_a_training_that_ends_too_soon_is_not_laid_on_the_rate():
    found = judge(run(1, 128, optimizer=Sgd(learning_rate=0.01)))
    assert not wrong(found)
    assert re.fullmatch(
        r"not judged: training ends too soon \(too-few-updates\): 100 updates [a-z ]+ [0-9.]+.*",
        found[LOW].message,
    ), found[LOW].message


def test_many_units_of_few_features_move_little_and_are_left_alone():
    experiment = changed(
        blobs(examples=600),
        network=(Dense(units=1000), Relu(), Dense(units=3)),
        optimizer=Momentum(learning_rate=1e-3),
    )
    assert RATIO not in wrong(judge(experiment))

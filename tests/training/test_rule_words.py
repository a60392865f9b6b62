"""What the rules say, word for word, of histories whose figures are set by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, data_of
from tests.training.faults import net, relabeled, run
from tests.training.judging import history_of, judged, wrong
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import Sigmoid, Tanh
from trainer_cli.optim.optimizers import Adam, Momentum, Sgd
from trainer_cli.optim.schedules import Exponential
from trainer_cli.training.diagnosis import diagnose, diagnose_from, live
from trainer_cli.training.diagnosis.case import NoDataError

DEEP = run(8, network=net(30, 30, act=Sigmoid), optimizer=Adam(learning_rate=0.01))
PLAIN = run(8)


def said(experiment, history, dataset=None):
    found = diagnose(experiment, dataset or data_of(DIGITS), history)
    return {finding.rule: finding for finding in found}


def ending(history, **figures):
    return replace(history, epochs=(*history.epochs[:-1], replace(history.epochs[-1], **figures)))


def looking(history, layer, *, at_start=False, **statistics):
    """Return the history with other statistics of a layer at the last look, or at all of them."""

    def changed(look):
        layers = list(look.layers)
        layers[layer] = replace(layers[layer], **statistics)
        return replace(look, layers=tuple(layers))

    looks = history.looks
    before = tuple(map(changed, looks[:-1])) if at_start else looks[:-1]
    return replace(history, looks=(*before, changed(looks[-1])))


def test_overfitting():
    history = ending(
        history_of(PLAIN), train_accuracy=0.9, validation_accuracy=0.6, validation_loss=9.0
    )
    lowest = min(history.epochs, key=lambda epoch: epoch.validation_loss)
    found = said(PLAIN, history)
    assert wrong(found) == ["overfitting"]
    assert found["overfitting"].message == (
        "training accuracy 90.0%, validation accuracy 60.0%: a gap of 30.0%, and of 24.3% at the "
        f"least for 270 validation examples; the validation loss has risen from "
        f"{lowest.validation_loss:.3g} in epoch {lowest.epoch} to 9"
    )
    assert found["overfitting"].hint == (
        "try some regularization (l2, dropout), augmentation, more training examples, a smaller "
        "network, or training.early_stopping"
    )


@pytest.mark.parametrize(("validation", "word"), [(0.01, "worse"), (0.1, "no better")])
def test_validation_worse_than_chance(validation, word):
    found = said(
        PLAIN, ending(history_of(PLAIN), train_accuracy=0.9, validation_accuracy=validation)
    )
    assert wrong(found) == ["validation-worse-than-chance"]
    finding = found["validation-worse-than-chance"]
    assert finding.message == (
        f"validation accuracy {validation:.1%} of 270 examples is {word} than chance, and training "
        "accuracy is 90.0%; the largest class alone gives 10.4%"
    )
    assert finding.hint == (
        "compare the validation examples with the training examples: labels that are shifted or "
        "shuffled, other units or another order of features; or the labels do not follow from the "
        "inputs"
    )
    assert found["overfitting"].message.startswith("explained by validation-worse-than-chance: ")


def test_underfitting():
    history = history_of(PLAIN)
    low = tuple(replace(e, train_accuracy=0.5, validation_accuracy=0.5) for e in history.epochs)
    found = said(PLAIN, replace(history, epochs=low))
    assert wrong(found) == ["underfitting"]
    assert found["underfitting"].message == (
        "training accuracy 50.0%, validation accuracy 50.0%: no gap, and low, where 10 nearest "
        "neighbours name 97.4% of the validation examples rightly"
    )
    assert found["underfitting"].hint == "try more units or layers, or more epochs"


def test_low_accuracy_may_be_all_that_the_data_allow():
    history = history_of(PLAIN)
    low = tuple(replace(e, train_accuracy=0.5, validation_accuracy=0.5) for e in history.epochs)
    noise = relabeled(PLAIN, 0.5)
    found = said(PLAIN, replace(history, epochs=low), noise)
    assert wrong(found) == []
    assert found["underfitting"].message.endswith(
        " of the validation examples rightly: nothing shows that the data allow more"
    )


def test_dead_units():
    died = looking(history_of(PLAIN), 1, dead=0.66)
    finding = said(PLAIN, died)["dead-units"]
    assert (finding.status, finding.message) == (
        "warn",
        "66% of the units of network[1] (relu) are dead after 320 updates, and were not at the "
        "start: they give the same for every example",
    )
    assert finding.hint == (
        "lower optimizer.learning_rate or what pulls weights to 0, or use leaky_relu"
    )
    always = looking(history_of(PLAIN), 1, dead=0.66, at_start=True)
    finding = said(PLAIN, always)["dead-units"]
    assert " after 320 updates, as at the start: " in finding.message
    assert finding.hint == (
        "center the inputs (center, standardize), start biases at 0 or slightly above (bias_init), "
        "weights not at 0, or use leaky_relu"
    )


def test_saturated_units():
    history = history_of(DEEP)
    assert wrong(said(DEEP, looking(history, 1, saturated=0.75))) == []  # it has learned
    finding = said(DEEP, looking(history, 1, saturated=0.85))["saturated-units"]
    assert (finding.status, finding.message) == (
        "warn",
        "85% of the values of network[1] (sigmoid) are saturated after 320 updates, and were not "
        "at the start: there the slope is almost 0",
    )
    assert (
        finding.hint == "lower optimizer.learning_rate, or put batch_norm before the nonlinearity"
    )
    always = said(DEEP, looking(history, 1, saturated=0.75, at_start=True))["saturated-units"]
    assert " after 320 updates, as at the start: " in always.message
    assert always.hint == (
        "start with smaller weights (init: xavier), scale the inputs (standardize), or put "
        "batch_norm before the nonlinearity"
    )


def test_vanishing_gradient():
    history = looking(history_of(DEEP), 1, gradient_std=1e-9)
    last = history.looks[-1].layers[3].gradient_norm
    finding = said(DEEP, history)["vanishing-gradient"]
    assert (finding.status, finding.message) == (
        "warn",
        "the gradients vanish on their way back after 320 updates, and did not at the start: their "
        f"norm falls from {last:.2g} at network[3] (sigmoid) to 5.5e-09 at network[1] (sigmoid)",
    )
    assert finding.hint == (
        "use relu instead of sigmoid or tanh, start with larger weights (he before relu, xavier "
        "before tanh and sigmoid: the defaults, where init is left out), or put batch_norm behind "
        "every layer with weights"
    )


def test_exploding_gradient():
    history = looking(history_of(DEEP), 1, gradient_std=1e9, at_start=True)
    last = history.looks[-1].layers[3].gradient_norm
    finding = said(DEEP, history)["exploding-gradient"]
    assert (finding.status, finding.message) == (
        "warn",
        "the gradients explode on their way back, from the start: their norm rises from "
        f"{last:.2g} at network[3] (sigmoid) to 5.5e+09 at network[1] (sigmoid)",
    )
    assert finding.hint == (
        "start with smaller weights (he before relu, xavier before tanh and sigmoid: the defaults, "
        "where init is left out), or put batch_norm behind every layer with weights"
    )


def test_an_exploding_gradient_in_training():
    history = looking(history_of(DEEP), 1, gradient_std=1e9)
    history = replace(history, epochs=tuple(replace(e, train_loss=1.0) for e in history.epochs))
    finding = said(DEEP, history)["exploding-gradient"]
    assert finding.message.startswith("the gradients explode on their way back: their norm rises ")
    assert finding.hint == (
        "bound the gradient (optimizer.clip_norm), lower optimizer.learning_rate, or put "
        "batch_norm behind every layer with weights"
    )


@pytest.mark.parametrize("factors", [(1e-9, 1.0), (1e4, 1e4)], ids=["low", "high"])
def test_update_ratio(factors):
    of = dict(zip(("network[0].weights", "network[2].weights"), factors, strict=True))
    history = history_of(replace(PLAIN, training=replace(PLAIN.training, monitor_every=1)))
    looks = tuple(
        replace(
            look,
            parameters=tuple(
                replace(each, ratio=1e-3 * of[each.parameter])
                if each.ratio is not None and each.parameter in of
                else each
                for each in look.parameters
            ),
        )
        for look in history.looks
    )
    found = said(PLAIN, replace(history, looks=looks))
    assert wrong(found) == ["update-ratio"]
    message, hint = found["update-ratio"].message, found["update-ratio"].hint
    if factors[0] < 1:
        assert message == (
            "an update moves network[0].weights by 1e-12 of their size, and network[2].weights by "
            "0.001: network[0].weights hardly learn"
        )
        assert hint == (
            "start network[0].weights smaller (the default init fits what follows), or bring the "
            "inputs to a usual scale (standardize)"
        )
    else:
        assert message == (
            "an update moves network[0].weights by 10 of their size: about 0.001 is usual, and "
            "0.01 much"
        )
        assert hint == "lower optimizer.learning_rate, or start with larger weights"


def test_slow_start():
    tiny = run(20, network=net(50, init=Normal(std=1e-4)), optimizer=Sgd(learning_rate=0.15))
    finding = judged(tiny)["slow-start"]
    flat, end = finding.evidence["flat_updates"], history_of(tiny).epochs[-1].train_loss
    assert finding.message == (
        f"the loss stayed around 2.3026 for {flat} updates of 800 and then fell, to {end:.4f}"
    )
    assert finding.hint.startswith(
        "the initial weights are to blame: with the default init, which fits what follows, "
        f"{min(flat, 300)} updates lower the loss by 2."
    )


def test_a_slow_start_of_usual_weights():
    deep = run(20, network=net(40, 40, 40, act=Sigmoid), optimizer=Momentum(learning_rate=0.2))
    history = history_of(deep)
    losses = np.concatenate([np.full(400, history.start.loss), history.losses[400:]])
    finding = said(deep, replace(history, losses=losses))["slow-start"]
    if finding.status == "warn":
        assert finding.hint == (
            "start with larger weights (init: he or xavier), put batch_norm behind every layer "
            "with weights, or use relu instead of sigmoid or tanh"
        )


def test_a_cost_that_jumps():
    rough = run(12, network=net(50, act=Tanh), optimizer=Adam(learning_rate=0.3))
    findings = judged(rough)
    assert wrong(findings) == ["learning-rate-too-high"]
    message, hint = (getattr(findings["learning-rate-too-high"], n) for n in ("message", "hint"))
    assert message.startswith("the cost jumps up and down: the loss rose in ")
    assert " of 12 epochs, by up to " in message
    assert "; the learning rate 0.3 is too high" in message
    assert hint.startswith("try optimizer.learning_rate=0.0")
    assert ": from the same start, 300 updates reach 0." in hint


def test_batches_that_are_too_small():
    findings = judged(run(4, 2, optimizer=Momentum(learning_rate=0.05)))
    assert wrong(findings) == ["noisy-cost"]
    message, hint = (getattr(findings["noisy-cost"], name) for name in ("message", "hint"))
    assert message.startswith("the cost jumps up and down: the loss rose in ")
    assert message.endswith(": batches of 2 are too noisy for the learning rate 0.05")
    assert hint.startswith("try training.batch_size=32: from the same start, 300 updates reach 0.")


def test_a_fall_that_is_almost_linear():
    slow = run(10, optimizer=Momentum(learning_rate=5e-4))
    findings, history = judged(slow), history_of(slow)
    low = findings["learning-rate-too-low"]
    assert low.message == (
        f"the loss falls almost linearly: 2.4388 to {history.epochs[-1].train_loss:.4f} in 400 "
        "updates; the learning rate 0.0005 is too low"
    )
    assert low.hint.startswith("try optimizer.learning_rate=0.05: from the same start, 133 updates")


def test_a_schedule_that_ends_too_soon():
    findings = judged(
        run(10, optimizer=Sgd(learning_rate=0.05), schedule=Exponential(factor=1e-3, per="epoch"))
    )
    assert wrong(findings) == ["learning-rate-too-low"]
    low = findings["learning-rate-too-low"]
    assert "; the schedule leaves 0.1 of the learning rate 0.05 on average" in low.message
    assert low.hint.startswith("let the schedule lower the rate later or more slowly: at the full ")


def test_without_data_the_others_judge():
    def gone():
        raise NoDataError("data.csv: no such file")

    slow = run(3, optimizer=Momentum(learning_rate=1e-5))
    found = {f.rule: f for f in diagnose_from(slow, gone, history_of(slow))}
    assert wrong(found) == []
    assert found["learning-rate-too-low"].message == (
        "not judged: the loss has barely moved; to tell why needs the data, and data.csv: no such "
        "file"
    )
    low = ending(history_of(PLAIN), train_accuracy=0.85, validation_accuracy=0.5)
    found = {f.rule: f for f in diagnose_from(PLAIN, gone, low)}
    assert wrong(found) == ["overfitting"]
    assert found["underfitting"].message == (
        "not judged: needs the data, and data.csv: no such file"
    )


@pytest.mark.parametrize(
    ("stopped", "why"),
    [("interrupted", "training was interrupted"), (None, "training has not ended")],
)
def test_a_run_that_has_not_ended(stopped, why):
    history = replace(history_of(PLAIN), stopped=stopped)
    found = said(PLAIN, history)
    assert wrong(found) == []
    assert found["learning-rate-too-low"].message == f"not judged: {why}"
    gap = ending(history, train_accuracy=0.9, validation_accuracy=0.5)
    assert wrong(said(PLAIN, gap)) == ["overfitting"]


def test_what_is_said_live_of_a_rate_that_moves_nothing():
    slow = run(10, optimizer=Sgd(learning_rate=1e-5))
    (finding,) = live(slow, replace(history_of(slow), stopped=None))
    end = history_of(slow).epochs[-1].train_loss
    assert finding.message == (
        f"the loss has barely moved, 2.4388 to {end:.4f}, and an update moves no weights by more "
        f"than {finding.measured:.2g} of their size, where 0.001 is usual; the learning rate "
        "1e-05 is too low"
    )
    assert finding.hint == "try a higher optimizer.learning_rate"
    assert wrong(judged(slow)) == ["learning-rate-too-low"]

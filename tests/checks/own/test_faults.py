"""Every fault planted in a network of one's own is found, and named."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import SOURCE, checked, planted, wrong
from trainer_cli.checks.selftest.catalogue import BY_NAME
from trainer_cli.checks.selftest.trial import source_of

ALL = "W1, b1, W2, b2"
OF_ALL = (
    "the gradient of W#, b#, W# and # more is wrong: at b#[#] it is #, but the cost changes by #"
)
ONE = "the gradient of {} is wrong; of {} it is right: at {} it is #, but the cost changes by #"
BETWEEN = (
    "the fault lies between W1, b1 and W2, b2: look at the nonlinearity (does backward multiply "
    "by its slope, for relu by where its input is positive?), and at what hands the gradient down "
    "to it"
)
SCORES = "remove what stands behind the last layer: the softmax loss takes the scores themselves"
LOSS = "the initial loss is #, but the softmax loss of the scores that it gives is #"
ZERO = "with all parameters at zero the loss is #, but must be: ln # = #"
REG = "from reg = # to # the loss goes from # to #, but ½·reg·Σw² would add #"
RISE = "the gradient does not rise by #·reg·w, the slope of the penalty: "
SCALE = (
    "in training the scores are # times those of evaluation, in the mean over # draws of its noise"
)
ADD = "add 1·reg·w to the gradient of each weight, as the loss has it"

# Name in the catalogue, and the findings: rule, message and hint.
FAULTS = {
    "wrong sign": [("gradient-at-start", OF_ALL, f"the sign of the gradient of {ALL} is wrong")],
    "missing batch division": [
        (
            "gradient-at-start",
            OF_ALL,
            f"the gradient of {ALL} is 10 times too large, the number of examples: it is not "
            f"divided by the batch size, and the loss is",
        )
    ],
    "divided by the batch twice": [
        (
            "gradient-at-start",
            OF_ALL,
            f"the gradient of {ALL} is 10 times too small, the number of examples: it is "
            f"divided by the batch size twice, or where the loss is not",
        )
    ],
    "missing bias gradient": [
        (
            "gradient-at-start",
            ONE.format("b#", "W#, W#, b#", "b#[#]"),
            "the gradient of b1 is missing: it is zero where it should not be",
        )
    ],
    "bias gradient left out": [
        (
            "gradient-at-start",
            "there is no gradient of b#",
            "grads has the names and the shapes of params",
        )
    ],
    "transposed gradient": [
        (
            "gradient-at-start",
            "the gradient of W# has the shape (#, #), W# itself (#, #)",
            "the gradient of W1 is transposed: write it as X.T.dot(dout)",
        )
    ],
    "no gradient through relu": [
        ("gradient-at-start", ONE.format("W#, b#", "W#, b#", "b#[#]"), BETWEEN)
    ],
    "labels of the gradient off by one": [
        (
            "gradient-at-start",
            OF_ALL,
            "the gradient of the loss takes the label beside: it is off by one there",
        )
    ],
    "bias that is not used": [
        (
            "gradient-at-start",
            ONE.format("b#", "W#, W#, b#", "b#[#]"),
            "the cost does not depend on b1: is it used in forward?",
        )
    ],
    "log2 for log": [
        (
            "loss-at-zero-scores",
            ZERO,
            "its logarithm is to base 2: use the natural one, np.log",
        ),
        ("initial-loss", LOSS, "its logarithm is to base 2: use the natural one, np.log"),
    ],
    "sum for mean": [
        (
            "loss-at-zero-scores",
            ZERO,
            "it is the sum over the 200 examples: divide by their number",
        ),
        ("initial-loss", LOSS, "it is the sum over the 200 examples: divide by their number"),
    ],
    "double softmax": [
        ("initial-loss", LOSS, "softmax is taken twice: give the loss the scores themselves")
    ],
    "labels of the loss off by one": [
        (
            "initial-loss",
            LOSS,
            "the label of every example is off by one: labels are 0 to C - 1",
        )
    ],
    "penalty on the biases": [
        ("regularization-loss", REG, "the penalty is on the biases too: leave them out")
    ],
    "penalty leaves out a layer": [("regularization-loss", REG, "the penalty leaves out W2")],
    "penalty divided by the examples": [
        (
            "regularization-loss",
            REG,
            "the penalty is divided by the number of examples: add it to their mean",
        )
    ],
    "softmax over the examples": [
        (
            "loss-at-zero-scores",
            ZERO,
            "softmax runs over the examples: it goes over the classes, axis 1",
        ),
        (
            "initial-loss",
            "the initial loss is #, # above ln # = #: the scores are too far apart "
            "(standard deviation #)",
            "see loss-at-zero-scores: the loss itself is wrong",
        ),
    ],
    "penalty without gradient": [("regularization-gradient", f"{RISE}W#: not at all", ADD)],
    "penalty's gradient twice": [("regularization-gradient", f"{RISE}W#: by # times that", ADD)],
    "relu behind the last layer": [
        (
            "output-activation",
            "no score is negative, and # are exactly #: a relu stands behind the last layer",
            SCORES,
        )
    ],
    "sigmoid behind the last layer": [
        (
            "output-activation",
            "all scores lie between # and #: a sigmoid stands behind the last layer",
            SCORES,
        )
    ],
    "nine scores for ten classes": [
        (
            "output-units",
            "the scores of # examples have the shape (#, #), but must be (#, #)",
            "the last layer gives one score for each of the 10 classes: build is told "
            "`classes` if it names it as a parameter",
        )
    ],
    "one layer of zeros": [
        (
            "input-independence",
            "on # examples the cost falls to # with their inputs, to # with zeros in their "
            "place: the network ignores its inputs",
            "all weights of W1 start equal: draw them at random",
        )
    ],
    "inputs lost": [
        (
            "input-independence",
            "on # examples the cost falls to # with their inputs, to # with zeros in their "
            "place: the network ignores its inputs",
            "look at where the inputs get lost: overwritten, not passed on, dead units",
        )
    ],
    "huge weights": [
        (
            "initial-loss",
            "the initial loss is inf: the scores are up to #, and the loss of them is infinite",
            "the initial weights are too large: draw them with std √(2 / fan_in) or less",
        )
    ],
    "mean of the batch subtracted": [
        (
            "batch-independence",
            "the scores of an example change by up to #, of #, with the other examples of the "
            "batch",
            "look for a sum, a mean or a softmax over the wrong axis, and for batch "
            "normalization that goes by the batch at test time",
        )
    ],
    "loss of the first example alone": [
        ("initial-loss", LOSS, "it is that of the first example alone: take the mean over all")
    ],
    "margin of the right class in the hinge loss": [
        (
            "loss-at-zero-scores",
            ZERO,
            "as a hinge loss it has a margin for the right class too: leave it out of the sum",
        ),
        (
            "initial-loss",
            "the initial loss is #, # above ln # = #: the scores are too far apart "
            "(standard deviation #)",
            "see loss-at-zero-scores: the loss itself is wrong",
        ),
    ],
    "penalty subtracted": [("regularization-loss", REG, "the penalty is subtracted: add it")],
    "weights shared by accident": [
        (
            "gradient-at-start",
            "A# and A# are the same array: what one learns changes the other",
            "give A2 an array of its own, or both one name, with the sum of their gradients",
        )
    ],
    "gradients added to those of the call before": [
        (
            "side-effects",
            "the gradients of Wx, Wh, b are twice as large in the second call, three times in the "
            "third: they are added to those of the calls before",
            "begin with new gradients in every call",
        )
    ],
    "loss that updates the weights": [
        (
            "side-effects",
            "loss changes W#, b#, W#, b#: params are others after a call",
            "leave params as they are in loss: updates are the optimizer's",
        )
    ],
    "dropout active at test time": [
        (
            "noise-at-test-time",
            "the scores of an example change by up to #, of #, from call to call: there is noise "
            "in them, as of dropout",
            "loss(X) is the network as at test time: leave dropout and other noise to training",
        )
    ],
    "dropout unscaled": [
        (
            "dropout-scale",
            SCALE,
            "divide dropout's mask by the share that is kept, 1 - p: it is not scaled",
        )
    ],
    "running averages that never move": [
        (
            "running-averages",
            "training normalizes by the batch, but the scores of loss(X) do not change with what "
            "training has seen: the running averages stay as they began",
            "update them in every loss(X, y), and keep them from call to call",
        )
    ],
    "batch statistics at test time": [
        (
            "batch-independence",
            "the scores of an example change by up to #, of #, with the other examples of the "
            "batch",
            "look for a sum, a mean or a softmax over the wrong axis, and for batch "
            "normalization that goes by the batch at test time",
        )
    ],
    "no nonlinearity between two layers": [
        (
            "missing-nonlinearity",
            "the scores are linear in the inputs: W#, W#, W# together are as good as one layer",
            "put a relu or another nonlinearity between them",
        )
    ],
    "one layer of equal weights": [
        (
            "constant-initialization",
            "all weights of W# start equal: so do all units, and they stay so",
            "draw them at random, for instance normal with std √(2 / fan_in)",
        )
    ],
    "ten layers of sigmoid": [
        (
            "vanishing-gradient",
            "the gradients vanish on their way back: their norm falls from # at W# to # at W#",
            "use relu instead of sigmoid or tanh, start with larger weights (std √(2 / fan_in)), "
            "or normalize the batch behind every layer",
        )
    ],
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name, tmp_path):
    assert len(FAULTS) >= 35
    case = BY_NAME[name]
    found = wrong(checked(tmp_path, source_of(case)))
    assert [(rule, message, hint) for rule, _, message, hint in found] == FAULTS[name]
    assert found[0][0] in case.rules


def test_all_weights_of_zero(tmp_path):
    source = SOURCE.replace("rng.standard_normal(", "0 * rng.standard_normal(")
    assert wrong(checked(tmp_path, source)) == [
        (
            "constant-initialization",
            "fail",
            "all weights of W#, W# start equal: so do all units, and they stay so",
            "draw them at random, for instance normal with std √(2 / fan_in)",
        )
    ]


def test_a_square_gradient_that_is_transposed(tmp_path):
    square = SOURCE.replace("int(np.prod(input_shape)), 50", "int(np.prod(input_shape)), 64")
    source = square.replace("X.T @ dh", "(X.T @ dh).T")
    ((rule, _, _, hint),) = wrong(checked(tmp_path, source))
    assert rule == "gradient-at-start"
    assert hint == "the gradient of W1 is transposed: write it as X.T.dot(dout)"


def test_examples_that_cannot_be_learned(tmp_path):
    frozen = planted('grads["W1"] = ', 'grads["W1"] = 0 * W1 if n == 20 else ')
    frozen = frozen.replace('"W2": hidden.T', '"W2": 0 * W2 if n == 20 else hidden.T')
    (finding,) = checked(tmp_path, frozen, chosen=["overfit"])["overfit"]
    assert finding.status == "fail"
    assert finding.message.startswith("20 training examples not learned by heart: accuracy is 0.")

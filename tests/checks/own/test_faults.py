"""Every fault planted in a network of one's own is found, and named."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import EXPERIMENT, SOURCE, checked, planted, wrong

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
ADD = "add 1·reg·w to the gradient of each weight, as the loss has it"

# Name: what stands there, what then stands there, and the findings.
FAULTS = {
    "wrong sign": (
        "d[np.arange(n), y] -= 1\n",
        "d[np.arange(n), y] -= 1\n        d = -d\n",
        [("gradient-at-start", OF_ALL, f"the sign of the gradient of {ALL} is wrong")],
    ),
    "missing batch division": (
        "        d /= n\n",
        "",
        [
            (
                "gradient-at-start",
                OF_ALL,
                f"the gradient of {ALL} is 10 times too large, the number of examples: it is not "
                f"divided by the batch size, and the loss is",
            )
        ],
    ),
    "divided twice": (
        "        d /= n\n",
        "        d /= n * n\n",
        [
            (
                "gradient-at-start",
                OF_ALL,
                f"the gradient of {ALL} is 10 times too small, the number of examples: it is "
                f"divided by the batch size twice, or where the loss is not",
            )
        ],
    ),
    "missing bias gradient": (
        'grads["b1"] = dh.sum(axis=0)',
        'grads["b1"] = np.zeros_like(b1)',
        [
            (
                "gradient-at-start",
                ONE.format("b#", "W#, W#, b#", "b#[#]"),
                "the gradient of b1 is missing: it is zero where it should not be",
            )
        ],
    ),
    "no bias gradient at all": (
        '        grads["b1"] = dh.sum(axis=0)\n',
        "",
        [
            (
                "gradient-at-start",
                "there is no gradient of b#",
                "grads has the names and the shapes of params",
            )
        ],
    ),
    "transposed": (
        'grads["W1"] = X.T @ dh + self.reg * W1',
        'grads["W1"] = dh.T @ X',
        [
            (
                "gradient-at-start",
                "the gradient of W# has the shape (#, #), W# itself (#, #)",
                "the gradient of W1 is transposed: write it as X.T.dot(dout)",
            )
        ],
    ),
    "no gradient through relu": (
        "        dh[hidden <= 0] = 0\n",
        "",
        [("gradient-at-start", ONE.format("W#, b#", "W#, b#", "b#[#]"), BETWEEN)],
    ),
    "labels of the gradient off by one": (
        "d[np.arange(n), y] -= 1",
        "d[np.arange(n), y - 1] -= 1",
        [
            (
                "gradient-at-start",
                OF_ALL,
                "the gradient of the loss takes the label beside: it is off by one there",
            )
        ],
    ),
    "a bias that is not used": (
        "X @ W1 + b1",
        "X @ W1",
        [
            (
                "gradient-at-start",
                ONE.format("b#", "W#, W#, b#", "b#[#]"),
                "the cost does not depend on b1: is it used in forward?",
            )
        ],
    ),
    "log2": (
        "-np.log(p",
        "-np.log2(p",
        [
            (
                "loss-at-zero-scores",
                ZERO,
                "its logarithm is to base 2: use the natural one, np.log",
            ),
            ("initial-loss", LOSS, "its logarithm is to base 2: use the natural one, np.log"),
        ],
    ),
    "sum for mean": (
        ".mean()\n",
        ".sum()\n",
        [
            (
                "loss-at-zero-scores",
                ZERO,
                "it is the sum over the 200 examples: divide by their number",
            ),
            ("initial-loss", LOSS, "it is the sum over the 200 examples: divide by their number"),
        ],
    ),
    "double softmax": (
        "        loss = -np.log",
        "        p = np.exp(p)\n        p /= p.sum(axis=1, keepdims=True)\n        loss = -np.log",
        [("initial-loss", LOSS, "softmax is taken twice: give the loss the scores themselves")],
    ),
    "labels off by one": (
        "        n = len(X)\n",
        "        n = len(X)\n        y = y - 1\n",
        [
            (
                "initial-loss",
                LOSS,
                "the label of every example is off by one: labels are 0 to C - 1",
            )
        ],
    ),
    "penalty on biases": (
        "(W2 * W2).sum()",
        "(W2 * W2).sum() + (b1 * b1).sum() + (b2 * b2).sum()",
        [("regularization-loss", REG, "the penalty is on the biases too: leave them out")],
    ),
    "penalty leaves out a layer": (
        " + (W2 * W2).sum()",
        "",
        [("regularization-loss", REG, "the penalty leaves out W2")],
    ),
    "penalty divided by the examples": (
        "0.5 * self.reg",
        "0.5 / n * self.reg",
        [
            (
                "regularization-loss",
                REG,
                "the penalty is divided by the number of examples: add it to their mean",
            )
        ],
    ),
    "softmax over the examples": (
        "p /= p.sum(axis=1, keepdims=True)",
        "p /= p.sum(axis=0, keepdims=True)",
        [
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
    ),
    "penalty without gradient": (
        " + self.reg * W2",
        "",
        [("regularization-gradient", f"{RISE}W#: not at all", ADD)],
    ),
    "penalty's gradient twice": (
        "+ self.reg * W1",
        "+ 2 * self.reg * W1",
        [("regularization-gradient", f"{RISE}W#: by # times that", ADD)],
    ),
    "relu behind the last layer": (
        "hidden @ W2 + b2",
        "np.maximum(0, hidden @ W2 + b2)",
        [
            (
                "output-activation",
                "no score is negative, and # are exactly #: a relu stands behind the last layer",
                SCORES,
            )
        ],
    ),
    "sigmoid behind the last layer": (
        "hidden @ W2 + b2",
        "1 / (1 + np.exp(-(hidden @ W2 + b2)))",
        [
            (
                "output-activation",
                "all scores lie between # and #: a sigmoid stands behind the last layer",
                SCORES,
            )
        ],
    ),
    "nine scores": (
        "int(np.prod(input_shape)), 50, classes",
        "int(np.prod(input_shape)), 50, 9",
        [
            (
                "output-units",
                "the scores of # examples have the shape (#, #), but must be (#, #)",
                "the last layer gives one score for each of the 10 classes: build is told "
                "`classes` if it names it as a parameter",
            )
        ],
    ),
    "one layer of zeros": (
        "rng.standard_normal((inputs, hidden)) * np.sqrt(2 / inputs)",
        "np.zeros((inputs, hidden))",
        [
            (
                "input-independence",
                "on # examples the cost falls to # with their inputs, to # with zeros in their "
                "place: the network ignores its inputs",
                "all weights of W1 start equal: draw them at random",
            )
        ],
    ),
    "inputs lost": (
        "X = X.reshape(len(X), -1)",
        "X = 0 * X.reshape(len(X), -1)",
        [
            (
                "input-independence",
                "on # examples the cost falls to # with their inputs, to # with zeros in their "
                "place: the network ignores its inputs",
                "look at where the inputs get lost: overwritten, not passed on, dead units",
            )
        ],
    ),
    "huge weights": (
        "np.sqrt(2 / inputs)",
        "1e9",
        [
            (
                "initial-loss",
                "the initial loss is inf: the scores overflow",
                "the initial weights are too large: draw them with std √(2 / fan_in) or less",
            )
        ],
    ),
    "mean of the batch": (
        "hidden = np.maximum(0, X @ W1 + b1)",
        "X = X - X.mean(axis=0)\n        hidden = np.maximum(0, X @ W1 + b1)",
        [
            (
                "batch-independence",
                "the scores of an example change by up to #, of #, with the other examples of the "
                "batch",
                "look for a sum, a mean or a softmax over the wrong axis, and for batch "
                "normalization that goes by the batch at test time",
            )
        ],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name, tmp_path):
    assert len(FAULTS) >= 20
    right, fault, expected = FAULTS[name]
    found = wrong(checked(tmp_path, planted(right, fault)))
    assert [(rule, message, hint) for rule, _, message, hint in found] == expected
    assert found[0][1] == "fail"


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


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (
            "1e6",
            (
                "learning-rate-too-high",
                "fail",
                "at # the cost explodes, from # to inf in # update",
                "set optimizer.learning_rate=1: at 10 it no longer explodes",
            ),
        ),
        (
            "1e-9",
            (
                "learning-rate-too-low",
                "warn",
                "at # all # updates of the training together move the weights by at most # of "
                "their size",
                "take a higher optimizer.learning_rate: 100 times, and check again",
            ),
        ),
    ],
)
def test_a_learning_rate(rate, expected, tmp_path):
    experiment = EXPERIMENT.replace("0.05", rate)
    assert wrong(checked(tmp_path, SOURCE, experiment)) == [expected]


def test_examples_that_cannot_be_learned(tmp_path):
    frozen = planted('grads["W1"] = ', 'grads["W1"] = 0 * W1 if n == 20 else ')
    frozen = frozen.replace('"W2": hidden.T', '"W2": 0 * W2 if n == 20 else hidden.T')
    (finding,) = checked(tmp_path, frozen, chosen=["overfit"])["overfit"]
    assert finding.status == "fail"
    assert finding.message.startswith("20 training examples not learned by heart: accuracy is 0.")

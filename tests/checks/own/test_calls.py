"""What differs from call to call, or between loss(X, y) and loss(X), is found, and named."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import EXPERIMENT, SOURCE, checked, planted, wrong
from trainer_cli.checks.selftest.catalogue import BY_NAME
from trainer_cli.checks.selftest.trial import NETWORKS, source_of

LOSS, EFFECTS, GRADIENT = "initial-loss", "side-effects", "gradient-at-start"
WRONG = "the gradient of {} is wrong; of {} it is right: at {} it is #, but the cost changes by #"
EPS = (
    "where something is divided by a standard deviation, add to it what keeps it from 0: "
    "np.sqrt(var + eps)"
)

# Name in the catalogue, and the first finding: rule, message and hint.
FAULTS = {
    "no bias in the scores of loss(X)": (
        LOSS,
        "loss(X, y) depends on b#, and the scores of loss(X) do not",
        "use b2 in both: the forward pass is one and the same",
    ),
    "no relu in the scores of loss(X)": (
        LOSS,
        "loss(X, y) does not go by the scores that loss(X) gives: there are ways to change the "
        "parameters that change the one and not the other",
        "let both run the same forward pass: one of them leaves out a nonlinearity or a bias, or "
        "scales something that the other does not",
    ),
    "probabilities for scores": (
        "output-activation",
        "loss(X) gives probabilities: positive, with the sum #",
        "return the scores before the softmax, which loss(X, y) goes by",
    ),
    "examples shuffled without their labels": (
        LOSS,
        "the loss changes from call to call, but not where all labels are equal: examples and "
        "labels are not in the same order",
        "shuffle X and y together, by one permutation, and outside of loss",
    ),
    "loss of half of the batch": (
        LOSS,
        "the loss does not depend on the labels of # of # examples",
        "take the score of each example's own label, scores[np.arange(N), y], for all N examples",
    ),
    "inputs of the first call kept": (
        EFFECTS,
        "what loss(X, y) gives depends on the batch that it was given before",
        "keep nothing of a batch for the next call: backward needs what this forward made",
    ),
    "inputs scaled in place": (
        EFFECTS,
        "loss changes X: the array that it is given is another one after a call",
        "work on a copy: X = 0.5 * X makes one, and X *= 0.5 does not",
    ),
    "batch norm without eps": (
        "loss-at-zero-scores",
        "with all parameters at zero the loss is nan, but must be: ln # = #",
        EPS,
    ),
    "margin of 10": (
        "loss-at-zero-scores",
        "with all parameters at zero the loss is #, but must be: ln # = #",
        "as a hinge loss it has a margin of 10, not 1",
    ),
    "weights that are all positive": (
        "constant-initialization",
        "no weight of W# is below #: all units start much alike",
        "draw them around zero, for instance by np.random.randn and not by rand",
    ),
    "penalty that outweighs all": (
        "penalty-outweighs-loss",
        "at the start the penalty of reg = # is #, # times the loss of equal scores, #: training "
        "will make the weights small, and learn little else",
        "lower reg: 1e-4 to 1e-2 is usual, and it must suit the loss",
    ),
}
EARLY = ["network", "loss", "independence", "grad", "reg"]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name, tmp_path):
    case = BY_NAME[name]
    found = wrong(checked(tmp_path, source_of(case), chosen=EARLY))
    found = [each for each in found if each[1] == "fail"] or found
    rule, _, message, hint = found[0]
    assert (rule, message, hint) == FAULTS[name]
    assert rule in case.rules


def only(folder, source, **options):
    """Return rule, message and hint of the one thing that is wrong."""
    ((rule, _, message, hint),) = wrong(checked(folder, source, chosen=EARLY, **options))
    return rule, message, hint


def test_scores_times_a_factor(tmp_path):
    source = planted("        n = len(X)\n", "        n, scores = len(X), 0.5 * scores\n")
    source = source.replace("d /= n", "d /= 2 * n")
    assert only(tmp_path, source) == (
        LOSS,
        "the loss of loss(X, y) is that of # times the scores of loss(X)",
        "give both the same scores: look for a factor, or a temperature, in one alone",
    )


DEEP = (NETWORKS / "fully_connected.py").read_text(encoding="utf-8")


def test_averages_of_another_size_than_those_of_training(tmp_path):
    root = "    root = np.sqrt(var + eps)\n"
    off = DEEP.replace("DROPPED = 0.2", "DROPPED = 0.0")
    found = checked(tmp_path, off, chosen=["independence"])["independence"]
    assert [each.status for each in found] == ["pass", "pass", "skip"]
    wrong_one = off.replace(root, "    root = np.sqrt(var + eps) if training else var + eps\n")
    assert wrong_one != off
    assert only(tmp_path, wrong_one) == (
        "running-averages",
        "training normalizes by the batch, but however often it sees the same one, loss(X) gives "
        "other scores than loss(X, y): it goes by other averages",
        "keep running averages of its own for every layer, both of mean and variance, and divide "
        "by np.sqrt(running_var + eps) as in training",
    )


def test_a_bias_that_is_huge(tmp_path):
    source = planted('"b2": np.zeros(classes)', '"b2": 30.0 * (np.arange(classes) == 0)')
    assert only(tmp_path, source) == (
        LOSS,
        "the initial loss is #, # above ln # = #: the scores are too far apart (standard "
        "deviation #)",
        "it is b2, with values up to 30: start biases at 0",
    )


def test_gradients_that_are_swapped(tmp_path):
    source = DEEP.replace(
        "return below / root, d_gamma, d_beta", "return below / root, d_beta, d_gamma"
    )
    assert source != DEEP
    rule, message, hint = only(tmp_path, source)
    assert rule == GRADIENT
    assert message.startswith("the gradient of gamma#, beta#, ")
    assert hint == "the gradients of gamma1 and beta1 are swapped"


def test_a_gradient_of_a_layer_whose_bias_is_right(tmp_path):
    source = planted("hidden.T @ d +", "(hidden + 1).T @ d +")
    assert only(tmp_path, source) == (
        GRADIENT,
        WRONG.format("W#", "W#, b#, b#", "W#[#, #]"),
        "of its layer b2 is right: look at the formula of dW2 itself, and at the input that it "
        "takes",
    )


def test_a_hidden_layer_of_integers(tmp_path):
    source = planted("X @ W1 + b1)", "X @ W1 + b1).astype(int)")
    rule, _, hint = only(tmp_path, source)
    assert rule == GRADIENT
    assert hint == (
        "the cost changes with W1, b1 in jumps alone: look for an array of integers in forward, "
        "or for rounding"
    )


def test_units_that_start_with_the_same_weights(tmp_path):
    source = planted(
        "rng.standard_normal((inputs, hidden))",
        "np.repeat(rng.standard_normal((inputs, 1)), hidden, 1)",
    )
    first = wrong(checked(tmp_path, source, chosen=EARLY))[0]
    assert first == (
        "constant-initialization",
        "fail",
        "all units of W# start with the same weights, and stay so",
        "draw those of each unit at random, for instance normal with std √(2 / fan_in)",
    )


def test_a_small_start_is_not_the_rates_fault(tmp_path):
    small = SOURCE.replace("np.sqrt(2 / inputs)", "1e-3").replace("np.sqrt(2 / hidden)", "1e-3")
    text = EXPERIMENT.replace("0.05", "0.1")
    found = checked(tmp_path, small, text, chosen=["rate"])["rate"]
    low = next(each for each in found if each.rule == "learning-rate-too-low")
    assert low.status == "pass"
    assert low.message.startswith("from weights ")
    assert low.message.endswith(" times as large the learning rate 0.1 does well: it starts flat")
    slow = checked(tmp_path, small, text.replace("0.1", "1e-5"), chosen=["rate"])["rate"]
    assert [each.status for each in slow if each.rule == "learning-rate-too-low"] == ["warn"]


def test_inputs_of_which_nothing_is_made(tmp_path):
    faint = planted("X = X.reshape(len(X), -1)", "X = 1e-12 * X.reshape(len(X), -1)")
    (found,) = checked(tmp_path, faint, chosen=["baseline"])["baseline"]
    assert found.status == "fail"
    assert found.message.endswith(" in their place: no rate makes anything of the inputs")


def test_equal_examples_that_have_no_loss(tmp_path):
    source = planted(", y]).mean()", ", y]).mean() + 0 / np.ptp(X, axis=0).max()")
    assert only(tmp_path, source) == (LOSS, "the loss of equal examples is nan", EPS)


SVM = (NETWORKS / "linear_svm.py").read_text(encoding="utf-8")


def test_a_hinge_loss_without_a_margin(tmp_path):
    found = wrong(checked(tmp_path, SVM.replace("DELTA = 1.0", "DELTA = 0.0"), chosen=["loss"]))
    assert found[0][3] == "it is 0: a hinge loss has a margin of 1, which equal scores do not keep"


def test_a_wrong_gradient_of_a_hinge_loss(tmp_path):
    _, _, hint = only(tmp_path, SVM.replace("-= d.sum(axis=1)", "-= 1"))
    assert hint == (
        "every gradient is wrong: look at the gradient of the loss first (for a hinge loss 1 / N "
        "where a margin is not kept, and minus their number at the label), then at the last "
        "layer's backward"
    )


def test_what_lies_between_right_and_wrong_gradients(tmp_path):
    source = DEEP.replace("below = d_hat - d_hat.mean(axis=0)", "below = d_hat.copy()")
    _, _, hint = only(tmp_path, source)
    assert hint.endswith(
        ": look at the nonlinearity (does backward multiply by its slope, for relu by where its "
        "input is positive?), at normalization (through mean and variance too?), and at what "
        "hands the gradient down to it"
    )
    images = (NETWORKS / "convolutional.py").read_text(encoding="utf-8")
    cut = images.replace(
        "below = d_padded[:, PAD:-PAD, PAD:-PAD]", "below = d_padded[:, : -2 * PAD, : -2 * PAD]"
    )
    assert cut != images
    _, _, hint = only(tmp_path, cut)
    assert "at pooling and convolution" in hint


def test_a_parameter_that_loss_adds(tmp_path):
    source = planted("        n = len(X)\n", "        n = len(X)\n        self.params['W9'] = W1\n")
    assert only(tmp_path, source) == (
        EFFECTS,
        "loss adds W# to params",
        "params is what is learned: keep what a call makes elsewhere",
    )


STABLE = (
    "for softmax take each row's maximum off before np.exp, so that nothing overflows, and no "
    "logarithm of 0: s = scores - scores.max(axis=1, keepdims=True), and then s - "
    "np.log(np.exp(s).sum(axis=1, keepdims=True))"
)
OVERFLOWS = "the initial loss is nan: the scores are finite, up to #, and what is made of them is "


def test_a_loss_that_overflows_though_the_scores_do_not(tmp_path):
    source = planted("np.exp(shifted)", "np.exp(scores * 1e4)")
    found = wrong(checked(tmp_path, source, chosen=["loss"]))
    assert found == [("initial-loss", "fail", f"{OVERFLOWS}not a number", STABLE)]


def test_a_loss_that_is_never_a_number(tmp_path):
    source = planted(", y]).mean()", ", y]).mean() * np.nan")
    assert wrong(checked(tmp_path, source, chosen=["loss"])) == [
        (
            "loss-at-zero-scores",
            "fail",
            "with all parameters at zero the loss is nan, but must be: ln # = #",
            "see initial-loss: as built it is no number either",
        ),
        ("initial-loss", "fail", f"{OVERFLOWS}not a number", STABLE),
    ]


def test_a_gradient_with_an_axis_too_many(tmp_path):
    source = planted("dh.sum(axis=0)", "dh.sum(axis=0, keepdims=True)")
    assert only(tmp_path, source) == (
        GRADIENT,
        "the gradient of b# has the shape (#, #), b# itself (#,)",
        "grads has the names and the shapes of params",
    )
    row = planted('"b1": np.zeros(hidden)', '"b1": np.zeros((1, hidden))')
    assert wrong(checked(tmp_path, row, chosen=EARLY)) == []


def test_a_gradient_of_what_is_no_parameter(tmp_path):
    more = planted(
        "        return loss, grads\n", "        grads['X'] = 0\n        return loss, grads\n"
    )
    found = checked(tmp_path, more, chosen=EARLY)
    assert wrong(found) == []
    message = found["grad"][0].message
    assert message.endswith("; grads has X too, which is not in params")
    assert only(tmp_path, planted('grads["b1"] =', 'grads["B1"] =')) == (
        GRADIENT,
        "there is no gradient of b#",
        "grads has the names and the shapes of params: it has B1, which params has not",
    )


def test_scores_that_are_fewer_in_small_batches(tmp_path):
    source = planted("            return scores\n", "            return scores[:, : len(X)]\n")
    assert only(tmp_path, source) == (
        "output-units",
        "the scores of # examples have the shape (#, #), but must be (#, #)",
        "the last layer gives one score for each of the 10 classes: build is told `classes` if it "
        "names it as a parameter",
    )


@pytest.mark.parametrize("how", ["np.asfortranarray({})", "{}[::-1]", "np.float16({})"])
def test_arrays_that_lie_otherwise_in_memory(how, tmp_path):
    weights = "rng.standard_normal((inputs, hidden)) * np.sqrt(2 / inputs)"
    assert wrong(checked(tmp_path, planted(weights, how.format(f"({weights})")))) == []


ON_GAMMA = """                grads[f"gamma{i}"] += self.reg * p[f"gamma{i}"]
"""
PENALTY = """            grads[f"W{i}"] += self.reg * p[f"W{i}"]
"""


def test_a_penalty_on_what_scales(tmp_path):
    whole = """            if i < self.layers:
                loss += 0.5 * self.reg * np.sum(p[f"gamma{i}"] ** 2)
"""
    _, _, hint = only(tmp_path, DEEP.replace(PENALTY, PENALTY + whole + ON_GAMMA))
    assert hint == "the penalty is on gamma1, gamma2 too, which scale: leave them out"
    half = DEEP.replace(PENALTY, f"{PENALTY}            if i < self.layers:\n{ON_GAMMA}")
    assert only(tmp_path, half) == (
        "regularization-gradient",
        "the gradient does not rise by #·reg·w, the slope of the penalty: gamma#: though it "
        "scales, and the penalty leaves it out; gamma#: though it scales, and the penalty leaves "
        "it out",
        "leave gamma1, gamma2 out: the penalty of the loss is on weights alone",
    )


def test_a_rate_that_takes_off_what_is_above_chance(tmp_path):
    noisy = DEEP.replace('(50, 30), "relu"', '(64, 64, 64), "sigmoid"').replace("0.2", "0.5")
    found = checked(tmp_path, noisy, chosen=["rate"])
    assert wrong(found) == []
    slow = checked(tmp_path, noisy, EXPERIMENT.replace("0.05", "1e-5"), chosen=["rate"])
    assert [each[0] for each in wrong(slow)] == ["learning-rate-too-low"]


def test_what_is_set_of_numpys_errors_ends_with_the_call(tmp_path):
    source = SOURCE.replace(
        "import numpy as np\n", "import numpy as np\n\nnp.seterr(all='raise')\n"
    )
    assert wrong(checked(tmp_path, source)) == []

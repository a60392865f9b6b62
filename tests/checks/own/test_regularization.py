"""The penalty of a network of one's own: what is recognized, and what is said of it."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import NUMBER, SOURCE, checked, wrong

SQUARES = "0.5 * self.reg * ((W1 * W1).sum() + (W2 * W2).sum())"
# The penalty in the loss, its slope for W, and what both are called.
PENALTIES = {
    "half of the squares": (SQUARES, "self.reg * W", "½·reg·Σw²", "1·reg·w"),
    "squares": (SQUARES.removeprefix("0.5 * "), "2 * self.reg * W", "reg·Σw²", "2·reg·w"),
    "magnitudes": (
        "self.reg * (np.abs(W1).sum() + np.abs(W2).sum())",
        "self.reg * np.sign(W)",
        "reg·Σ|w|",
        "reg·sign(w)",
    ),
}


def with_penalty(cost, slope):
    source = SOURCE.replace(SQUARES, cost)
    for name in ("W1", "W2"):
        source = source.replace(f"self.reg * {name}", slope.replace("W", name))
    return source


@pytest.mark.parametrize("name", PENALTIES)
def test_usual_penalties_pass(name, tmp_path):
    cost, slope, text, rise = PENALTIES[name]
    found = checked(tmp_path, with_penalty(cost, slope), chosen=["reg", "grad"])
    assert wrong(found) == []
    loss, gradient, *_ = found["reg"]
    assert NUMBER.sub("#", loss.message) == (
        f"from reg = # to # the loss goes from # to #, by {text} exactly"
    )
    assert gradient.message == (f"the gradient rises by {rise}, and that of biases not at all")


def test_a_slope_of_another_penalty_is_found(tmp_path):
    magnitudes, *_ = PENALTIES["magnitudes"]
    found = checked(tmp_path, with_penalty(magnitudes, "self.reg * W"), chosen=["reg"])
    ((rule, status, message, hint),) = wrong(found)
    assert (rule, status) == ("regularization-gradient", "fail")
    assert message == (
        "the gradient does not rise by reg·sign(w), the slope of the penalty: W#: by # times that; "
        "W#: by # times that"
    )
    assert hint == "add reg·sign(w) to the gradient of each weight, as the loss has it"


def test_magnitudes_of_biases_are_told(tmp_path):
    cost = "self.reg * (np.abs(W1).sum() + np.abs(W2).sum() + np.abs(b2).sum())"
    found = checked(tmp_path, with_penalty(cost, "self.reg * np.sign(W)"), chosen=["reg"])
    ((rule, _, message, hint),) = wrong(found)
    assert rule == "regularization-loss"
    assert message == "from reg = # to # the loss goes from # to #, but ½·reg·Σw² would add #"
    assert hint == "the penalty is on b2 too, a bias: leave it out"

"""A torch.nn.Module of one's own: sound ones pass, faults are named."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import EXPERIMENT, checked, wrong

pytest.importorskip("torch")

SOURCE = """\
import torch
from torch import nn


class Relu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (x > 0)


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.first = nn.Linear(inputs, 50)
        self.last = nn.Linear(50, classes)

    def forward(self, x):
        hidden = Relu.apply(self.first(x.flatten(1)))
        return self.last(hidden)


def build(input_shape, classes):
    return Net(input_shape[0] * input_shape[1] * input_shape[2], classes)
"""
SCORES = "remove what stands behind the last layer: the softmax loss takes the scores themselves"
LOST = (
    "on # examples the cost falls to # with their inputs, to # with zeros in their place: the "
    "network ignores its inputs"
)
FAULTS = {
    "softmax": (
        "self.last(hidden)",
        "self.last(hidden).softmax(1)",
        (
            "output-activation",
            "fail",
            "the scores of every example are positive and add up to #: a softmax stands behind the "
            "last layer, and the loss takes another of it",
            SCORES,
        ),
    ),
    "detached": (
        "self.last(hidden)",
        "self.last(hidden.detach())",
        (
            "gradient-at-start",
            "fail",
            "there is no gradient of first.weight, first.bias",
            "something between them and the scores is detached from the graph, by detach(), "
            ".data, torch.no_grad() or NumPy",
        ),
    ),
    "backward of relu": (
        "g * (x > 0)",
        "g",
        (
            "gradient-at-start",
            "fail",
            "the gradient of first.weight, first.bias is wrong; of last.weight, last.bias it is "
            "right: at first.bias[#] it is #, but the cost changes by #",
            "the fault lies between first.weight, first.bias and last.weight, last.bias: look at "
            "the nonlinearity (does backward multiply by its slope, for relu by where its input is "
            "positive?), and at what hands the gradient down to it",
        ),
    ),
    "inputs lost": (
        "x.flatten(1)",
        "0 * x.flatten(1)",
        (
            "input-independence",
            "fail",
            LOST,
            "look at where the inputs get lost: overwritten, not passed on, dead units",
        ),
    ),
    "not used": (
        "self.last = ",
        "self.other = nn.Linear(3, 3)\n        self.last = ",
        (
            "gradient-at-start",
            "warn",
            "the cost does not depend on other.weight, other.bias; the rest of the gradient is "
            "right: # slopes of # parameters agree but for rounding",
            "use it in forward, or remove it",
        ),
    ),
}


@pytest.mark.parametrize(
    "change",
    [
        ("", ""),
        ("nn.Linear(inputs, 50)", "nn.Sequential(nn.Linear(inputs, 50), nn.BatchNorm1d(50))"),
        ("self.last(hidden)", "self.last(nn.functional.dropout(hidden, 0.1, self.training))"),
        ("self.last(hidden)", "self.last(hidden).log_softmax(1)"),
    ],
)
def test_a_sound_module_passes(change, tmp_path):
    assert wrong(checked(tmp_path, SOURCE.replace(*change) if change[0] else SOURCE)) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name, tmp_path):
    right, fault, expected = FAULTS[name]
    assert SOURCE.count(right) == 1
    assert wrong(checked(tmp_path, SOURCE.replace(right, fault))) == [expected]


def test_a_module_has_no_penalty(tmp_path):
    (skip,) = checked(tmp_path, SOURCE, EXPERIMENT, chosen=["reg"])["reg"]
    assert skip.message == "not judged: a module has no reg"
    assert skip.hint == "weight decay is the optimizer's: see optimizer"

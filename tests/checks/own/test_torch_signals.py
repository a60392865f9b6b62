"""What can be seen within a torch.nn.Module is judged: signals, gradients, how it is wired."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import EXPERIMENT, checked, wrong
from tests.checks.own.torch_modules import HEAD, PLAIN, SOUND

pytest.importorskip("torch")

FIRST = EXPERIMENT.replace('build"}', 'build", layout: channels_first}')
STEPS = ["data", "network", "activations"]
FITTING = "nn.init.kaiming_normal_ before relu, xavier_normal_ before tanh and sigmoid"
NORMALIZE = "or put normalization (nn.BatchNorm1d ...) behind every layer with weights"
NORM = "self.norm(x)"
PASS = "        pass\n"
ALL = "        for each in (self.a, self.b, self.c, self.d):\n"
RATHER = (
    f"use nn.ReLU instead of sigmoid or tanh, start with larger weights ({FITTING}), {NORMALIZE}"
)

# Changes of the plain network without its normalization, and what is found then.
FAULTS = {
    "tiny weights": (
        (
            PASS,
            f"{ALL}            nn.init.normal_(each.weight, 0, 1e-5)\n"
            "            each.bias.data.zero_()\n",
        ),
        (
            "vanishing-activations",
            "fail",
            "the activations vanish: their standard deviation falls from # at the input to # at "
            "relu before d (Linear)",
            f"start with larger weights ({FITTING}), {NORMALIZE}",
        ),
        (
            "vanishing-gradient",
            "fail",
            "the gradients vanish on their way back: their norm falls from # at relu before d "
            "(Linear) to # at relu before b (Linear)",
            RATHER,
        ),
    ),
    "huge weights": (
        (PASS, f"{ALL}            nn.init.normal_(each.weight, 0, 10.0)\n"),
        (
            "exploding-activations",
            "fail",
            "the activations explode: their standard deviation rises from # at the input to # at "
            "d (Linear)",
            f"start with smaller weights ({FITTING}), {NORMALIZE}",
        ),
        (
            "exploding-gradient",
            "warn",
            "the gradients explode on their way back: their norm rises from # at relu before d "
            "(Linear) to # at relu before b (Linear)",
            f"start with smaller weights ({FITTING}), {NORMALIZE}",
        ),
    ),
    "dead units": (
        (PASS, "        nn.init.constant_(self.b.bias, -100.0)\n"),
        (
            "dead-units",
            "fail",
            "# of the units of relu before c (Linear) are dead: they give the same for every "
            "example",
            "center the inputs (center, standardize), start biases at 0 or slightly above, weights "
            "not at 0, or use nn.LeakyReLU",
        ),
    ),
    "saturated": (
        ("F.relu(self.a(x.flatten(1)))", "torch.tanh(400 * self.a(x.flatten(1)))"),
        (
            "saturated-units",
            "fail",
            "# of the values of tanh before b (Linear) are saturated, and over # in # layer: "
            "there the slope is almost #",
            "start with smaller weights (nn.init.xavier_normal_), scale the inputs (standardize), "
            "or put normalization before the nonlinearity",
        ),
    ),
    "equal units": (
        (
            PASS,
            "        self.b.weight.data[1:] = self.b.weight.data[:1]\n"
            "        self.b.bias.data[:] = 1\n",
        ),
        (
            "identical-units",
            "fail",
            "# of the units of relu before c (Linear) give the same as another unit: they get the "
            "same gradient, and stay equal for ever",
            f"start with random weights ({FITTING})",
        ),
    ),
    "no nonlinearity": (
        ("F.relu(self.b(x))", "self.b(x)"),
        (
            "missing-nonlinearity",
            "warn",
            "nothing nonlinear stands between b (Linear) and c (Linear): together they are one "
            "linear layer",
            "put nn.ReLU behind b",
        ),
    ),
    "dropout behind the scores": (
        ("self.d(self.drop(x))", "self.drop(self.d(x))"),
        (
            "dropout-placement",
            "fail",
            "drop (Dropout) silences scores: it stands behind the layer that gives them",
            "move it before the last layer, or remove it",
        ),
    ),
    "dropout before normalization": (
        (NORM, "self.norm(self.drop(x))"),
        (
            "dropout-placement",
            "warn",
            "drop (Dropout) stands before norm (BatchNorm#d), which learns the variance that "
            "dropout makes in training and not in evaluation",
            "move it behind norm and its nonlinearity",
        ),
    ),
    "a function's dropout before normalization": (
        (NORM, "self.norm(F.dropout(x, 0.5, self.training))"),
        (
            "dropout-placement",
            "warn",
            "dropout stands before norm (BatchNorm#d), which learns the variance that dropout "
            "makes in training and not in evaluation",
            "move it behind norm and its nonlinearity",
        ),
    ),
    "one unit": (
        ("F.relu(self.b(x))", "torch.tanh(self.b(x)[:, :1])"),
        (
            "bottleneck",
            "warn",
            "getitem before c (Linear) gives a single value, which can hardly tell # classes apart",
            "give it more units: about as many as there are classes, or more",
        ),
    ),
}


def planted(right, fault):
    """Return the plain network with a fault; normalized only where that belongs to it."""
    source = PLAIN if right == NORM else PLAIN.replace(NORM, "x")
    assert source.count(right) == 1, right
    if "[:, :1]" in fault:
        source = source.replace("self.c = nn.Linear(64", "self.c = nn.Linear(1")
    return source.replace(right, fault)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_module_passes(name, tmp_path):
    assert len(SOUND) >= 10
    found = checked(tmp_path, HEAD + SOUND[name], FIRST, chosen=[*STEPS, "grad"])
    assert wrong(found) == []
    judged = {each.rule for each in found["activations"] if each.status == "pass"}
    assert judged >= {"vanishing-activations", "exploding-activations", "dead-units"}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name, tmp_path):
    change, *expected = FAULTS[name]
    assert wrong(checked(tmp_path, planted(*change), FIRST, chosen=STEPS)) == expected


SKIPPED = {
    "the inputs do not get through": (
        ("x.flatten(1)", "0 * x.flatten(1)"),
        "what the first weights take in is the same for every example",
        "see input-independence",
    ),
    "a way around": (
        ("self.d(self.drop(x))", "self.d(self.drop(x)) + first[:, 0:1]"),
        "there is a way around every hidden layer",
        None,
    ),
    "detached": (
        ("self.a(x.flatten(1))", "self.a(x.detach().flatten(1))"),
        "no gradient gets back to the inputs",
        None,
    ),
    "not differentiable": (
        ("self.a(x.flatten(1))", "self.a(torch.from_numpy(x.numpy()).flatten(1))"),
        "forward cannot be followed: RuntimeError",
        None,
    ),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_what_cannot_be_judged_says_why(name, tmp_path):
    change, why, hint = SKIPPED[name]
    source = planted(*change)
    source = source.replace(
        "x = F.relu(self.a(", "first = x.flatten(1)\n        x = F.relu(self.a("
    )
    first = checked(tmp_path, source, FIRST, chosen=["activations"])["activations"][0]
    assert (first.rule, first.status) == ("vanishing-activations", "skip")
    assert first.message == f"not judged: {why}"
    assert first.hint == hint


def test_with_normalization_growing_gradients_are_let_be(tmp_path):
    *_, last = checked(tmp_path, PLAIN, FIRST, chosen=["activations"])["activations"]
    assert last.rule == "exploding-gradient"
    assert last.message == "not judged: normalization bounds what an update does"


def test_where_units_are_dead_nothing_else_is_told(tmp_path):
    source = planted(*FAULTS["dead units"][0])
    found = checked(tmp_path, source, FIRST, chosen=["activations"])["activations"]
    skips = {each.rule: (each.message, each.hint) for each in found if each.status == "skip"}
    for rule in ("vanishing-activations", "vanishing-gradient"):
        assert skips[rule] == ("not judged: units are dead", "see dead-units")

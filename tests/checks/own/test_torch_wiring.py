"""How a module is put together is told by its operations, whatever calls them."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import checked, wrong
from tests.checks.own.test_torch_signals import FIRST, NORM, planted
from tests.checks.own.torch_modules import HEAD, PLAIN, SOUND

pytest.importorskip("torch")

MANY = """\
data: {source: synthetic, features: 12, classes: 20}
network: {import: "net.py:build"}
optimizer: {type: sgd, learning_rate: 0.05}
"""
NARROW = """
def build(input_shape, classes):
    return nn.Sequential(
        nn.Linear(prod(input_shape), 32), nn.ReLU(), nn.Linear(32, 2), nn.Tanh(),
        nn.Linear(2, classes),
    )
"""


def network(folder, source, experiment=FIRST):
    findings = checked(folder, source, experiment, chosen=["network"])["network"]
    return {each.rule: each for each in findings}


def test_what_is_right_says_so(tmp_path):
    found = network(tmp_path, planted("self.drop(x)", "self.drop(x)"))
    assert found["missing-nonlinearity"].message == (
        "linear layers do not follow each other without a nonlinearity"
    )
    assert found["dropout-placement"].message == (
        "drop (Dropout): neither before batch normalization nor last"
    )
    assert found["bottleneck"].message == (
        "a (Linear), the narrowest place, gives 64 values to tell 10 classes apart"
    )
    without = network(tmp_path, planted("self.drop(x)", "x"))["dropout-placement"]
    assert (without.status, without.message) == (
        "skip",
        "not judged: the network has no dropout",
    )


def test_two_units_are_too_few_for_twenty_classes(tmp_path):
    found = network(tmp_path, HEAD + NARROW, MANY)["bottleneck"]
    assert found.status == "warn"
    assert found.message == (
        "2 (Linear), the narrowest place, gives 2 values, which can hardly tell 20 classes apart"
    )


@pytest.mark.parametrize(
    "between",
    [
        "self.norm(self.b(x))",
        "self.b(x)",
        "self.drop(self.b(x)).view(-1, 64)",
        "self.b(x).unsqueeze(1).squeeze(1)",
    ],
)
def test_what_is_linear_between_two_layers_does_not_count(between, tmp_path):
    source = PLAIN if "norm" in between else PLAIN.replace(NORM, "x")
    source = source.replace(NORM, "x").replace("F.relu(self.b(x))", between)
    warned = [each[0] for each in wrong(checked(tmp_path, source, FIRST, chosen=["network"]))]
    assert warned == ["missing-nonlinearity"]


@pytest.mark.parametrize("between", ["self.b(x).abs()", "self.b(x) + x", "self.b(x).exp()"])
def test_what_bends_or_leads_around_does(between, tmp_path):
    source = planted("F.relu(self.b(x))", between)
    assert wrong(checked(tmp_path, source, FIRST, chosen=["network"])) == []


def test_a_module_in_float32_has_its_gradient_judged(tmp_path):
    (found,) = checked(tmp_path, HEAD + SOUND["in float32"], FIRST, chosen=["grad"])["grad"]
    assert found.status == "pass"
    assert found.message.endswith("(the network computes in float32, so only roughly)")


def test_dropout_in_evaluation_is_found(tmp_path):
    source = planted("self.drop(x)", "F.dropout(x, 0.5)")
    (found,) = wrong(checked(tmp_path, source, FIRST, chosen=["network"]))
    assert found[:2] == ("noise-at-test-time", "fail")


def test_batch_statistics_in_evaluation_are_found(tmp_path):
    source = PLAIN.replace("BatchNorm1d(64)", "BatchNorm1d(64, track_running_stats=False)")
    (found,) = wrong(checked(tmp_path, source, FIRST, chosen=["independence"]))
    assert found[:2] == ("batch-independence", "fail")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_compiled_module_is_checked_without_a_look_inside(tmp_path):
    source = PLAIN.replace("return Net(", "return torch.jit.script(Net(").replace(
        "input_shape), classes)\n", "input_shape), classes))\n"
    )
    found = checked(tmp_path, source, FIRST, chosen=["network", "grad", "activations"])
    assert wrong(found) == []
    (skip,) = found["activations"]
    assert skip.message == "not judged: forward cannot be followed: RuntimeError"

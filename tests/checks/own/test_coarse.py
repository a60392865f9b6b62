"""A network that computes in float32 has its gradient judged roughly, and never wrongly."""

from __future__ import annotations

import re

import pytest

from tests.checks.own.planting import EXPERIMENT, SOURCE, checked, wrong

IN_FLOAT32 = SOURCE.replace(
    "(self.params[k] for", "(self.params[k].astype(np.float32) for"
).replace("X = X.reshape(len(X), -1)", "X = X.reshape(len(X), -1).astype(np.float32)")
ROUGHLY = (
    "along a direction of {} the slope is #, but the cost changes by # (the network computes in "
    "float#, so only roughly)"
)
AGAIN = "let the network compute in the dtype of its parameters, and check again to see where"
FAULTS = {
    "sign": (
        ("hidden.T @ d", "-hidden.T @ d"),
        "the gradient of W# is wrong: " + ROUGHLY.format("W#"),
        "the sign of the gradient of W2 is wrong",
    ),
    "not divided": (
        ("d /= n", "pass"),
        "the gradient of W#, b#, W# and # more is wrong: " + ROUGHLY.format("W#"),
        "the gradient of W1, b1, W2, b2 is 10 times too large, the number of examples: it is not "
        "divided by the batch size, and the loss is",
    ),
    "no relu": (
        ("dh[hidden <= 0] = 0", "pass"),
        "the gradient of W#, b# is wrong: " + ROUGHLY.format("W#"),
        AGAIN,
    ),
}


def test_the_planted_text_is_there():
    assert IN_FLOAT32.count("float32") == 2


@pytest.mark.parametrize("seed", range(5))
def test_a_sound_one_passes(seed, tmp_path):
    experiment = f"{EXPERIMENT}seed: {seed}\n"
    (found,) = checked(tmp_path, IN_FLOAT32, experiment, chosen=["grad"])["grad"]
    assert found.status == "pass"
    assert found.measured < 0.1
    shown = (
        f"differ by at most {found.measured:.1%}" if found.measured else "agree but for rounding"
    )
    assert found.message.endswith(f"{shown} (the network computes in float32, so only roughly)")
    seen = re.match(r"the gradient is right: (\d+) slopes of 4 parameters ", found.message)
    assert 8 <= int(seen[1]) <= 12


@pytest.mark.parametrize("name", FAULTS)
def test_a_gross_mistake_is_found(name, tmp_path):
    (right, fault), message, hint = FAULTS[name]
    assert IN_FLOAT32.count(right) == 1
    source = IN_FLOAT32.replace(right, fault)
    found = wrong(checked(tmp_path, source, chosen=["grad"]))
    assert found == [("gradient-at-start", "fail", message, hint)]

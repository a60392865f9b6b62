"""What `nntrain explain` says that a rule fires on makes it fire, and its thresholds decide."""

from __future__ import annotations

import shlex

import pytest

from tests.cli.running import run
from trainer_cli.config.parts import name_of
from trainer_cli.config.rules import RULES
from trainer_cli.report.explanation import COMMAND, parts_of

EXAMPLES = {
    name_of(rule): parts_of(rule)["Fires on:"].removeprefix(COMMAND)
    for rule in RULES
    if parts_of(rule)["Fires on:"].startswith(COMMAND)
}
# With these settings a rule says nothing of its own example, or of the one given beside them.
SILENT = {
    "augmentation-changes-class": ("{lost: 1}",),
    "dead-units": ("{unusual_share: 1}",),
    "exploding-activations": ("{unusual_growth: 1e6, wrong_growth: 1e6}",),
    "few-trials": ("{chance: 0.3}",),
    "identical-units": ("{wrong_share: 1}",),
    "initial-loss": ("{unusual_spread: 1000, wrong_spread: 1000}",),
    "learning-rate-too-high": (
        "{rise: 1}",
        "train --set optimizer.learning_rate=0.7 --set training.epochs=8",
    ),
    "learning-rate-too-low": (
        "{gain: 1e9}",
        "train --set optimizer.learning_rate=1e-3 --set training.epochs=3",
    ),
    "mostly-infeasible": ("{most: 0.9}",),
    "noisy-cost": ("{small_batch: 0}",),
    "overfit": ("{cost: 0.5}",),
    "overfitting": ("{gap: 0.9, gap_by_heart: 0.9}",),
    "saturated-units": ("{unusual_share: 1, wrong_share: 1}",),
    "slow-start": ("{flat_share: 0.9}",),
    "underfitting": ("{margin: 0.9}",),
    "update-ratio": ("{small: 0}",),
    "vanishing-activations": ("{unusual_share: 0, wrong_share: 0}",),
    "vanishing-gradient": ("{unusual_share: 0, wrong_share: 0}",),
    "winner-within-noise": ("{half_width: 0.5}",),
}
# With these it finds fault with what is sound.
LOUD = {
    "all-too-low": (
        "{progress: 0.9999}",
        "sweep --trials 5 --stages 1 --epochs 1 --range optimizer.learning_rate=0.01:0.1",
    ),
    "gradient-at-start": ("{fine: 1e-16, fine_with_kinks: 1e-16}", "check-grad"),
    "gradient-trained": ("{fine: 1e-16, fine_with_kinks: 1e-16}", "check-grad"),
    "loss-at-zero-scores": ("{tolerance: 1e-12}", "check-loss"),
    "overfit": ("{cost: 1e-9}", "overfit --set overfit.learning_rate=0.5"),
    "penalty-gradient-at-start": ("{fine: 1e-16}", "check-grad"),
    "penalty-gradient-trained": ("{fine: 1e-16}", "check-grad"),
    "regularization-gradient": ("{tolerance: 1e-18}", "check-reg --set regularization.l1=1e-3"),
    "regularization-loss": ("{tolerance: 1e-18}", "check-reg"),
    "max-norm": ("{tolerance: 1e-18}", "check-reg --set regularization.max_norm=1"),
}


def status(name, command, *more):
    own = ["--workers", "1"] if command.startswith("sweep") else []
    ran = run(*shlex.split(command), *own, *more, "--format", "json")
    return {f["rule"]: f["status"] for f in reversed(ran.json["findings"])}.get(name)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_fires(name):
    assert len(EXAMPLES) >= 24
    assert status(name, EXAMPLES[name]) in ("warn", "fail")


@pytest.mark.parametrize("name", SILENT)
def test_other_thresholds_silence_it(name):
    settings, *commands = SILENT[name]
    for command in commands:
        assert status(name, command) in ("warn", "fail")
    (command,) = commands or [EXAMPLES[name]]
    changed = status(name, command, "--set", f"checks.{name}={settings}")
    assert changed in ("pass", "skip", None)


@pytest.mark.parametrize("name", LOUD)
def test_other_thresholds_provoke_it(name):
    settings, command = LOUD[name]
    assert status(name, command) in ("pass", None)
    assert status(name, command, "--set", f"checks.{name}={settings}") in ("warn", "fail")

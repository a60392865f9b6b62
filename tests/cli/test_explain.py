"""`nntrain explain`: one rule with all that it goes by, or a line for each."""

from __future__ import annotations

from tests.cli.running import run
from trainer_cli.config.parts import name_of
from trainer_cli.config.rules import RULES, InitialLoss, LearningRateRegions, Overfitting
from trainer_cli.report.explanation import overview

INITIAL_LOSS = """\
initial-loss  (fail)
The untrained network's loss is that of chance, or as far above it as is usual.

Why: A network that knows nothing must not be sure of anything. A loss far above
chance tells of scores that lie far apart: the first updates only undo the
initialization, units saturate, the cost explodes. One below chance tells of a
loss or labels that are not what they seem.

Thresholds:
  checks.initial-loss.severity = fail: worst status of a finding of this rule
  checks.initial-loss.tolerance = 0.01: share of the loss of equal scores that
    is still near it
  checks.initial-loss.unusual_spread = 2.0: standard deviation s; a loss s²/2
    above chance warns
  checks.initial-loss.wrong_spread = 4.5: standard deviation s; a loss s²/2
    above chance fails

What to do: Scale the inputs, or use the initializer that fits the nonlinearity;
the message names the layer whose weights are to blame, or the inputs.

Fires on:
  nntrain check-loss --set network.0.init='{type: normal, std: 3}'

Source: CS231n, "Neural Networks Part 3", section Sanity checks. He-initialized
networks on scaled inputs have scores of standard deviation 1 to 2. Independent
normal scores of standard deviation s raise the softmax loss above ln C by s²/2
with many classes and by less with few: by so much, 2.0 and 10.1, the loss may
exceed it.
"""

MAX_NORM = """\
max-norm  (fail)
After every update each unit has Σw² <= max_norm, and what is within is left
alone.

Why: A bound along the wrong axis, or on all units at once, keeps single units
as large as they are and shrinks others that need not be.

Thresholds:
  checks.max-norm.severity = fail: worst status of a finding of this rule
  checks.max-norm.tolerance = 1e-9: relative error up to which both sides are
    equal

What to do: After an update scale w ← w·√(max_norm / Σw²) for every unit with
Σw² > max_norm, and nothing else.

Fires on: a bound on the weights of each input in place of each unit.

Source: Srivastava et al. 2014, "Dropout", section 5.1; CS231n, "Neural Networks
Part 2", section Regularization. Both sides are computed in float64 from the
same weights.
"""


def test_a_rule_with_a_command_as_example():
    ran = run("explain", "initial-loss")
    assert (ran.code, ran.out, ran.err) == (0, INITIAL_LOSS, "")


def test_a_rule_with_an_example_in_words():
    assert run("explain", "max-norm").out == MAX_NORM


def test_a_rule_for_machines():
    ran = run("explain", "overfitting", "--format", "json")
    assert ran.code == 0
    assert (ran.json["schema"], ran.json["command"]) == ("nntrain/1", "explain")
    (rule,) = ran.json["rules"]
    assert rule == {
        "rule": "overfitting",
        "severity": "warn",
        "meaning": "The training accuracy is not far above the validation accuracy.",
        "why": "What a network knows of its training examples alone is learned by heart.",
        "thresholds": {
            "gap": {"value": 0.2, "meaning": "gap that is big in any case"},
            "gap_by_heart": {
                "value": 0.07,
                "meaning": "gap that is big where it is at least half of all errors",
            },
        },
        "what_to_do": "More regularization (l2, dropout), augmentation, more training examples, a "
        "smaller network, or training.early_stopping.",
        "fires_on": "nntrain train --set data.split='{train: 50, validation: 500, test: 500}'",
        "source": 'CS231n, "Neural Networks Part 3", section Train/val accuracy. The gap counts as '
        "far as the validation examples are enough to be sure of it (95 %). The lecture's network "
        "on CIFAR-10 has 0.1 after ten epochs; good runs on the digits, all but by heart, are sure "
        "of 0.02.",
    }


def test_lines_of_the_list():
    assert overview([Overfitting, LearningRateRegions, InitialLoss]) == [
        "initial-loss           fail    The untrained network's loss is that of chance, or as far "
        "above it as is usual.",
        "learning-rate-regions  ignore  Which learning rates are too low, usable, and exploding; "
        "this is told, and never judged.",
        "overfitting            warn    The training accuracy is not far above the validation "
        "accuracy.",
    ]


def test_the_list_has_every_rule_by_its_name():
    ran = run("explain")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.out.splitlines()] == sorted(map(name_of, RULES))
    rules = run("explain", "--format", "json").json["rules"]
    assert {rule["rule"] for rule in rules} == set(map(name_of, RULES))


def test_every_rule_can_be_explained():
    for rule in RULES:
        ran = run("explain", name_of(rule))
        assert ran.code == 0
        assert ran.out.startswith(f"{name_of(rule)}  (")


def test_an_unknown_rule():
    ran = run("explain", "intial-loss")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "unknown rule 'intial-loss'\nhint: did you mean initial-loss?\n"


def test_a_rule_like_no_other():
    ran = run("explain", "xyz")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "unknown rule 'xyz'\nhint: nntrain explain lists all rules\n"

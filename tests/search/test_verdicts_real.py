"""What real sweeps of the digits say about ranges that are known to be good or bad."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, changed, data_of
from tests.search.sweeps import L2, rates, swept_of
from tests.search.tasks import at_rates, results_of, task_of
from trainer_cli.config.space import LogUniform
from trainer_cli.nn.initializers import Zeros
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.regularization import Regularization
from trainer_cli.search.verdicts import judge

EXAMPLES = len(data_of(DIGITS).validation)


def findings(low, high, experiment=DIGITS, trials=30):
    """Search the learning rate from low to high."""
    tried = at_rates(np.geomspace(low, high, trials).tolist(), experiment)
    return judge(swept_of((rates(low, high), results_of(task_of(tried)))), EXAMPLES, 0.11)


@pytest.mark.parametrize(
    ("low", "high", "rules"),
    [
        (1e-9, 1e-6, ["all-too-low"]),
        (10.0, 1e6, ["all-diverged"]),
        (1.0, 1e6, ["mostly-infeasible", "learning-rate-regions", "winner-within-noise"]),
        (1e-6, 1e-2, ["best-at-edge", "learning-rate-regions", "winner-within-noise"]),
        (1e-5, 1.0, ["learning-rate-regions", "winner-within-noise"]),
        (1e-4, 10.0, ["learning-rate-regions", "winner-within-noise"]),
        (0.05, 0.5, ["flat", "learning-rate-regions", "winner-within-noise"]),
    ],
    ids=str,
)
def test_learning_rates(low, high, rules):
    assert [finding.rule for finding in findings(low, high)] == rules


def test_a_rate_that_does_little_is_not_taken_for_learning():
    """Accuracy may rise by chance, and the loss come down to that of class frequencies."""
    low = Dense(units=50), Relu(), Dense(units=10)
    (finding,) = findings(1e-8, 1e-5, changed(DIGITS, network=low))
    assert finding.hint == "search higher rates: --range optimizer.learning_rate=1e-5:0.1"
    equal = Dense(units=50, init=Zeros()), Relu(), Dense(units=10, init=Zeros())
    (finding,) = findings(1e-4, 1.0, changed(DIGITS, network=equal))
    assert finding.rule == "all-too-low"
    assert finding.hint.startswith("the learning rate is not the cause: ")


def test_where_the_regions_of_the_learning_rate_end():
    regions = next(f for f in findings(1e-6, 100.0, trials=60) if "regions" in f.rule)
    low, usable, high = (regions.evidence[name] for name in ("too_low", "usable", "exploding"))
    assert (low[0], high[1]) == (1e-6, 100.0)
    assert 5e-4 < usable[0] < 5e-3
    assert 0.5 < usable[1] < 5


@pytest.mark.parametrize(
    ("low", "high", "rule"),
    [(1e2, 1e5, "all-diverged"), (1.0, 30.0, "all-too-low"), (1e-8, 1e-4, "flat")],
)
def test_penalties(low, high, rule):
    strengths = np.geomspace(low, high, 30).tolist()
    experiment = replace(DIGITS, optimizer=replace(DIGITS.optimizer, learning_rate=0.05))
    tried = [changed(experiment, regularization=Regularization(l2=each)) for each in strengths]
    results = [
        replace(each, values={L2: strength})
        for each, strength in zip(results_of(task_of(tried)), strengths, strict=True)
    ]
    space = {L2: LogUniform(low=low, high=high)}
    found = judge(swept_of((space, results), experiment=experiment), EXAMPLES, 0.11)
    assert found[0].rule == rule
    if rule != "flat":
        assert "--range regularization.l2=" in found[0].hint

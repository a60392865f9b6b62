"""When an epoch is better than another, patience is over, and a schedule has come to a minimum."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest

from tests.experiments import blobs, changed
from tests.report.page.histories import epoch
from trainer_cli.config.experiment import EarlyStopping
from trainer_cli.optim.schedules import Constant, Cosine, Step
from trainer_cli.training.history import better
from trainer_cli.training.stopping import at_minimum, has_restarts, patience_is_over


def epochs(key, *values):
    return [replace(epoch(n, 99, 0), **{key: value}) for n, value in enumerate(values, start=1)]


@pytest.mark.parametrize(
    ("new", "old", "is_better"),
    [
        (0.5, 0.6, True),
        (0.6, 0.6, False),
        (0.7, 0.6, False),
        (0.6, nan, True),
        (0.6, inf, True),
        (nan, 0.6, False),
        (inf, 0.6, False),
        (nan, nan, False),
        (inf, nan, False),
        (nan, inf, False),
        (inf, inf, False),
    ],
)
def test_a_loss_that_is_not_finite_is_no_improvement(new, old, is_better):
    one, other = epochs("validation_loss", new, old)
    assert better(one, other, "validation_loss") is is_better


def test_an_equal_accuracy_is_no_improvement():
    low, high, again = epochs("validation_accuracy", 0.8, 0.9, 0.9)
    assert better(high, low, "validation_accuracy")
    assert not better(low, high, "validation_accuracy")
    assert not better(again, high, "validation_accuracy")


@pytest.mark.parametrize(
    ("on", "least", "values", "over"),
    [
        ("validation_accuracy", 0.0, [0.5], False),
        ("validation_accuracy", 0.0, [0.5, 0.5], False),
        ("validation_accuracy", 0.0, [0.5, 0.5, 0.4], True),
        ("validation_accuracy", 0.0, [0.5, 0.4, 0.6], False),
        ("validation_accuracy", 0.1, [0.5, 0.55, 0.59], True),  # small steps add up to too little
        ("validation_accuracy", 0.1, [0.5, 0.55, 0.65], False),
        ("validation_loss", 0.0, [1.0, 0.9, 0.8], False),
        ("validation_loss", 0.0, [1.0, 1.1, 1.2], True),
        ("validation_loss", 0.0, [1.0, nan, nan], True),
        ("validation_loss", 0.0, [nan, nan, nan], True),
        ("validation_loss", 0.0, [nan, nan, 2.0], False),
    ],
)
def test_patience_of_two_epochs(on, least, values, over):
    settings = EarlyStopping(on=on, patience=2, min_improvement=least)
    assert patience_is_over(epochs(on, *values), settings) is over


@pytest.mark.parametrize(
    ("schedule", "minima"),
    [
        (Constant(), []),
        (Step(every=2), []),
        (Constant(warmup=2.0), []),  # a warm-up rises, but not from a minimum
        (Cosine(period=2), [20, 40, 60]),
        (Cosine(period=2, per="epoch"), [20, 40, 60]),
        (Cosine(period=1, growth=2.0), [10, 30]),
        (Cosine(period=2, warmup=1.0), [30, 50]),
    ],
)
def test_minima_are_the_last_updates_before_a_restart(schedule, minima):
    experiment = changed(blobs(), schedule=schedule)
    assert [u for u in range(1, 61) if at_minimum(experiment, 10, u)] == minima
    assert has_restarts(experiment) == bool(minima)

"""Do values vary by the same size in every split, or was one saved in other units?

n examples of a sample, F features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.subject import not_judged, splits
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import SplitScale, rule_of
from trainer_cli.datasets import Dataset, Examples
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding

RULE = "split-scale"
# The reach of the middle of a feature's values is known to a factor of two from twenty examples.
SAMPLE, FEWEST = 200, 20
FEATURES = 256  # a median over so many is as good as over all
MIDDLE = (0.1, 0.9)
# Divisions of the same examples by lot that a ratio must outdo, and by what power of them.
LOTS, CLEARLY = 100, 1.5
# Of a feature that mostly has one value, the middle of a few examples may or may not reach others.
MOST_EQUAL = 0.75


def split_scale(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge stored values by the median, over the features, of how much wider they are spread.

    Few examples of heavy tails may do so by accident, and are divided anew by lot to see.
    """
    factor = rule_of(experiment.checks, SplitScale).factor
    every = {name: _sample(each) for name, each in splits(dataset).items() if len(each) >= FEWEST}
    train = every.pop("training", None)
    if train is None or not every:
        return not_judged(RULE, "validation and test have too few examples to tell")
    ratios = {name: _ratio(each, train) for name, each in every.items()}
    name = max(ratios, key=lambda each: _apart(ratios[each]))
    apart, more = _apart(ratios[name]), "more" if ratios[name] > 1 else "less"
    rng = stream(experiment.seed, "check-data", "scale")
    wrong = apart > factor and apart > _by_lot(every[name], train, rng) ** CLEARLY
    return Finding(
        rule=RULE,
        status="fail" if wrong else "pass",
        measured=ratios[name],
        expected=1.0,
        threshold=factor,
        message=f"stored values of the {name} examples vary {apart:.3g} times {more} than those of "
        "the training examples"
        if wrong
        else "values vary by the same size in every split",
        hint="save all files in the same units, such as pixels from 0 to 255 in each"
        if wrong
        else None,
        evidence=ratios,
    )


def _sample(examples: Examples) -> Array:
    """Return some stored features of some examples, (n, F)."""
    columns = np.linspace(0, examples.stored.shape[1] - 1, FEATURES).astype(np.intp)
    rows = examples.rows[examples.evenly(SAMPLE)]
    return examples.stored[np.ix_(rows, np.unique(columns))].astype(np.float64)


def _apart(ratio: float) -> float:
    return max(ratio, 1 / ratio)


def _ratio(sample: Array, usual: Array) -> float:
    """Return the median of how much wider features of a sample are, 1 where none has a width."""
    one, other = _width(sample), _width(usual)
    both = (one > 0) & (other > 0)
    return float(np.median(one[both] / other[both])) if both.any() else 1.0


def _width(sample: Array) -> NDArray[np.float64]:
    """Return how far the middle values of every feature reach, (F,), 0 where most agree."""
    low, usual, high = np.quantile(sample, (MIDDLE[0], 0.5, MIDDLE[1]), axis=0, method="nearest")
    width: NDArray[np.float64] = high - low
    width[(sample == usual).mean(axis=0) > MOST_EQUAL] = 0
    return width


def _by_lot(sample: Array, usual: Array, rng: np.random.Generator) -> float:
    """Return how far apart parts of the same sizes are at most, if all are divided by lot."""
    both = np.concatenate([sample, usual])
    lots = (rng.permutation(both) for _ in range(LOTS))
    return max(_apart(_ratio(each[: len(sample)], each[len(sample) :])) for each in lots)

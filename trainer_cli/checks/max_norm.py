"""Does every update leave the weights of each unit within the norm that the experiment bounds?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.checks.cranked import is_weight
from trainer_cli.checks.untrained import Untrained, untrained
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import MaxNorm, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding

# M members (here 1), F units of one array, R weights that lead to one of them.
RULE = "max-norm"
UPDATES = 3
# The updates are this share of the experiment's own, so that units which start well within their
# bound stay there: they show that what is within is left alone.
GENTLE = 1e-3
# Every second unit starts with this many times the Σw² it may have, the others with one such part.
BEYOND = 4.0


def check_max_norm(experiment: Experiment, dataset: Dataset) -> Finding:
    """Return a finding: an update leaves Σw² <= max_norm for each unit, and changes nothing else.

    Two networks, one without bounds, start alike with half of the units beyond theirs, and make
    the same small update. What the bound must make of the weights is computed here from those of
    the other network. This is done three times in a row.
    """
    begun = perf_counter()
    mine = untrained(experiment, dataset, np.float64)
    free = untrained(_without_bounds(experiment), dataset, np.float64)
    bounds = _bounds(experiment, mine)
    _start(experiment, mine, bounds)
    tolerance = rule_of(experiment.checks, MaxNorm).tolerance
    scaled, fault = 0, None
    for _ in range(UPDATES):
        free.stack.network.parameters.stored[:] = mine.stack.network.parameters.stored
        _update(mine)
        _update(free)
        if not _judgeable(free, bounds):
            return _skip(perf_counter() - begun)
        scaled += _beyond(free, bounds)
        fault = fault or _fault(mine, free, bounds, tolerance)
    return _finding(bounds, scaled, fault, perf_counter() - begun)


def _skip(seconds: float) -> Finding:
    return Finding(
        rule=RULE,
        status="skip",
        message="whether units are kept within max_norm cannot be judged: "
        "after an update the weights are not finite",
        hint="lower optimizer.learning_rate, or max_norm, and check again",
        seconds=seconds,
    )


def _finding(
    bounds: Mapping[str, float], scaled: int, fault: str | None, seconds: float
) -> Finding:
    return Finding(
        rule=RULE,
        status="pass" if fault is None else "fail",
        message=fault
        or f"after each of {UPDATES} updates every unit has Σw² <= {_bound_text(bounds)}, and what "
        f"is within stays as it is (units were scaled back {scaled} times)",
        hint=None
        if fault is None
        else "look at what follows an update: w ← w·√(max_norm / Σw²) for every unit with "
        "Σw² > max_norm, and nothing else",
        seconds=seconds,
        evidence={"max_norm": dict(bounds), "scaled": scaled},
    )


def _bound_text(bounds: Mapping[str, float]) -> str:
    different = set(bounds.values())
    return f"max_norm = {different.pop():g}" if len(different) == 1 else "the max_norm of its layer"


def _without_bounds(experiment: Experiment) -> Experiment:
    return replace(
        experiment,
        network=tuple(
            replace(layer, max_norm=None) if isinstance(layer, Weighted) else layer
            for layer in experiment.network
        ),
        regularization=replace(experiment.regularization, max_norm=None),
    )


def _bounds(experiment: Experiment, network: Untrained) -> dict[str, float]:
    """Return the bound on the units of every array of weights that has one."""
    bounds = {}
    for entry in network.stack.network.parameters.entries:
        own = getattr(experiment.network[entry.layer], "max_norm", None)
        bound = experiment.regularization.max_norm if own is None else own
        if is_weight(entry.name) and bound:
            bounds[entry.name] = float(bound)
    return bounds


def _start(experiment: Experiment, network: Untrained, bounds: Mapping[str, float]) -> None:
    """Draw bounded weights so that every second unit is beyond its bound, the others within."""
    rng = stream(experiment.seed, "check-reg", "max-norm")
    for name, bound in bounds.items():
        weights = network.stack.network.parameters[name]  # (..., 1, F)
        weights[...] = rng.standard_normal(weights.shape)
        weights *= np.sqrt(bound / _sums_of_squares(weights))
        weights[..., 0::2] *= np.sqrt(BEYOND)
        weights[..., 1::2] /= np.sqrt(BEYOND)


def _update(network: Untrained) -> None:
    network.stack.forward(*network.feed.fill(network.sample))
    network.stack.step(GENTLE)


def _sums_of_squares(weights: Array) -> Array:
    """Return Σw² of every unit: (..., 1, F) to (F,)."""
    sums: Array = np.sum(np.square(weights).reshape(-1, weights.shape[-1]), axis=0)
    return sums


def _judgeable(network: Untrained, bounds: Mapping[str, float]) -> bool:
    parameters = network.stack.network.parameters
    sums = [_sums_of_squares(parameters[name]) for name in bounds]
    return all(np.isfinite(each).all() for each in (parameters.values, *sums))


def _beyond(network: Untrained, bounds: Mapping[str, float]) -> int:
    """Return how many units are beyond their bound."""
    parameters = network.stack.network.parameters
    return sum(
        int(np.count_nonzero(_sums_of_squares(parameters[name]) > bound))
        for name, bound in bounds.items()
    )


def _fault(
    mine: Untrained, free: Untrained, bounds: Mapping[str, float], tolerance: float
) -> str | None:
    """Return what is wrong after an update, if anything is."""
    for entry in mine.stack.network.parameters.everything:
        w = entry.view(mine.stack.network.parameters.stored)
        before = entry.view(free.stack.network.parameters.stored)
        bound = bounds.get(entry.name)
        if bound is None:
            if not _alike(w, before, tolerance):
                return f"max_norm changes {entry.name}, but it must not"
        elif fault := _fault_of_units(entry.name, w, before, bound, tolerance):
            return fault
    return None


def _fault_of_units(
    name: str, w: Array, before: Array, bound: float, tolerance: float
) -> str | None:
    most, shares = _sums_of_squares(w).max(), bound / _sums_of_squares(before)
    if not most <= bound * (1 + tolerance):
        return f"a unit of {name} has Σw² = {most:.4g} after an update, above max_norm = {bound:g}"
    within = shares >= 1
    if not _alike(w[..., within], before[..., within], tolerance):
        return f"max_norm changes units of {name} that are within it"
    if not _alike(w, before * np.sqrt(np.minimum(shares, 1)), tolerance):
        return f"units of {name} beyond max_norm are not scaled by √(max_norm / Σw²)"
    return None


def _alike(got: Array, expected: Array, tolerance: float) -> bool:
    return bool(np.linalg.norm(got - expected) <= tolerance * np.linalg.norm(expected))

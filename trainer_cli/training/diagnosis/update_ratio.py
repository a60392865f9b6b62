"""Rule update-ratio: do the updates move all weights by a sensible share of their size?"""

from __future__ import annotations

from math import sqrt
from statistics import median

from trainer_cli.config.rules import UpdateRatio, rule_of
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.names import RATIO, passed, skipped
from trainer_cli.training.findings import Finding
from trainer_cli.training.history import Look
from trainer_cli.training.pace import factor

# "A rough heuristic is that this ratio should be somewhere around 1e-3", CS231n, "Neural Networks
# Part 3", ratio of weights:updates.
USUAL = 1e-3
# A small ratio speaks against a run only where other weights of it move, and 100 times as much:
# twice what healthy runs show (a layer of 1,000 units: 20; a narrow one under max_norm: 50), which
# are far from small then.
BEHIND = 100.0
# Weights of a usual size are no fault where the layer behind is by far wider than the inputs: 1,000
# relu units of 2 features move 230 times less than what weighs them, and learn. With more units,
# by so much.
WIDE = 10_000.0
# A usual size is up to so many times that of he, the largest of the defaults: variance 2 / fan-in.
USUAL_SIZE = 2.0
# With less of the learning rate than this left by the schedule, momentum moves the weights.
LITTLE = 0.1


def update_ratio(case: Case) -> Finding:
    """Judge the median over all looks after the start, and the last one."""
    ratios, rule = ratios_of_weights(case), rule_of(case.experiment.checks, UpdateRatio)
    if not ratios:
        return skipped(RATIO, "no update of weights was looked at")
    typical = {name: median(each) for name, each in ratios.items()}
    most, least = max(typical, key=typical.__getitem__), min(typical, key=typical.__getitem__)
    high, low = typical[most], typical[least]
    if high > rule.large and ratios[most][-1] > rule.large and len(ratios[most]) > 1:
        return Finding(
            rule=RATIO,
            status="warn",
            measured=high,
            expected=USUAL,
            threshold=rule.large,
            message=f"an update moves {most} by {high:.2g} of their size: about {USUAL:g} is "
            "usual, and 0.01 much",
            hint="lower optimizer.learning_rate, or start with larger weights",
        )
    behind = WIDE if _of_usual_size(case, least) else BEHIND
    if low < rule.small and low * behind < high:
        return Finding(
            rule=RATIO,
            status="warn",
            measured=low,
            expected=USUAL,
            threshold=high / behind,
            message=f"an update moves {least} by {low:.2g} of their size, and {most} by "
            f"{high:.2g}: {least} hardly learn",
            hint=f"start {least} smaller (the default init fits what follows), or bring the "
            "inputs to a usual scale (standardize)",
        )
    seen = f"an update moves weights by {low:.2g} to {high:.2g} of their size"
    return passed(RATIO, seen, high, rule.large)


def ratios_of_weights(case: Case) -> dict[str, list[float]]:
    """Return the ratios of all weights, by name, as they would be at the full rate."""
    found: dict[str, list[float]] = {}
    for look in case.history.looks:
        share = _share(case, look)
        for each in look.parameters:
            if each.ratio is not None and each.parameter.endswith(".weights") and share > LITTLE:
                found.setdefault(each.parameter, []).append(each.ratio / share)
    return found


def _of_usual_size(case: Case, weights: str) -> bool:
    """Return whether the weights were no larger than he starts them, with a norm of √(2·units)."""
    layer = case.experiment.network[int(weights.partition("[")[2].partition("]")[0])]
    units = int(getattr(layer, "filters", 0) or getattr(layer, "units", 0))
    units *= getattr(layer, "pieces", 1)
    first = next(
        each for look in case.history.looks for each in look.parameters if each.parameter == weights
    )
    return bool(first.values.norm <= USUAL_SIZE * sqrt(2 * units))


def _share(case: Case, look: Look) -> float:
    """Return the share of the learning rate that the schedule left to the update of a look."""
    if not look.update:
        return 0.0
    return factor(case.experiment, case.history.setting.steps_per_epoch, look.update - 1)

"""Is the gradient that a network of one's own gives the slope of its cost?"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.coarse import judge_coarsely
from trainer_cli.checks.own.idle import detached, never_used, without_effect
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.slopes import Compared, compare
from trainer_cli.checks.own.stepwise import check_stepwise
from trainer_cli.checks.own.suspects import suspect
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels, Softmax
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding, counted

RULE = "gradient-at-start"
EXAMPLES = 10
# The lecture's rule for the relative error where there are kinks: 1e-4 is fine, 1e-2 is wrong.
FINE, WRONG = 1e-4, 1e-2
# Coordinates of a parameter, and directions through all of them; what they may take together.
MOST, FEWEST, DIRECTIONS, SECONDS = 40, 4, 3, 0.6
# The parameters are moved by this share of their size first, and by no less than LEAST, so that
# no bias stands at exactly 0, where a relu has its kink.
MOVED, LEAST = 0.1, 0.01
NAMED = 3


def check_grad(bench: Bench) -> list[Finding]:
    """Return one finding: the worst error, what is wrong where, and what usually makes it so.

    In float64, near the start, without the penalty where there is a `reg` to turn off; coarsely
    where the network computes in float32 whatever it is given.
    Source: CS231n, "Neural Networks Part 3", section Gradient checks.
    """
    begun = perf_counter()
    network = bench.network()
    x, y = bench.evenly(EXAMPLES)
    coarse = network.scores(x).dtype != np.float64
    rng = stream(bench.experiment.seed, "check-own-grad")
    for each in network.parameters.values():
        size = max(MOVED * float(np.sqrt(np.square(each).mean())) if each.size else 0.0, LEAST)
        each += size * rng.standard_normal(each.shape)
    with np.errstate(all="ignore"):
        cost, given = network.gradients(x, y)
        if not np.isfinite(cost):
            return [skipped(RULE, "the cost is not finite", "see initial-loss", begun)]
        if network.cost(x, y) != network.cost(x, y):
            why = "the cost differs from call to call on the same examples"
            return [skipped(RULE, why, "draw from np.random or torch, which are seeded", begun)]
        shared = _shared(network, begun)
        if shared is not None:
            return [shared]
        stepwise = check_stepwise(network, given, x, y, rng)
        if stepwise is not None:
            return [stepwise]
        idle = without_effect(network, given, x, y)
        misfit = _misfit(network, given, idle, begun)
        if misfit is not None:
            return [misfit]
        if coarse:
            return [judge_coarsely(RULE, network, given, x, y, rng)]
        compared = _compared(network, given, x, y, rng)
        softmax = not network.loss_is_own or isinstance(bench.reference.loss, Softmax)
        found = _judged(network, compared, given, x, y, begun, softmax=softmax)
        idle = never_used(network, idle, x, y)
    others = getattr(network, "unknown", ())
    if found.status == "pass" and others:
        told = f"{found.message}; grads has {', '.join(others)} too, which is not in params"
        found = replace(found, message=told)
    if found.status != "pass" or not idle:
        return [found]
    message = f"the cost does not depend on {', '.join(idle)}; the rest of {found.message}"
    hint = "use it in forward, or remove it"
    return [replace(found, status="warn", message=message, hint=hint)]


def _shared(network: OwnNetwork, begun: float) -> Finding | None:
    """Return which two parameters are one array, if any are: each has a gradient of its own."""
    for (a, first), (b, second) in combinations(network.parameters.items(), 2):
        if np.may_share_memory(first, second):
            message = f"{a} and {b} are the same array: what one learns changes the other"
            hint = (
                f"give {b} an array of its own, or both one name, with the sum of their gradients"
            )
            return Finding(
                rule=RULE, status="fail", message=message, hint=hint, seconds=perf_counter() - begun
            )
    return None


def _misfit(
    network: OwnNetwork, given: dict[str, Array | None], idle: list[str], begun: float
) -> Finding | None:
    """Return what is wrong with names and shapes of the gradients, if anything."""
    hint = "grads has the names and the shapes of params"
    without = [n for n in network.parameters if given[n] is None and n not in idle]
    for name, values in network.parameters.items():
        if name in idle:
            continue
        grad = given[name]
        if grad is None:
            what = f"there is no gradient of {name}"
            others = getattr(network, "unknown", ())
            if others:
                hint += f": it has {', '.join(others)}, which params has not"
            if not network.loss_is_own:
                what, hint = detached(without, len(network.parameters))
        elif grad.shape == values.shape:
            continue
        else:
            what = (
                f"the gradient of {name} has the shape {grad.shape}, {name} itself {values.shape}"
            )
            if grad.shape == values.shape[::-1]:
                hint = f"the gradient of {name} is transposed: write it as X.T.dot(dout)"
        return Finding(
            rule=RULE, status="fail", message=what, hint=hint, seconds=perf_counter() - begun
        )
    return None


def _compared(
    network: OwnNetwork,
    given: dict[str, Array | None],
    x: Inputs,
    y: Labels,
    rng: np.random.Generator,
) -> list[Compared]:
    timed = perf_counter()
    network.cost(x, y)
    calls = SECONDS / max(perf_counter() - timed, 1e-6) / 3 / max(1, len(network.parameters))
    most = int(min(max(calls - DIRECTIONS, FEWEST), MOST))
    found = []
    for name, values in network.parameters.items():
        grad = given[name]
        if grad is None:
            continue
        places = _places(grad, most, rng)
        found.append(
            compare(name, values, grad, lambda: network.cost(x, y), places, DIRECTIONS, rng)
        )
    return found


def _places(grad: Array, most: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return flat places to look at: half of them where the gradient is largest."""
    if grad.size <= most:
        return np.arange(grad.size)
    size = np.abs(grad).reshape(-1)
    largest = np.argpartition(size, -(most // 2))[-(most // 2) :]
    return np.union1d(largest, rng.choice(grad.size, most - most // 2, replace=False))


def _judged(
    network: OwnNetwork,
    compared: list[Compared],
    given: dict[str, Array | None],
    x: Inputs,
    y: Labels,
    begun: float,
    *,
    softmax: bool,
) -> Finding:
    seen, kinks = sum(len(each.given) for each in compared), sum(each.kinks for each in compared)
    left = f"; {counted(kinks, 'kink')} left out" if kinks else ""
    if not seen:
        return skipped(RULE, f"no slope could be taken{left}", None, begun)
    if all(not np.any(each.measured) for each in compared):
        why = "no parameter changes the cost: loss does not read params"
        hint = "loss reads the arrays of params each time, not copies of them"
        return Finding(rule=RULE, status="fail", message=why, hint=hint)
    worst = {each.name: float(each.errors().max(initial=0.0)) for each in compared}
    wrong = [each for each in compared if worst[each.name] > FINE]
    error = max(worst.values())
    evidence = {"parameters": worst, "slopes": seen, "kinks": kinks}
    if not wrong:
        apart = f"differ by at most {error:.1e}" if error else "agree but for rounding"
        message = (
            f"the gradient is right: {counted(seen, 'slope')} of "
            f"{counted(len(compared), 'parameter')} {apart}{left}"
        )
        return Finding(
            rule=RULE,
            status="pass",
            measured=error,
            threshold=FINE,
            message=message,
            seconds=perf_counter() - begun,
            evidence=evidence,
        )
    names = ", ".join(each.name for each in wrong[:NAMED])
    names += f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
    right = ", ".join(each.name for each in compared if each not in wrong)
    first, at = _clearest(wrong)
    place = f"{first.name}[{', '.join(map(str, first.places[at]))}]"
    place = place if first.places[at] else f"{first.name} along a random direction"
    message = (
        f"the gradient of {names} is wrong{f'; of {right} it is right' if right else ''}: "
        f"at {place} it is {first.given[at]:.6g}, but the cost changes by "
        f"{first.measured[at]:.6g}{left}"
    )
    return Finding(
        rule=RULE,
        status="fail" if error > WRONG else "warn",
        measured=error,
        expected=0.0,
        threshold=FINE,
        message=message,
        hint=suspect(network, compared, wrong, given, x, y, softmax=softmax),
        seconds=perf_counter() - begun,
        evidence=evidence,
    )


def _clearest(wrong: list[Compared]) -> tuple[Compared, int]:
    """Return the parameter and the place to show: a coordinate where that can be, far off."""
    shown = [
        (bool(each.places[k]), abs(each.given[k] - each.measured[k]), i, k)
        for i, each in enumerate(wrong)
        for k in np.flatnonzero(each.errors() > FINE)
    ]
    _, _, i, k = max(shown)
    return wrong[i], int(k)

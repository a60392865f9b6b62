"""Does a step function, which has no slope anywhere, cut parameters off from their gradient?"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.passage import UntraceableError, called
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels
from trainer_cli.training.findings import Finding

RULE = "gradient-at-start"
# Those that autograd gives a gradient of 0 for; it has none for argmax, comparisons and integers.
STEPS = ("Ceil", "Floor", "Round", "Sign", "Sgn", "Trunc")
# Steps too small to cross an edge, and some that do, as shares of a parameter's size.
SMALL, LARGE = 1e-9, (0.3, -0.3, 1.0, -1.0, 10.0, -10.0)
NAMED = 3


def check_stepwise(
    network: OwnNetwork,
    given: Mapping[str, Array | None],
    x: Inputs,
    y: Labels,
    rng: np.random.Generator,
) -> Finding | None:
    """Return which parameters the cost depends on in steps alone; None where there are none.

    Units that are dead have no slope either, which is no step function: without a gradient of any
    kind, or with a step function on the way, it is.
    """
    begun = perf_counter()
    still = [name for name, grad in given.items() if grad is None or not grad.any()]
    if network.module is None or not still:
        return None
    functions = _functions(network, x, y)
    names = [
        name
        for name in still
        if (functions or given[name] is None) and _steps(network, name, x, y, rng)
    ]
    if not names:
        return None
    told = ", ".join(names[:NAMED])
    told += f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    what = functions[0] if functions else "argmax, a comparison, or a cast to integers"
    return Finding(
        rule=RULE,
        status="fail",
        message=f"the cost depends on {told} only in steps, so that no gradient comes back to "
        f"{'it' if len(names) == 1 else 'them'}: a step function is in the way ({what})",
        hint="put something smooth in its place, as softmax for argmax or a sigmoid for a "
        "comparison, or give it a gradient of its own",
        seconds=perf_counter() - begun,
    )


def _functions(network: OwnNetwork, x: Inputs, y: Labels) -> list[str]:
    try:
        ops = network.passage(x, y) or ()
    except UntraceableError:
        return []
    return ["{} ({})".format(*called(op, ops)) for op in ops if op.kind in STEPS]


def _steps(network: OwnNetwork, name: str, x: Inputs, y: Labels, rng: np.random.Generator) -> bool:
    """Whether large steps along a random direction change the cost, and small ones do not."""
    values = network.parameters[name]
    before, start = values.copy(), network.cost(x, y)
    size = max(float(np.sqrt(np.square(before).mean())) if before.size else 0.0, SMALL)
    along = size * rng.standard_normal(before.shape)
    changed = []
    for share in (SMALL, *LARGE):
        values[...] = before + share * along
        changed.append(network.cost(x, y) != start)
    values[...] = before
    return not changed[0] and any(changed[1:])

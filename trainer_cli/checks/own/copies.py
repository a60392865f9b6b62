"""Are two parameters of somebody's network copies of each other that will stay so?"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from trainer_cli.checks.own.bench import Bench

EXAMPLES = 20
# Rounding apart, equal gradients are equal.
SAME = 1e-9


def copies(bench: Bench) -> tuple[str, str] | None:
    """Return the names of two matrices that start equal and learn the same; None for none.

    Layers that were copied, and stand behind each other, learn different things: these are sound.
    """
    network = bench.network()
    drawn = {
        name: each for name, each in network.parameters.items() if each.ndim > 1 and np.ptp(each)
    }
    pairs = [
        (a, b)
        for (a, first), (b, second) in combinations(drawn.items(), 2)
        if first.shape == second.shape
        and first.flat[0] == second.flat[0]
        and np.array_equal(first, second)
    ]
    if not pairs:
        return None
    grads = network.gradients(*bench.evenly(EXAMPLES))[1]
    for a, b in pairs:
        one, other = grads[a], grads[b]
        if one is None or other is None or one.shape != other.shape:
            continue
        size = float(np.abs(one).max(initial=0.0))
        if 0 < size < np.inf and np.abs(one - other).max() <= SAME * size:
            return a, b
    return None

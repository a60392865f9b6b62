"""Where in somebody's network do values first stop being numbers?"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.own.bench import Bench
from trainer_cli.checks.own.passage import Op, UntraceableError, called
from trainer_cli.nn.layers.place import Array

EXAMPLES = 50
NAN = (
    "logarithms and roots need what is positive, and quotients what is not 0: clamp it, or add a "
    "small constant"
)
# Larger scores of an untrained network overflow in a softmax that is not careful: they come first.
LARGEST = 100.0
STABLE = (
    "for softmax take each row's maximum off before np.exp, so that nothing overflows, and no "
    "logarithm of 0: s = scores - scores.max(axis=1, keepdims=True), and then "
    "s - np.log(np.exp(s).sum(axis=1, keepdims=True))"
)


def first_not_finite(bench: Bench) -> tuple[str, str | None] | None:
    """Return which operation first makes NaN or infinity, and a hint; None where none is seen.

    What overflows is too large, for which there is no other hint; NaN has other causes.
    """
    x, y = bench.evenly(EXAMPLES)
    try:
        ops = bench.network().passage(x, y) or ()
    except UntraceableError:
        return None
    for op in ops:
        if op.values is not None and not np.isfinite(op.values).all():
            name, kind = called(op, ops)
            share = float((~np.isfinite(op.values)).mean())
            told = f"{name} ({kind}) makes {{}} of {_given(op)}: {share:.0%} of what it gives"
            if np.isnan(op.values).any():
                return told.format("NaN"), NAN
            return told.format("infinity"), None
    return None


def why_not_finite(bench: Bench, loss: float, scores: Array) -> tuple[str, str | None]:
    """Return why a loss is not finite, and a hint; none where the scores are too large."""
    where = first_not_finite(bench)
    if where is not None:
        return where
    if not np.isfinite(scores).all():
        return "the scores are not numbers" if np.isnan(
            scores
        ).any() else "the scores overflow", None
    kind = "not a number" if np.isnan(loss) else "infinite"
    largest = float(np.abs(scores).max())
    if largest > LARGEST:
        return f"the scores are up to {largest:.3g}, and the loss of them is {kind}", None
    return f"the scores are finite, up to {largest:.3g}, and what is made of them is {kind}", STABLE


def _given(op: Op) -> str:
    taken = [each.values for each in op.taken if each.values is not None]
    if not taken:
        return "what it takes in"
    ends = min(float(each.min()) for each in taken), max(float(each.max()) for each in taken)
    return "values from {:.3g} to {:.3g}".format(*ends)

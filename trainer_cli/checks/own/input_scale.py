"""Does the size of the inputs suit the weights that somebody's network starts with?"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.own.activations import OPAQUE
from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.passage import NORMALIZING, UntraceableError, called, learning, origin
from trainer_cli.checks.untrained import root_mean_square
from trainer_cli.config.rules import UnscaledInputs, rule_of
from trainer_cli.training.findings import Finding

RULE = "unscaled-inputs"
EXAMPLES = 50


def unscaled_inputs(bench: Bench) -> Finding:
    """Judge what the first weights take in, and what they make of it.

    Both have to be out of bounds: small weights that make up for large inputs are sound, and so is
    a network that scales its inputs itself.
    """
    see = "see initial-loss, which they would raise"
    try:
        ops = bench.network().passage(*bench.evenly(EXAMPLES))
    except UntraceableError as error:
        return skipped(RULE, str(error), see)
    if ops is None:
        return skipped(RULE, OPAQUE, see)
    first = next(iter(learning(ops)), None)
    if first is None:
        return skipped(RULE, "no weights multiply the inputs", see)
    source, given = origin(first.taken[0]).values, first.values
    if given is None:  # the last operation of a function of several
        given = next(op.values for op in ops[ops.index(first) :] if op.values is not None)
    if source is None:
        return skipped(RULE, "what the first weights take in is not to be seen", see)
    with np.errstate(all="ignore"):
        inputs, signal = root_mean_square(source), root_mean_square(given)
    if any(op.kind in NORMALIZING for op in ops):
        message = f"normalization undoes the scale of the inputs, {inputs:.3g} in the mean square"
        return Finding(rule=RULE, status="pass", measured=inputs, message=message)
    rule = rule_of(bench.experiment.checks, UnscaledInputs)
    large = min(inputs, signal) > rule.largest
    small = 0 < max(inputs, signal) < rule.smallest
    name, kind = called(first, ops)
    message = (
        f"the inputs have a root mean square of {inputs:.3g}, of which {name} ({kind}) makes a "
        f"signal of {signal:.3g}"
    )
    hint = None
    if large or small:
        message += f": {'too large' if large else 'too small'} for this start"
        hint = (
            "add standardize to data.preprocess, or scale by the largest value"
            if large
            else "look whether data.preprocess scales twice, or add standardize to it"
        )
    return Finding(
        rule=RULE,
        status="warn" if large or small else "pass",
        measured=inputs,
        expected=1.0,
        threshold=rule.smallest if small else rule.largest,
        message=message,
        hint=hint,
        evidence={"signal": signal},
    )

"""Does the size of the inputs suit the weights that the network starts with?"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.data.column_scales import unheard_columns
from trainer_cli.checks.data.subject import not_judged
from trainer_cli.checks.untrained import Spread, Untrained, spread
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import UnscaledInputs, rule_of
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.training.findings import Finding, Status
from trainer_cli.training.noiseless import without_noise
from trainer_cli.training.stack import assemble

RULE = "unscaled-inputs"
# Enough for a root mean square, and a forward pass over them is instant for any network.
SAMPLE = 100
# Inputs so many times smaller than what is unusual never move a weight.
FAR = 10


def unscaled_inputs(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the inputs by the signal behind the first layer with weights.

    That is the root mean square of the inputs times what the layer multiplies it by. Inputs and
    signal both have to be out of bounds: small weights that make up for large inputs are sound.
    """
    rule = rule_of(experiment.checks, UnscaledInputs)
    size = _spread(experiment, dataset)
    if size.normalized:
        message = f"batch_norm undoes the scale of the inputs, {size.inputs:.3g} in the mean square"
        return Finding(rule=RULE, status="pass", measured=size.inputs, message=message)
    if not size.gains:
        return not_judged(RULE, "no layer has weights")
    layer, gain = next(iter(size.gains.items()))
    signal = size.inputs * gain
    large = min(size.inputs, signal) > rule.largest
    small = 0 < max(size.inputs, signal) < rule.smallest  # all zeros are told by constant-features
    message = (
        f"the inputs have a root mean square of {size.inputs:.3g}, "
        f"which {layer} make a signal of {signal:.3g}"
    )
    hint: str | None = None
    status: Status = "pass"
    if large or small:
        status = "fail" if FAR * max(size.inputs, signal) < rule.smallest else "warn"
        message += f": {'too large' if large else 'too small'} for this start"
        hint = (
            "add standardize to data.preprocess, or scale by the largest value"
            if large
            else "look whether data.preprocess scales twice, or add standardize to it"
        )
    elif columns := unheard_columns(dataset.train, rule.columns):
        status = "warn"
        noun = "feature varies" if columns.small == 1 else "features vary"
        message = (
            f"{columns.small} {noun} more than {rule.columns:,g} times less than another: as they "
            f"are, nearest neighbours recognize {columns.as_is:.0%} of the examples, and "
            f"{columns.standardized:.0%} if all vary alike"
        )
        hint = "add standardize to data.preprocess, which gives every feature the same say"
    return Finding(
        rule=RULE,
        status=status,
        measured=size.inputs,
        expected=1.0,
        threshold=rule.smallest if small else rule.largest,
        message=message,
        hint=hint,
        evidence={"signal": signal},
    )


def _spread(experiment: Experiment, dataset: Dataset) -> Spread:
    """Measure inputs and weights of the untrained network on a few training examples."""
    few = dataset.train.select(dataset.train.evenly(SAMPLE))
    stack = assemble([without_noise(experiment)], dataset, capacity=len(few))
    feed = Feed(few, len(few), dtype=stack.dtype)
    return spread(Untrained(stack=stack, feed=feed, sample=np.arange(len(few))))

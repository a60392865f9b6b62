"""Names the layer at fault: the first that turns a right gradient into a wrong one.

A gradient that is wrong spoils all that is computed from it, so that most wrong gradients say
nothing about the layer that they belong to. What a layer gets during backward can be checked as
well as what it gives: by moving the activations between the layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainer_cli.checks.gradient_points import input_subject
from trainer_cli.checks.slopes import Differences
from trainer_cli.checks.surfaces import Gradients, LossSurface
from trainer_cli.checks.sweeps import Looked, look
from trainer_cli.config.experiment import Experiment

# Enough to see a fault, and to see that there is none where most units are silent.
COORDINATES, DIRECTIONS = 128, 2
# Ratios are equal, and equal to a whole number, if they are to this.
SAME = 1e-4


def culprit(
    experiment: Experiment,
    surface: LossSurface,
    differences: Differences,
    gradients: Gradients,
    wrong: Sequence[str],
    tolerance: float,
) -> str:
    """Return in words which layer, or the loss, is at fault; `wrong` names wrong parameters."""
    rng = np.random.default_rng(0)
    last = len(experiment.network)
    above = last  # the lowest layer above which all gradients are known to be right
    for layer in range(last, -1, -1):
        subject = input_subject(surface, gradients, layer)
        looked = look(
            differences,
            subject,
            count=COORDINATES,
            directions=DIRECTIONS,
            tolerance=tolerance,
            rng=rng,
        )
        own = [name for name in wrong if name.startswith(f"network[{layer}].")]
        if own:
            return _own(experiment, layer, above, own)
        if looked.error > tolerance:
            return _handed_down(experiment, layer, above, looked)
        if looked.seen:
            above = layer
    return "every layer hands the right gradient down: look at the parameters named above"


def _own(experiment: Experiment, layer: int, above: int, names: Sequence[str]) -> str:
    parameters = " and ".join(name.partition(".")[2] for name in names)
    if above > layer + 1:
        return f"the fault lies {_between(experiment, layer, above)}"
    return (
        f"the fault lies in {named(experiment, layer)}: the gradient that it gets is right, "
        f"the one of its {parameters} is not"
    )


def _handed_down(experiment: Experiment, layer: int, above: int, looked: Looked) -> str:
    last = len(experiment.network)
    if layer == last:
        kind = _type(experiment.loss)
        return f"the fault lies in the loss ({kind}): the gradient of the scores is wrong already"
    if above > layer + 1:
        return f"the fault lies {_between(experiment, layer, above)}"
    factor = everywhere(looked)
    told = f"; it is {factor}" if factor else ""
    return (
        f"the fault lies in {named(experiment, layer)}: the gradient that it gets is right, "
        f"the one that it hands down is not{told}"
    )


def _between(experiment: Experiment, lowest: int, above: int) -> str:
    top = min(above, len(experiment.network)) - 1
    return f"between {named(experiment, lowest)} and {named(experiment, top)}"


def named(experiment: Experiment, layer: int) -> str:
    """Return a layer with its kind: network[2] (relu)."""
    return f"network[{layer}] ({_type(experiment.network[layer])})"


def _type(part: Any) -> str:
    return str(getattr(part, "type", type(part).__name__))


def everywhere(looked: Looked, sizes: Mapping[str, int] | None = None) -> str | None:
    """Return by what factor a gradient is wrong, if it is the same at all coordinates."""
    seen = looked.seen.values()
    if len(seen) < 2 or not all(each.differences for each in seen):
        return None
    if not any(each.backward for each in seen):
        return "zero everywhere"
    ratios = [each.backward / each.differences for each in seen]
    ratio = float(np.median(ratios))
    if not ratio:
        return None
    if max(abs(each / ratio - 1) for each in ratios) > SAME:
        return None
    for name, size in (sizes or {}).items():
        if abs(ratio / size - 1) < SAME:
            return f"everywhere {size} times what it must be, the number of {name}"
        if abs(ratio * size - 1) < SAME:
            return f"everywhere 1/{size} of what it must be, the number of {name}"
    return f"everywhere {ratio:.6g} times what it must be"

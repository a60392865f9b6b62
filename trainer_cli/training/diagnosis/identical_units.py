"""Rule identical-units: did units that began with the same weights stay the same?"""

from __future__ import annotations

from trainer_cli.config.rules import IdenticalUnits, rule_of
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.gradients import FITTING
from trainer_cli.training.diagnosis.names import IDENTICAL, passed, skipped
from trainer_cli.training.findings import Finding
from trainer_cli.training.layer_statistics import LayerStatistics
from trainer_cli.training.signals import named


def identical_units(case: Case) -> Finding:
    """Judge the layers whose weights were all equal at the start, by the last look.

    Units behind other weights may give the same for a while, such as sigmoids next to 0.5.
    Source: CS231n, "Neural Networks Part 2", weight initialization, pitfall.
    """
    most = rule_of(case.experiment.checks, IdenticalUnits).wrong_share
    look, equal = case.last_look, _started_equal(case)
    inner = case.inner(look) if look else []
    if look is None or not inner:
        return skipped(IDENTICAL, "no look at the layers" if look is None else "no hidden layer")
    below = {layer.layer: _weights_below(case, layer) for layer in inner}
    worst = max(inner, key=lambda layer: layer.alike if below[layer.layer] in equal else 0.0)
    weighted = below[worst.layer]
    if weighted not in equal or worst.alike <= most:
        return passed(IDENTICAL, "the units of a layer differ from each other", threshold=most)
    return Finding(
        rule=IDENTICAL,
        status="warn",
        measured=worst.alike,
        threshold=most,
        message=f"{worst.alike:.0%} of the units of {named(worst)} give the same as another unit "
        f"after {look.update:,} updates, as at the start: the weights of {weighted} began equal, "
        "get the same gradient, and stay equal",
        hint=f"leave {weighted}.init out, or start with other random weights ({FITTING})",
        evidence={"from_start": True, "layer": worst.layer},
    )


def _started_equal(case: Case) -> set[str]:
    """Return the layers all of whose weights were the same before the first update."""
    look = case.first_look
    return {
        each.parameter.removesuffix(".weights")
        for each in (look.parameters if look else ())
        if each.parameter.endswith(".weights") and each.values.min == each.values.max
    }


def _weights_below(case: Case, layer: LayerStatistics) -> str:
    """Return the layer whose weights the outputs of a layer come from."""
    place = int(layer.layer.removeprefix("network[").removesuffix("]"))
    network = case.experiment.network
    return next(f"network[{i}]" for i in range(place, -1, -1) if isinstance(network[i], Weighted))

"""Rule dead-units: do the units of every layer still answer to their inputs?"""

from __future__ import annotations

from trainer_cli.config.rules import DeadUnits, rule_of
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.names import DEAD, passed, skipped
from trainer_cli.training.findings import Finding
from trainer_cli.training.history import Look
from trainer_cli.training.layer_statistics import LayerStatistics
from trainer_cli.training.signals import most_dead, named


def dead_units(case: Case) -> Finding:
    """Judge the last look: some dead units are usual in rectified layers, half a layer is not.

    Source: CS231n, "Neural Networks Part 1", commonly used activation functions: up to 40 % of a
    network can be dead if the learning rate is set too high.
    """
    most = rule_of(case.experiment.checks, DeadUnits).unusual_share
    look, first = case.last_look, case.first_look
    worst = most_dead(case.inner(look)) if look else None
    if look is None:
        return skipped(DEAD, "no look at the layers")
    blind = _same_for_all(case, look)
    if blind is not None:
        return _no_inputs(case, blind)
    if worst is None:
        return skipped(DEAD, "no hidden layer")
    if worst.dead <= most:
        seen = f"at most {worst.dead:.0%} of the units of a layer are dead, at {named(worst)}"
        return passed(DEAD, seen, worst.dead, most)
    before = most_dead(case.inner(first)) if first else None
    from_start = before is not None and before.dead > most
    when = "as at the start" if from_start else "and were not at the start"
    return Finding(
        rule=DEAD,
        status="warn",
        measured=worst.dead,
        threshold=most,
        message=f"{worst.dead:.0%} of the units of {named(worst)} are dead after "
        f"{look.update:,} updates, {when}: they give the same for every example",
        hint="center the inputs (center, standardize), start biases at 0 or slightly above "
        "(bias_init), weights not at 0, or use leaky_relu"
        if from_start
        else "lower optimizer.learning_rate or what pulls weights to 0, or use leaky_relu",
        evidence={"from_start": from_start, "layer": worst.layer},
    )


def _first_with_weights(case: Case, look: Look) -> LayerStatistics | None:
    layers = zip(case.experiment.network, look.layers, strict=True)
    return next((seen for layer, seen in layers if isinstance(layer, Weighted)), None)


def _same_for_all(case: Case, look: Look) -> LayerStatistics | None:
    """Return the first layer with weights if, not 0, they always make the same of every example."""
    layer = _first_with_weights(case, look)
    if layer is None:
        return None
    size = next(e.values.norm for e in look.parameters if e.parameter == f"{layer.layer}.weights")
    always = all(
        seen.dead == 1
        for each in case.history.looks
        for seen in each.layers
        if seen.layer == layer.layer
    )
    return layer if always and size > 0 else None


def _no_inputs(case: Case, layer: LayerStatistics) -> Finding:
    return Finding(
        rule=DEAD,
        status="warn",
        measured=layer.dead,
        threshold=rule_of(case.experiment.checks, DeadUnits).unusual_share,
        message=f"all examples are the same to the network: the outputs of {named(layer)}, whose "
        "weights are not 0, do not depend on the example",
        hint="look at the inputs and at what preprocessing makes of them (nntrain check-data): "
        "constant or rounded away, no setting of the network can tell them apart",
        evidence={"from_start": True, "layer": layer.layer},
    )

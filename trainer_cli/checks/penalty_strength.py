"""Does the penalty leave the loss of the data a say, or is nearly all of the cost the penalty?"""

from __future__ import annotations

from time import perf_counter

from trainer_cli.checks.untrained import untrained
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import PenaltyOutweighsLoss, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers import Layer
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.regularization import strongest
from trainer_cli.training.findings import Finding


def check_strength(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return a finding where there is a penalty: how large it is beside the loss of equal scores.

    The loss as it starts would not do: large weights raise it as well.
    """
    held = strongest(experiment.regularization, experiment.network)
    return [_judge(experiment, dataset)] if held.l1 or held.l2 else []


def _judge(experiment: Experiment, dataset: Dataset) -> Finding:
    begun, rule = perf_counter(), rule_of(experiment.checks, PenaltyOutweighsLoss)
    penalty = float(untrained(experiment, dataset).stack.penalty.costs()[0])
    loss = experiment.loss.at_zero_scores(dataset.classes)
    times = penalty / loss
    often = f"{float(f'{times:.2g}'):,.10g} times"
    told = (
        f"at the start the penalty of {_strengths(experiment)} is {penalty:.3g}, {often} the loss "
        f"of equal scores, {loss:.4g}"
    )
    if times <= rule.unusual:
        return Finding(
            rule=rule.type,
            status="pass",
            measured=times,
            threshold=rule.unusual,
            message=told,
            seconds=perf_counter() - begun,
        )
    return Finding(
        rule=rule.type,
        status="warn" if times < rule.wrong else "fail",
        measured=times,
        threshold=rule.unusual,
        message=f"{told}: training will make the weights small, and learn little else",
        hint="make it smaller, so that it is less than the loss; 1e-4 to 1e-2 is usual for l2"
        if times < 1
        else f"divide it by {often.removesuffix(' times')} or more, so that it is less than the "
        f"loss; 1e-4 to 1e-2 is usual for l2",
        seconds=perf_counter() - begun,
    )


def _strengths(experiment: Experiment) -> str:
    """Return what is set of l1 and l2: regularization.l2=10000 and network[2].l1=1."""
    section = experiment.regularization
    found = [
        f"regularization.{key}={getattr(section, key):g}"
        for key in ("l1", "l2")
        if getattr(section, key) and any(_takes(layer, key) for layer in experiment.network)
    ]
    found += [
        f"network[{i}].{key}={getattr(layer, key):g}"
        for i, layer in enumerate(experiment.network)
        for key in ("l1", "l2")
        if isinstance(layer, Weighted) and getattr(layer, key)
    ]
    return " and ".join(found)


def _takes(layer: Layer, key: str) -> bool:
    """Return whether the strength of the section holds for a layer."""
    return isinstance(layer, Weighted) and getattr(layer, key) is None

"""Does the loss ask for what training is for: the right class, and every class?"""

from __future__ import annotations

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import ClassWeights, LabelSmoothing, SvmMargin, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.training.findings import Finding

# A class that is rare in the data is a matter of the data unless its weight makes it so much rarer.
RARER = 0.1


def label_smoothing(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge how much of a target is left to the right class."""
    rule, loss = rule_of(experiment.checks, LabelSmoothing), experiment.loss
    if not isinstance(loss, Softmax) or not loss.label_smoothing:
        return _skip(rule.type, "loss.label_smoothing is not set")
    smoothing = loss.label_smoothing
    other = smoothing / dataset.classes
    told = (
        f"loss.label_smoothing={smoothing:g} leaves the right class a target of "
        f"{1 - smoothing + other:.3g}, and gives every other {other:.2g}"
    )
    good = smoothing <= rule.unusual
    return Finding(
        rule=rule.type,
        status="pass" if good else "warn" if smoothing < rule.wrong else "fail",
        measured=smoothing,
        threshold=rule.unusual,
        message=told,
        hint=None if good else "lower loss.label_smoothing: 0.1 is usual",
    )


def svm_margin(experiment: Experiment) -> Finding:
    """Judge the lead that a hinge loss asks for beside scores of a usual size, about 1."""
    rule, loss = rule_of(experiment.checks, SvmMargin), experiment.loss
    if not isinstance(loss, Svm | SquaredSvm):
        return _skip(rule.type, f"loss {loss.type} has no margin")
    told, small = f"loss.margin is {loss.margin:g}", loss.margin < rule.smallest
    if rule.smallest <= loss.margin <= rule.largest:
        return Finding(rule=rule.type, status="pass", measured=loss.margin, message=told)
    return Finding(
        rule=rule.type,
        status="warn",
        measured=loss.margin,
        expected=1.0,
        threshold=rule.smallest if small else rule.largest,
        message=f"{told}, and the scores of an untrained network are about 1: "
        + ("hardly any lead is asked for" if small else "no usual weights give such a lead"),
        hint="leave loss.margin at 1",
    )


def class_weights(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge which share of the loss the class weights leave to every class of the training data."""
    rule, given = rule_of(experiment.checks, ClassWeights), experiment.loss.class_weights
    if given is None:
        return _skip(rule.type, "loss.class_weights are not set")
    counts = np.bincount(dataset.train.labels, minlength=dataset.classes).astype(np.float64)
    there = np.flatnonzero(counts)
    weighted = counts * np.array(given)
    shares, natural = (each[there] / each.sum() for each in (weighted, counts))
    least = int(np.argmin(shares / natural))
    share, part = float(shares[least]), float(shares[least]) * len(there)
    passed_over = part < rule.least and share < RARER * float(natural[least])
    told = (
        f"class {there[least]} counts for {share:.2g} of the loss, and for {natural[least]:.2g} of "
        f"the training examples"
    )
    if not passed_over:
        return Finding(
            rule=rule.type, status="pass", measured=part, threshold=rule.least, message=told
        )
    return Finding(
        rule=rule.type,
        status="warn",
        measured=part,
        threshold=rule.least,
        message=f"{told}: it will not be learned",
        hint=f"bring loss.class_weights closer together: they go from {min(given):g} to "
        f"{max(given):g}",
    )


def _skip(rule: str, why: str) -> Finding:
    return Finding(rule=rule, status="skip", message=f"not judged: {why}")

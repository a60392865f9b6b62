"""Do the labels depend on the inputs at all?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.labels_by_place import sorted_alone, wrong_part
from trainer_cli.checks.data.probes import evidence, standardized, twins
from trainer_cli.checks.data.subject import not_judged
from trainer_cli.checks.data.twins import keys
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import UnrelatedLabels, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding

RULE = "unrelated-labels"
# Examples for a first look, some tens of milliseconds where the nearest ones share a class, and
# for a second, a second or two, before anything is called unrelated.
FIRST, SECOND = 1000, 1500

PROBES = {
    "neighbours": "nearest neighbours",
    "linear": "a linear probe",
    "pairs": "products of features",
    "nearby": "a Gaussian kernel",
    "twins": "equal examples",
}


def unrelated_labels(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge training labels by probes that need not be linear, against shuffled labels."""
    rule = rule_of(experiment.checks, UnrelatedLabels)
    train = dataset.train
    if len(np.unique(train.labels)) < 2:
        return not_judged(RULE, "all training examples are of one class")
    found: dict[str, float] = {}
    for most in (FIRST, SECOND):
        sample = train.select(train.evenly(most))
        x = standardized(sample.ready(np.dtype(np.float32)))
        if not x.any():
            return not_judged(RULE, "the inputs are all the same")
        rng = stream(experiment.seed, "check-data", most)
        found = evidence(x, sample.labels, rng, enough=rule.deviations)
        if max(found.values()) >= rule.deviations or len(train) <= most:
            break
    if max(found.values()) < rule.deviations:  # all examples, where the sample had no equal ones
        rng = stream(experiment.seed, "check-data", "twins")
        found["twins"] = twins(keys(train, train.stored.dtype), train.labels, rng)
    best = max(found, key=lambda probe: found[probe])
    if max(found.values()) >= rule.deviations and (told := _by_place(experiment, x, sample.labels)):
        return _warned(*told, found[max(found, key=lambda probe: found[probe])], rule.deviations)
    beyond = f"{found[best]:.1f} standard deviations beyond shuffled labels"
    related = found[best] >= rule.deviations
    if not related and len(sample) < rule.examples:
        return not_judged(RULE, f"{len(sample)} training examples are too few to tell")
    return Finding(
        rule=RULE,
        status="pass" if related else "warn",
        measured=found[best],
        threshold=rule.deviations,
        message=f"the inputs tell of the labels: {beyond} ({PROBES[best]})"
        if related
        else f"the labels seem to have nothing to do with the inputs: of {len(found)} probes on "
        f"{len(sample):,} training examples none does better than with shuffled labels",
        hint=None
        if related
        else "look at some examples beside their labels: were inputs and labels put in different "
        "orders?",
        evidence=found,
    )


def _by_place(experiment: Experiment, x: Array, labels: NDArray[np.intp]) -> tuple[str, str] | None:
    """Return message and hint where labels are right in a part of the file, or go by the place."""
    part = wrong_part(x, labels)
    if part is not None:
        begin, end, inside, elsewhere = part
        return (
            f"{begin:.0%} to {end:.0%} of the way through the training examples, labels seem to "
            f"have nothing to do with the inputs: {inside:.0%} of an example's nearest neighbours "
            f"have its label there, {elsewhere:.0%} elsewhere",
            "look at some examples of that part beside their labels: were inputs and labels put "
            "together in different orders there?",
        )
    deviations = rule_of(experiment.checks, UnrelatedLabels).deviations
    rng = stream(experiment.seed, "check-data", "borders")
    if not sorted_alone(x, labels, rng, deviations):
        return None
    return (
        "the labels are sorted, and the inputs seem not to be: with the borders between the "
        f"classes in other places no probe does worse on {len(labels):,} training examples",
        "look at some examples beside their labels: were the labels sorted, and the inputs not?",
    )


def _warned(message: str, hint: str, measured: float, threshold: float) -> Finding:
    return Finding(
        rule=RULE,
        status="warn",
        measured=measured,
        threshold=threshold,
        message=message,
        hint=hint,
    )

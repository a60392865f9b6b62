"""Do the labels depend on the inputs at all?"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.data.probes import evidence, standardized, twins
from trainer_cli.checks.data.subject import not_judged
from trainer_cli.checks.data.twins import keys
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import UnrelatedLabels, rule_of
from trainer_cli.datasets import Dataset
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

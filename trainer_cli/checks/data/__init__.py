"""Is there something wrong with the data: inputs, labels, splits, preprocessing?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.checks.data.augmented_classes import augmented_classes
from trainer_cli.checks.data.blank_examples import blank_examples
from trainer_cli.checks.data.class_counts import class_imbalance, missing_classes
from trainer_cli.checks.data.class_spelling import class_spelling
from trainer_cli.checks.data.constant_features import constant_features
from trainer_cli.checks.data.contradictory_labels import contradictory_labels
from trainer_cli.checks.data.far_out_values import far_out_values
from trainer_cli.checks.data.image_layout import image_layout
from trainer_cli.checks.data.label_among_features import label_among_features
from trainer_cli.checks.data.label_range import label_range
from trainer_cli.checks.data.non_finite_values import non_finite_values
from trainer_cli.checks.data.preprocessing_leak import preprocessing_leak
from trainer_cli.checks.data.shuffled_features import shuffled_features
from trainer_cli.checks.data.small_split import small_split
from trainer_cli.checks.data.split_drift import split_drift
from trainer_cli.checks.data.split_leak import split_leak
from trainer_cli.checks.data.split_scale import split_scale
from trainer_cli.checks.data.subject import labels_outside, not_judged, splits
from trainer_cli.checks.data.unrelated_labels import unrelated_labels
from trainer_cli.checks.data.unscaled_inputs import unscaled_inputs
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding

Judge = Callable[[Experiment, Dataset], Finding]

JUDGES: dict[str, Judge] = {
    "non-finite-values": non_finite_values,
    "label-range": label_range,
    "class-spelling": class_spelling,
    "missing-classes": missing_classes,
    "class-imbalance": class_imbalance,
    "image-layout": image_layout,
    "constant-features": constant_features,
    "blank-examples": blank_examples,
    "far-out-values": far_out_values,
    "shuffled-features": shuffled_features,
    "unscaled-inputs": unscaled_inputs,
    "split-scale": split_scale,
    "split-drift": split_drift,
    "split-leak": split_leak,
    "contradictory-labels": contradictory_labels,
    "label-among-features": label_among_features,
    "unrelated-labels": unrelated_labels,
    "small-split": small_split,
    "preprocessing-leak": preprocessing_leak,
    "augmentation-changes-class": augmented_classes,
}
# What cannot be judged where labels are out of range, and where values are not finite.
NEED_LABELS = (
    "missing-classes",
    "class-imbalance",
    "blank-examples",
    "shuffled-features",
    "split-drift",
    "contradictory-labels",
    "label-among-features",
    "unrelated-labels",
    "augmentation-changes-class",
)
NEED_VALUES = (
    "constant-features",
    "blank-examples",
    "far-out-values",
    "shuffled-features",
    "unscaled-inputs",
    "split-scale",
    "split-drift",
    "split-leak",
    "label-among-features",
    "unrelated-labels",
    "preprocessing-leak",
    "augmentation-changes-class",
)


def check_data(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return a finding for each rule about inputs, labels, splits and what is done to them.

    All examples are looked at where that is cheap (labels, duplicates, stored values), and up to
    1,000 of them otherwise.
    """
    barred: dict[str, str] = {}
    if any(labels_outside(each, dataset.classes).size for each in splits(dataset).values()):
        barred |= dict.fromkeys(NEED_LABELS, "some labels are out of range")
    findings = []
    with np.errstate(all="ignore"):
        for rule, judge in JUDGES.items():
            begun = perf_counter()
            finding = (
                not_judged(rule, barred[rule]) if rule in barred else judge(experiment, dataset)
            )
            findings.append(replace(finding, seconds=perf_counter() - begun))
            if rule == "non-finite-values" and finding.status == "fail":
                barred |= dict.fromkeys(NEED_VALUES, "some values are not finite")
            if rule == "split-scale" and finding.status == "fail":
                barred |= {"split-drift": "the splits are in other units"}
    return findings

"""Are the splits that a network is judged by large enough to judge it?"""

from __future__ import annotations

from trainer_cli.checks.data.subject import splits
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import SmallSplit, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.proportions import wilson

# What a split has of few data is no fault of the split, if it has this share of them.
FAIR_SHARE = 0.1


def small_split(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the smaller of validation and test by how well it knows an accuracy of one half.

    It is not blamed where a tenth of all examples are in it: then the data are few.
    """
    widest = rule_of(experiment.checks, SmallSplit).widest
    sizes = {name: len(each) for name, each in splits(dataset).items() if name != "training"}
    name = min(sizes, key=lambda each: sizes[each])
    low, high = wilson(0.5, sizes[name])
    total = sum(len(each) for each in splits(dataset).values())
    wide = high - low > widest and sizes[name] / total < FAIR_SHARE
    known = f"an accuracy is known to {50 * (high - low):.2g} percentage points either way"
    return Finding(
        rule="small-split",
        status="warn" if wide else "pass",
        measured=high - low,
        threshold=widest,
        message=f"the {name} split has {counted(sizes[name], 'example')} of {total:,}: "
        f"by them {known}",
        hint="give it more in data.split, or use nntrain crossval, which validates on every "
        "example in turn"
        if wide
        else None,
    )

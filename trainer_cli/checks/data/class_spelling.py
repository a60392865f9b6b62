"""Are two classes one, written in two ways?"""

from __future__ import annotations

from collections import defaultdict

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding

RULE = "class-spelling"
LISTED = 3


def class_spelling(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the names of the classes by what is left of them without case and spaces.

    Names of one character are left alone: A and a are two letters.
    """
    alike = defaultdict(list)
    for name in dataset.class_names or ():
        alike["".join(name.split()).casefold()].append(name)
    twice = [names for plain, names in alike.items() if len(names) > 1 and len(plain) > 1]
    if not twice:
        return Finding(rule=RULE, status="pass", message="no two classes have the same name")
    told = "; ".join(", ".join(map(repr, names)) for names in twice[:LISTED])
    more = "; ..." * (len(twice) > LISTED)
    left = dataset.classes - sum(len(names) - 1 for names in twice)
    return Finding(
        rule=RULE,
        status="warn",
        message=f"classes have the same name but for case and spaces: {told}{more}",
        hint=f"write each class in one way; then there are {left} classes, and the output layer "
        f"needs {left} units",
    )

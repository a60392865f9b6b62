"""Is the same example in two splits, so that remembering looks like knowing?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from trainer_cli.checks.data.near_copies import near_copies
from trainer_cli.checks.data.subject import splits
from trainer_cli.checks.data.twins import Keys, common_dtype, keys, twins_expected
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import SplitLeak, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding, Status
from trainer_cli.training.proportions import difference, wilson

RULE = "split-leak"
# So many equal examples by accident are no leak, however small the split.
FEW = 3
# Near copies are there by chance too, of categories beside one number most: 1 example in 6.
NEAR_SHARE = 0.15


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """How many examples of one split are in another one too, with the same label."""

    split: str
    other: str
    count: int
    size: int
    same_rows: int

    @property
    def share(self) -> float:
        return self.count / self.size

    @property
    def text(self) -> str:
        return (
            f"{self.count:,} of the {self.size:,} {self.split} examples ({self.share:.1%}) are in "
            f"{self.other} too"
        )


def split_leak(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the pair of splits that share most, by what their share is at least (95 % interval).

    Examples that are equal but for their label are left to contradictory-labels.
    """
    rule = rule_of(experiment.checks, SplitLeak)
    found, within = _shared(dataset)
    worst = max(found, key=lambda each: (each.same_rows > 0, each.share))
    status: Status = "pass"
    message, hint = "no example is in two splits", None
    if worst.same_rows:
        status = "fail"
        message = f"{worst.text}: {worst.same_rows:,} of them are the very same rows"
        hint = "the splits overlap: give every row of the source to one split alone"
    elif worst.count >= FEW and wilson(worst.share, worst.size)[0] > rule.share:
        if _by_chance(dataset, worst, within, rule.share):
            message = (
                f"{worst.text}, as {within:.1%} of the training examples are there twice: the "
                "inputs take few values"
            )
        else:
            status = "fail" if worst.share - within >= rule.wrong_share else "warn"
            message = worst.text
            hint = f"take them out of {worst.other}: accuracy on them shows memory, not knowledge"
            if within > rule.share:
                message += f", and {within:.1%} of the training examples are there twice"
                hint = "drop duplicates before the data are split"
    elif near := _nearly_shared(dataset):
        status, message = "warn", near
        hint = "copy or augment examples after the data are split, so that copies stay together"
    elif worst.count:
        message = f"{worst.text}, few enough"
    return Finding(
        rule=RULE,
        status=status,
        measured=worst.share,
        threshold=rule.share,
        message=message,
        hint=hint,
        evidence={f"{each.split} in {each.other}": each.count for each in found},
    )


def _shared(dataset: Dataset) -> tuple[list[_Shared], float]:
    """Return what each pair of splits shares, and the share of training that is there twice."""
    every = splits(dataset)
    dtype = common_dtype(*every.values())
    # Wrapping products: equal examples with unequal labels get unequal keys.
    hashes = {name: keys(each, dtype) * 31 + each.labels for name, each in every.items()}
    found = [
        _Shared(
            split=name,
            other=other,
            count=int(np.isin(hashes[name], hashes[other]).sum()),
            size=len(every[name]),
            same_rows=np.intersect1d(every[name].rows, every[other].rows).size
            if every[name].stored is every[other].stored
            else 0,
        )
        for other, name in combinations(every, 2)
    ]
    return found, _repeated(hashes["training"])


def _nearly_shared(dataset: Dataset) -> str | None:
    """Return which examples are nearly those for training, None where there are few such."""
    others = {name: each for name, each in splits(dataset).items() if name != "training"}
    for name, examples in others.items():
        count, size = near_copies(examples, dataset.train)
        if wilson(count / size, size)[0] > NEAR_SHARE:
            return (
                f"{count:,} of {size:,} {name} examples looked at are nearly equal to one in "
                f"training, and far from others: copies with some noise, or of other precision"
            )
    return None


def _repeated(hashes: Keys) -> float:
    """Return the share of examples that occur more than once."""
    counts = np.unique(hashes, return_counts=True)[1]
    return float(counts[counts > 1].sum() / len(hashes))


def _by_chance(dataset: Dataset, worst: _Shared, within: float, threshold: float) -> bool:
    """Return whether twins are usual in such data, and no more so between splits than within."""
    if twins_expected(dataset.train) <= threshold:
        return False
    low, _ = difference(worst.share, worst.size, within, len(dataset.train))
    # Twice as wide as a 95 % interval, because this is the largest of several shares.
    return 2 * low - (worst.share - within) <= threshold

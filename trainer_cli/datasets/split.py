"""Divides the examples of a source so that validation and test say something about new data.

N examples, C classes.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.datasets.apportion import apportion
from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.table import Labels

Share = Annotated[int, Ge(0)] | Annotated[float, Ge(0), Le(1)]

# What a part that is left out gets of the rest: 70, 15 and 15 of 100; 80 and 20 of 100 where the
# source has a test set of its own.
USUAL = {"train": 70, "validation": 15, "test": 15}
USUAL_WITH_TEST = {"train": 80, "validation": 20}
SLACK = 1e-9  # 0.7 + 0.2 + 0.1 is 0.9999999999999999


@dataclass(frozen=True, kw_only=True)
class Split:
    """How many examples are for training, validation and test.

    A whole number counts examples and a number with a point is a fraction of all: 1 is one
    example, 1.0 all of them. Parts left out share the rest as 70 : 15 : 15, or 80 : 20 where the
    source has a test set of its own, which is then used whole and cannot be set here. Parts that
    are all given may add up to less than there is; what is over is not used. `test: 0` means no
    test set.
    """

    train: Annotated[Share | None, doc("count or fraction of the examples to train on")] = None
    validation: Annotated[
        Share | None, doc("count or fraction of the examples to choose settings by")
    ] = None
    test: Annotated[
        Share | None, doc("count or fraction of the examples kept for the final judgement")
    ] = None
    stratified: Annotated[
        bool, doc("whether every part has the classes in the same proportions")
    ] = True
    seed: Annotated[
        Annotated[int, Ge(0)] | None,
        doc("number that the division grows from, unless given the experiment's seed"),
    ] = None

    def __post_init__(self) -> None:
        given = {"train": self.train, "validation": self.validation, "test": self.test}
        for name, share in given.items():
            if isinstance(share, float) and not 0 <= share <= 1:
                raise ValueError(
                    f"{name} is a fraction of the examples, at most 1.0, got {share}; "
                    "a count has no point"
                )
            if name != "test" and share is not None and share == 0:
                raise ValueError(f"{name} must have at least one example, got {share}")
        fractions = {name: s for name, s in given.items() if isinstance(s, float)}
        total = sum(fractions.values())
        if total > 1 + SLACK:
            terms = " + ".join(f"{name} {share}" for name, share in fractions.items())
            raise ValueError(f"the fractions add up to more than 1: {terms} = {total:g}")


@dataclass(frozen=True)
class Rows:
    """Rows of the source that each part takes: disjoint, each in the order of the source."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]


def split(labels: Labels, own_test: bool, settings: Split, rng: np.random.Generator) -> Rows:
    """Choose the rows of each part; `test` is empty when `own_test` or when nothing is left for it.

    Stratified, each class is apportioned by largest remainders: no part is off its exact share of
    a class by a whole example, and every part has exactly its number of examples.
    Raises DataError when the parts need more examples than there are or one would have none.
    """
    if own_test and settings.test is not None:
        raise DataError(
            "the source has a test set of its own, so test cannot be set",
            key=("data", "split", "test"),
            hint="remove test",
        )
    sizes = _sizes(len(labels), own_test, settings)
    shuffled = rng.permutation(len(labels))
    if not settings.stratified:
        parts = np.split(shuffled, np.cumsum(sizes))[:3]
    else:
        parts = _stratified(labels, shuffled, sizes)
    return Rows(*(np.sort(part) for part in parts))


def _sizes(examples: int, own_test: bool, settings: Split) -> list[int]:
    """Return the numbers of examples for train, validation and test."""
    given = {"train": settings.train, "validation": settings.validation, "test": settings.test}
    usual = USUAL_WITH_TEST if own_test else USUAL
    exact = {
        name: share if isinstance(share, int) else share * examples
        for name, share in given.items()
        if share is not None
    }
    _refuse_too_many(examples, exact)
    rest = max(0.0, examples - sum(exact.values()))
    left_out = {name: weight for name, weight in usual.items() if given[name] is None}
    for name, weight in left_out.items():
        exact[name] = rest * weight / sum(left_out.values())
    total = round(sum(exact.values()))
    names = list(usual)
    sizes = dict(zip(names, apportion([exact[name] for name in names], total), strict=True))
    for name in names:
        if sizes[name] == 0 and (name != "test" or exact[name] > SLACK):
            raise DataError(
                f"{name} would have none of the {examples:,} examples",
                key=("data", "split", name) if given[name] is not None else ("data", "split"),
            )
    return [sizes.get(name, 0) for name in USUAL]


def _refuse_too_many(examples: int, exact: dict[str, int | float]) -> None:
    needed = sum(exact.values())
    if needed <= examples * (1 + SLACK):
        return
    largest = max(exact, key=lambda name: exact[name])
    terms = " + ".join(f"{name} {round(size):,}" for name, size in exact.items())
    raise DataError(
        f"needs {round(needed):,} examples ({terms}), but the source has {examples:,}",
        key=("data", "split", largest if exact[largest] > examples else [*exact][-1]),
    )


def _stratified(
    labels: Labels, shuffled: NDArray[np.intp], sizes: list[int]
) -> list[NDArray[np.intp]]:
    """Deal the shuffled examples of each class out to the parts."""
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    left = np.bincount(labels)  # (C,) examples of each class not dealt out yet
    start = np.cumsum(left) - left  # (C,) where those of each class begin in by_class
    parts = []
    for size in sizes:
        quota = left * (size / max(1, int(left.sum())))
        take = np.array(apportion(list(quota), size), np.intp)
        pieces = [by_class[s : s + n] for s, n in zip(start, take, strict=True)]
        parts.append(np.concatenate(pieces))
        start, left = start + take, left - take
    return parts

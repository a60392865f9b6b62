"""What the folds of a cross-validation say together: does it learn, and do the folds agree.

K folds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.rules import FoldSpread, Rule, rule_of
from trainer_cli.training.findings import Finding
from trainer_cli.training.fold_figures import FoldFigures, Spread, spread_of
from trainer_cli.training.proportions import wilson

Counts = NDArray[np.int64]

CROSSVAL, SPREAD, STOPPING = "crossval", "fold-spread", "early-stopping"

# Chance is seen in so many ways to deal the errors out.
DEALS = 10_000
DEALT_BY = 0  # the seed of those deals: the same figures give the same finding


def judge_folds(
    figures: Sequence[FoldFigures],
    majority: float,
    *,
    stops_early: bool,
    rules: Collection[Rule] = (),
) -> list[Finding]:
    """Return the findings on all folds together.

    `majority` is the accuracy of naming the largest class every time; `stops_early` says whether
    the experiment asks for early stopping, which cross-validation leaves aside, and `rules` are
    those that it sets.
    """
    left_aside = [_stopping_left_aside()] if stops_early else []
    accuracy = spread_of(figures, "validation_accuracy")
    if accuracy is None:
        why = _why_not(figures)
        skips = [Finding(rule=r, status="skip", message=why) for r in (CROSSVAL, SPREAD)]
        return [*skips, *left_aside]
    chance = rule_of(rules, FoldSpread).chance
    return [
        _judge_mean(figures, accuracy, majority),
        _judge_spread(figures, accuracy, chance),
        *left_aside,
    ]


def _why_not(figures: Sequence[FoldFigures]) -> str:
    exploded = sum(each.stopped == "diverged" for each in figures)
    if exploded:
        return f"not judged: the cost exploded in {exploded} of {len(figures)} folds"
    return "not judged: training was interrupted"


def _right(figures: Sequence[FoldFigures]) -> tuple[Counts, Counts]:
    """Return how many examples every fold has, (K,), and how many are classified rightly."""
    sizes = np.array([each.validation_examples for each in figures])
    shares = np.array([each.validation_accuracy or 0.0 for each in figures])
    return sizes, np.rint(shares * sizes).astype(np.int64)


def _judge_mean(figures: Sequence[FoldFigures], accuracy: Spread, majority: float) -> Finding:
    """Judge whether the mean accuracy is more than naming the largest class gives.

    Every example is validated on once: their accuracy must be above that of the largest class with
    95 % confidence.
    """
    sizes, right = _right(figures)
    low, high = wilson(float(right.sum() / sizes.sum()), int(sizes.sum()))
    said = (
        f"mean validation accuracy {accuracy.mean:.1%} ± {accuracy.standard_error:.1%} "
        f"(standard error over {len(figures)} folds; standard deviation {accuracy.std:.1%})"
    )
    learned = low > majority
    return Finding(
        rule=CROSSVAL,
        status="pass" if learned else "warn",
        measured=accuracy.mean,
        threshold=majority,
        message=(
            f"{said}; the largest class alone: {majority:.1%}"
            if learned
            else f"{said}, which is no more than naming the largest class every time gives, "
            f"{majority:.1%}"
        ),
        hint=None if learned else "look at one run first: nntrain train, and what it says",
        evidence={"interval": [low, high], "majority_accuracy": majority},
    )


def _judge_spread(figures: Sequence[FoldFigures], accuracy: Spread, chance: float) -> Finding:
    """Judge whether the folds differ more than they do by chance.

    If all folds are alike, their errors are dealt out to them blindly: the number in each follows
    the multivariate hypergeometric law. `share` is the share of such deals that are spread at least
    as widely, by Σ (e - E n/N)²/n over the folds with e of E errors and n of N examples.
    """
    sizes, right = _right(figures)
    errors = sizes - right
    expected = errors.sum() * sizes / sizes.sum()
    deals = np.random.default_rng(DEALT_BY).multivariate_hypergeometric(
        sizes, int(errors.sum()), size=DEALS, method="marginals"
    )  # (DEALS, K)
    found, dealt = (((e - expected) ** 2 / sizes).sum(axis=-1) for e in (errors, deals))
    share = float(np.mean(dealt >= found * (1 - 1e-9)))
    by_chance = float(np.std(1 - deals / sizes, axis=-1, ddof=1).mean())
    said = f"standard deviation {accuracy.std:.1%}, and {by_chance:.1%} by chance"
    alike = share >= chance
    worst = min(figures, key=lambda each: each.validation_accuracy or 0.0)
    return Finding(
        rule=SPREAD,
        status="pass" if alike else "warn",
        measured=accuracy.std,
        expected=by_chance,
        message=(
            f"the folds differ no more than chance explains: {said}"
            if alike
            else f"the folds differ more than chance explains: {said}; the worst is fold "
            f"{worst.fold} with {worst.validation_accuracy:.1%}"
        ),
        hint=None if alike else _spread_hint(),
        evidence={"share": share},
    )


def _spread_hint() -> str:
    return (
        "train with another seed: if the worst fold is another one then, training is what differs, "
        "so train longer or at a lower rate; if not, look at the examples of that fold"
    )


def _stopping_left_aside() -> Finding:
    return Finding(
        rule=STOPPING,
        status="skip",
        message=(
            "training.early_stopping is left aside: it would choose the epoch by the examples that "
            "the fold is judged by, which flatters; every fold is trained to its last epoch"
        ),
        hint="set training.epochs to the number of epochs that nntrain train stops after",
    )

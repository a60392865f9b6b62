"""Rule underfitting: is the network too small, or held too tightly, for what there is to learn?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainer_cli.config.rules import Underfitting, rule_of
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.flatness import NOTABLE, penalty_share
from trainer_cli.training.diagnosis.held_back import held_back
from trainer_cli.training.diagnosis.largest_class import names_only_the_largest
from trainer_cli.training.diagnosis.names import UNDER, passed, skipped
from trainer_cli.training.diagnosis.neighbours import known_to_neighbours
from trainer_cli.training.diagnosis.suspects import pulls, suspects
from trainer_cli.training.findings import Finding
from trainer_cli.training.proportions import difference

# Low accuracy without a gap may also be all that the data allow. So a network is held against
# nearest neighbours: it has room to learn if they name clearly more new examples rightly than it
# does of those it has seen.
FEWEST_EPOCHS = 5
WEIGH = (
    "give the other classes more weight (loss.class_weights), or train longer or at a higher "
    "optimizer.learning_rate"
)


def underfitting(case: Case) -> Finding:
    """Judge a run that has come to rest: neighbours of validation examples against its accuracy."""
    margin = rule_of(case.experiment.checks, Underfitting).margin
    train, validation = case.end.train_accuracy, case.end.validation_accuracy
    if len(case.history.epochs) < FEWEST_EPOCHS:
        return skipped(UNDER, f"too few epochs to tell, {len(case.history.epochs)}")
    only = names_only_the_largest(case)
    if only:
        return _unfit(
            case, only, WEIGH, measured=validation, expected=case.history.setting.majority
        )
    accuracies = f"training accuracy {train:.1%}, validation accuracy {validation:.1%}"
    count = case.history.setting.validation_examples
    if train >= 1 - margin:
        return passed(UNDER, accuracies, train, 1 - margin)
    theirs, measured, known = known_to_neighbours(case.read())
    clear = difference(theirs, measured, validation, count)[0] > margin
    if clear and theirs > train + margin >= theirs - _to_come(case):
        return skipped(UNDER, f"the accuracy is still rising, {accuracies}: more epochs come first")
    if not clear or theirs <= train + margin:
        seen = f"{accuracies}; {known}: nothing shows that the data allow more"
        return passed(UNDER, seen, train, theirs)
    seen = f"{accuracies}: no gap, and low, where {known}"
    found = _unfit(case, seen, _more(case), measured=train, expected=theirs)
    return replace(
        found, threshold=margin, evidence={**found.evidence, "neighbours_accuracy": theirs}
    )


def _unfit(case: Case, seen: str, otherwise: str, *, measured: float, expected: float) -> Finding:
    """Return the warning: what was tried and holds the network back, or else what to do."""
    held = held_back(case)
    return Finding(
        rule=UNDER,
        status="warn",
        measured=measured,
        expected=expected,
        message=f"{seen}; {held.message}" if held else seen,
        hint=held.hint if held else otherwise,
        evidence={"train_accuracy": case.end.train_accuracy},
    )


def _more(case: Case) -> str:
    held = " and ".join(_holding(case))
    less = f"less regularization ({held}), " if held else ""
    return f"try {less}more units or layers, or more epochs"


def _holding(case: Case) -> list[str]:
    """Return the settings that may hold the network back: penalties if they are worth a word."""
    weak = {} if penalty_share(case.history) >= NOTABLE else pulls(case.experiment)
    return [name for name in suspects(case.experiment) if name not in weak]


def _to_come(case: Case) -> float:
    """Return what as many epochs again add to the accuracies at the pace of the last quarter."""
    both = np.array([(e.train_accuracy, e.validation_accuracy) for e in case.history.epochs])
    quarter = len(both) // 4
    before, last = both[-2 * quarter : -quarter], both[-quarter:]
    return (
        len(both)
        / quarter
        * float(max(0.0, *(np.median(last, axis=0) - np.median(before, axis=0))))
    )

"""Rules overfitting and validation-worse-than-chance: what is worth what was learned?"""

from __future__ import annotations

from trainer_cli.config.rules import Overfitting, ValidationWorseThanChance, rule_of
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.names import CHANCE, OVER, passed, skipped
from trainer_cli.training.diagnosis.suspects import suspects
from trainer_cli.training.findings import Finding
from trainer_cli.training.history import History
from trainer_cli.training.proportions import wilson

# "The gap between the training and validation accuracy indicates the amount of overfitting"
# (CS231n, "Neural Networks Part 3", train/val accuracy). A gap is counted as far as the validation
# examples are many enough to be sure of it. Where it is so much of all errors, the training
# examples are learned almost by heart.
MOST_ERRORS = 0.5
# With fewer validation examples than this, chance is all there is.
FEWEST_EXAMPLES = 20
# What has not been learned cannot be of no use: so much of the loss must be off.
SOMETHING = 0.05


def overfitting(case: Case) -> Finding:
    """Judge the gap between training and validation accuracy of the final network."""
    train, validation = case.end.train_accuracy, case.end.validation_accuracy
    if case.history.setting.validation_examples < FEWEST_EXAMPLES:
        return skipped(OVER, f"fewer than {FEWEST_EXAMPLES} validation examples")
    if not case.learned >= SOMETHING:
        return skipped(OVER, "next to nothing has been learned")
    gap, sure = train - validation, sure_gap(case.history, train, validation)
    rule = rule_of(case.experiment.checks, Overfitting)
    by_heart = gap >= MOST_ERRORS * (1 - validation)
    threshold = rule.gap_by_heart if by_heart else rule.gap
    accuracies = f"training accuracy {train:.1%}, validation accuracy {validation:.1%}"
    if sure <= threshold:
        return passed(OVER, f"no big gap: {accuracies}", sure, threshold)
    lowest = min(case.history.epochs, key=lambda epoch: epoch.validation_loss)
    risen = ""
    if lowest.validation_loss < 0.95 * case.end.validation_loss:
        risen = (
            f"; the validation loss has risen from {lowest.validation_loss:.3g} in epoch "
            f"{lowest.epoch} to {case.end.validation_loss:.3g}"
        )
    more = "stronger" if suspects(case.experiment) else "some"
    return Finding(
        rule=OVER,
        status="warn",
        measured=sure,
        threshold=threshold,
        message=f"{accuracies}: a gap of {gap:.1%}, and of {sure:.1%} at the least for "
        f"{case.history.setting.validation_examples:,} validation examples{risen}",
        hint=f"try {more} regularization (l2, dropout), augmentation, more training examples, a "
        "smaller network, or training.early_stopping",
        evidence={"train_accuracy": train, "validation_accuracy": validation},
    )


def worse_than_chance(case: Case) -> Finding:
    """Judge whether what was learned is worth anything on the validation split, or is harmful.

    Chance is what naming the largest class, or any class, gives.
    """
    setting = case.history.setting
    train, validation = case.end.train_accuracy, case.end.validation_accuracy
    chance, count = max(setting.majority, 1 / setting.classes), setting.validation_examples
    if count < FEWEST_EXAMPLES:
        return skipped(CHANCE, f"fewer than {FEWEST_EXAMPLES} validation examples")
    if not case.learned >= SOMETHING:
        return skipped(CHANCE, "next to nothing has been learned")
    share = f"validation accuracy {validation:.1%} of {count:,} examples"
    largest = f"the largest class alone gives {setting.majority:.1%}"
    # What training examples teach must be of no use at all: a network that has learned something
    # of many classes is above chance by far.
    gap = rule_of(case.experiment.checks, ValidationWorseThanChance).gap
    if wilson(validation, count)[0] > chance or sure_gap(case.history, train, validation) <= gap:
        return passed(CHANCE, f"{share}; {largest}", validation, chance)
    worse = wilson(validation, count)[1] < chance
    return Finding(
        rule=CHANCE,
        status="warn",
        measured=validation,
        expected=chance,
        message=f"{share} is {'worse' if worse else 'no better'} than chance, and training "
        f"accuracy is {train:.1%}; {largest}",
        hint="compare the validation examples with the training examples: labels that are shifted "
        "or shuffled, other units or another order of features; or the labels do not follow from "
        "the inputs",
        evidence={"train_accuracy": train, "validation_accuracy": validation},
    )


def sure_gap(history: History, train: float, validation: float) -> float:
    """Return the gap to the upper end of the validation accuracy's 95 % interval."""
    return train - wilson(validation, history.setting.validation_examples)[1]

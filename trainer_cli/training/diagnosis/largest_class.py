"""Does a network do anything but name the largest class, where that alone is often right?"""

from __future__ import annotations

from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.neighbours import known_to_neighbours
from trainer_cli.training.material import MEASURED_EXAMPLES
from trainer_cli.training.proportions import difference

# Where the largest class makes up less, an accuracy no better than its share is low by itself.
LARGE = 0.75
# A network that does more than name the largest class is right about a tenth of the others.
OTHERS = 0.1
# Where classes overlap, to name the largest is right, and yet the loss tells what was learned. So
# little of it is nothing: two classes of 93 % and 7 %, one standard deviation apart, allow 12 %.
SOMETHING = 0.02
# Where neighbours are right about a third of the others, the classes do not overlap so much.
THIRD = 1 / 3
# Splits in which the others are not about as many have no loss in common to be judged by.
UNLIKE = 0.25


def names_only_the_largest(case: Case) -> str:
    """Return the evidence that a network names the largest class and has learned no more, or "".

    Its loss on new examples is then no lower than that of the class frequencies, or neighbours
    name a good part of the others.
    """
    majority, end = case.history.setting.majority, case.end
    if not LARGE <= majority < 1 or _right_of_others(end.validation_accuracy, majority) >= OTHERS:
        return ""
    dataset = case.read()
    train, validation = dataset.train, dataset.validation
    share = float(
        class_shares(train.labels[train.evenly(MEASURED_EXAMPLES)], dataset.classes).max()
    )
    if share == 1 or _right_of_others(end.train_accuracy, share) >= OTHERS:
        return ""
    if abs(share - majority) > UNLIKE * (1 - share):
        return ""
    loss, shares = case.experiment.loss, class_shares(validation.labels, dataset.classes)
    constant, floor = loss.at_best_constant(shares), loss.floor(shares)
    said = (
        f"next to nothing but the largest class is named: training accuracy "
        f"{end.train_accuracy:.1%}, where that alone gives {share:.1%}, validation accuracy "
        f"{end.validation_accuracy:.1%}, where it gives {majority:.1%}"
    )
    if constant - end.validation_loss < SOMETHING * (constant - floor):
        return (
            f"{said}; the validation loss of {end.validation_loss:.4g} is hardly below what the "
            f"class frequencies alone give, {constant:.4g}: nothing shows that more was learned"
        )
    theirs, measured, known = known_to_neighbours(dataset)
    sure = difference(theirs, measured, end.validation_accuracy, len(validation))[0] > 0
    return f"{said}; {known}" if sure and _right_of_others(theirs, majority) >= THIRD else ""


def _right_of_others(accuracy: float, majority: float) -> float:
    return (accuracy - majority) / (1 - majority)

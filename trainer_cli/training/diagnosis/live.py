"""What can be said of a run for sure while it goes on: by its history alone, at once."""

from __future__ import annotations

from collections.abc import Iterator

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis.case import Case, NoDataError
from trainer_cli.training.diagnosis.causes import causes_first
from trainer_cli.training.diagnosis.dead_units import dead_units
from trainer_cli.training.diagnosis.flatness import least_progress
from trainer_cli.training.diagnosis.gradients import exploding_gradient, vanishing_gradient
from trainer_cli.training.diagnosis.identical_units import identical_units
from trainer_cli.training.diagnosis.names import LOW
from trainer_cli.training.diagnosis.saturated_units import saturated_units
from trainer_cli.training.diagnosis.too_low import or_penalty
from trainer_cli.training.diagnosis.update_ratio import ratios_of_weights
from trainer_cli.training.diagnosis.validation import overfitting, worse_than_chance
from trainer_cli.training.findings import Finding, loss_text
from trainer_cli.training.history import History

# What is said early must still hold in the end: so much of the training has to be over ...
EARLIEST = 0.2
# ... at least so many epochs and updates, and so much of the loss must be left that what is wrong
# with the layers cannot be what learning leaves behind.
FEWEST_EPOCHS, FEWEST_UPDATES = 3, 100
UNLEARNED = 0.5
# A rate is too low for sure where an update moves no weights by even a hundredth of what is usual,
# 1e-3 ("Neural Networks Part 3", ratio of weights:updates), and the loss has not moved either.
STANDING = 1e-5


def live(experiment: Experiment, history: History) -> list[Finding]:
    """Return warnings that will hardly have to be taken back; cheap enough for every epoch.

    Nothing is tried out, so that the rules that need trials say nothing before the end.
    """
    epochs, updates = len(history.epochs), history.updates
    if epochs < FEWEST_EPOCHS or updates < FEWEST_UPDATES:
        return []
    over = epochs >= max(EARLIEST * history.setting.epochs, experiment.schedule.warmup + 1)
    if not over or history.stopped == "diverged":
        return []
    case = Case(experiment=experiment, history=history, read=_nothing, stop=lambda: False)
    if not case.gainable > 0:
        return []
    return [each for each in causes_first(list(_sure(case))) if each.status == "warn"]


def _sure(case: Case) -> Iterator[Finding]:
    if case.learned < UNLEARNED:
        of_layers = [
            exploding_gradient(case),
            saturated_units(case),
            identical_units(case),
            dead_units(case),
            vanishing_gradient(case),
        ]
        # What has only come up in training may go again.
        yield from (
            found for found in of_layers if found.status == "warn" and found.evidence["from_start"]
        )
        standing = _standing(case)
        if standing is not None and all(each.status != "warn" for each in of_layers):
            yield standing
    yield worse_than_chance(case)
    yield overfitting(case)


def _standing(case: Case) -> Finding | None:
    """Return the finding on a loss that stays where it is, as no weights move."""
    ratios = ratios_of_weights(case)
    if not ratios or case.learned >= least_progress(case.experiment):
        return None
    most = max(each for own in ratios.values() for each in own)
    if not 0 < most < STANDING:
        return None
    start, end = case.history.start.loss, case.end.train_loss
    return Finding(
        rule=LOW,
        status="warn",
        measured=most,
        threshold=STANDING,
        message=f"the loss has barely moved, {loss_text(start)} to {loss_text(end)}, and an update "
        f"moves no weights by more than {most:.2g} of their size, where 0.001 is usual; the "
        f"learning rate {case.rate:g} is too low",
        hint=f"try a higher optimizer.learning_rate{or_penalty(case)}",
        evidence={"learning_rate": case.rate},
    )


def _nothing() -> Dataset:
    raise NoDataError("training goes on")

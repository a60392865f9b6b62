"""Is it some other setting than the learning rate that keeps the loss from falling?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from trainer_cli.checks.rate_run import UPDATES
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.flat import MOST_OF_BEST, PROBE_GAIN
from trainer_cli.training.diagnosis.flatness import least_progress
from trainer_cli.training.diagnosis.gains import fall_text
from trainer_cli.training.diagnosis.names import PLATEAU
from trainer_cli.training.diagnosis.probe import Trial, best_of
from trainer_cli.training.diagnosis.suspects import culprits, suspects
from trainer_cli.training.findings import Finding, counted, loss_text

# What a setting must leave to be gained for it to be blamed in place of the rate.
MUCH = 0.25
# A training of more updates than this is not gone through.
LONGEST = 3000
STILL = (
    "next to no gradient reaches the weights, or there is nothing to learn: look for dead units, "
    "for weights, inputs or scores that are far too small (nntrain check-activations), and whether "
    "the labels belong to the inputs"
)


def fall_of(case: Case) -> str:
    """Return how the loss went, in words."""
    start, end = case.history.start.loss, case.end.train_loss
    updates = counted(case.history.updates, "update")
    return f"the loss goes from {loss_text(start)} to {loss_text(end)} in {updates}"


def held_back(case: Case, dataset: Dataset, tried: Sequence[Trial], message: str) -> Finding | None:
    """Return the finding on a loss that falls at no rate, but does without some other setting."""
    worth = least_progress(case.experiment) * case.gainable
    enough = max(worth, PROBE_GAIN * best_of(tried).decrease)
    named = culprits(case.experiment, dataset, enough, case.stop)
    return None if named is None else _finding(case, message, named)


def at_this_rate(case: Case, tried: Sequence[Trial], message: str) -> Finding | None:
    """Return the finding on a rate that no other is far ahead of, but for some other setting.

    Without that the rate takes off much of the loss, and several times what any rate does with it.
    """
    enough = max(MUCH * case.gainable, PROBE_GAIN * best_of(tried).decrease)
    without: dict[str, Trial] = {}
    for name, remove in suspects(case.experiment).items():
        (without[name],) = case.trials([case.rate], UPDATES, remove(case.experiment))
    guilty = [name for name, trial in without.items() if trial.decrease >= enough]
    if not guilty:
        return None
    first, blamed = without[guilty[0]], " and ".join(guilty)
    return _finding(
        case,
        message,
        f"look at {blamed}: without {'them' if ' and ' in blamed else 'it'}, "
        f"{counted(UPDATES, 'update')} at the learning rate {case.rate:g} {fall_text(first)}",
    )


def stands_still(case: Case, why: str) -> Finding | None:
    """Return the finding on a loss that the whole training would leave where it is.

    A flat start, as from small weights, is none: after as many updates as are planned the loss has
    come down. Not judged where these would take long.
    """
    setting = case.history.setting
    planned = setting.epochs * setting.steps_per_epoch
    affordable = case.history.updates >= min(UPDATES, planned)  # else the network is a large one
    if planned > LONGEST or not affordable:
        return None
    (whole,) = case.trials([case.rate], max(planned, UPDATES))
    if whole.decrease >= least_progress(case.experiment) * case.gainable:
        return None
    return _finding(
        case, f"{fall_of(case)} and to {loss_text(whole.end)} in {planned:,}; {why}", STILL
    )


def clipped(case: Case, tried: Sequence[Trial]) -> Finding | None:
    """Return the finding on a rate that seems too low because every gradient is cut.

    Without the bound the rate does as well as the best, or half as well.
    """
    optimizer = case.experiment.optimizer
    if optimizer.clip_norm is None:
        return None
    free = replace(case.experiment, optimizer=replace(optimizer, clip_norm=None))
    (trial,) = case.trials([case.rate], UPDATES, free)
    if trial.decrease < MOST_OF_BEST * best_of(tried).decrease:
        return None
    named = f"optimizer.clip_norm={optimizer.clip_norm:g}"
    return _finding(
        case,
        f"{fall_of(case)}: {named} leaves next to nothing of the gradients",
        f"raise it: without it, {counted(UPDATES, 'update')} at the learning rate {case.rate:g} "
        f"{fall_text(trial)}",
    )


def _finding(case: Case, message: str, hint: str) -> Finding:
    return Finding(
        rule=PLATEAU,
        status="warn",
        measured=case.learned if case.history.epochs else None,  # it may have exploded in the first
        threshold=least_progress(case.experiment),
        message=message,
        hint=hint,
    )

"""Do the settings of the training fit each other, and the number of examples?"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.normalization import batch_norm_values, running_averages
from trainer_cli.checks.targets import class_weights, label_smoothing, svm_margin
from trainer_cli.config.experiment import Experiment, Training
from trainer_cli.config.rules import (
    MomentumTooHigh,
    ScheduleEndsEarly,
    TooFewUpdates,
    WeightDecayTooStrong,
    rule_of,
)
from trainer_cli.datasets import Dataset
from trainer_cli.nn.network import smallest_batches
from trainer_cli.training.findings import Finding, Status, counted
from trainer_cli.training.pace import factor

# Updates at which the schedule is asked, spread evenly over the training.
ASKED = 1000


def check_settings(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return ten findings on schedule, length, momentum, batch normalization and the loss.

    One more is on the decay of weights, where there is any. Nothing is trained.

    Source: CS231n, "Neural Networks Part 3", annealing the learning rate.
    """
    steps = steps_per_epoch(experiment, dataset)
    return [
        schedule_ends_early(experiment, steps),
        _batch_size(experiment.training, dataset),
        _updates(experiment, steps),
        _patience(experiment.training),
        _momentum(experiment, steps),
        *_decay(experiment),
        batch_norm_values(experiment, dataset),
        running_averages(experiment, steps * experiment.training.epochs),
        svm_margin(experiment),
        label_smoothing(experiment, dataset),
        class_weights(experiment, dataset),
    ]


def steps_per_epoch(experiment: Experiment, dataset: Dataset) -> int:
    """Return the number of updates in an epoch, as training counts them."""
    n = len(dataset.train)
    ends = n - max(smallest_batches(experiment.network, dataset.shape)) + 1
    return max(1, len(range(0, ends, min(experiment.training.batch_size, n))))


def schedule_ends_early(experiment: Experiment, steps: int) -> Finding:
    """Judge how much of the training the schedule leaves next to nothing to; `steps` an epoch."""
    rule = rule_of(experiment.checks, ScheduleEndsEarly)
    updates, name = steps * experiment.training.epochs, experiment.schedule.type
    asked = np.unique(np.linspace(0, updates - 1, min(updates, ASKED)).astype(np.intp))
    factors = np.array([factor(experiment, steps, int(update)) for update in asked])
    low = factors < rule.least * factors.max()
    idle = float(low.mean())
    if idle <= rule.idle:
        return _found(
            rule.type,
            "pass",
            f"the schedule ({name}) leaves at least {rule.least:g} of the highest learning rate "
            f"to {1 - idle:.0%} of the updates",
            measured=idle,
            threshold=rule.idle,
        )
    busy = np.flatnonzero(~low)
    last = int(asked[busy[-1]]) // steps + 1
    return _found(
        rule.type,
        "warn",
        f"the schedule ({name}) leaves less than {rule.least:g} of the highest learning rate to "
        f"{idle:.0%} of the updates: after epoch {last} of {experiment.training.epochs} it is as "
        f"good as over",
        hint="let the schedule lower the rate more slowly or later, or lower training.epochs",
        measured=idle,
        threshold=rule.idle,
    )


def _batch_size(training: Training, dataset: Dataset) -> Finding:
    rule, batch, examples = "batch-larger-than-data", training.batch_size, len(dataset.train)
    there = counted(examples, "training example")
    if batch <= examples:
        return _found(
            rule, "pass", f"batches of {batch:,} from {there}", measured=batch, threshold=examples
        )
    in_all = sum(len(split) for split in (dataset.train, dataset.validation, dataset.test or ()))
    if batch == Training().batch_size or batch <= in_all:
        usual = "the usual batch size" if batch == Training().batch_size else "a batch size"
        return _found(
            rule,
            "pass",
            f"{usual} of {batch:,} takes all of the {there} at once",
            measured=batch,
            threshold=examples,
        )
    return _found(
        rule,
        "warn",
        f"training.batch_size is {batch:,}, but there are only {there}: every batch is all of them",
        hint=f"lower training.batch_size to {examples:,} or less, or look at data.split",
        measured=batch,
        threshold=examples,
    )


def _updates(experiment: Experiment, steps: int) -> Finding:
    rule, epochs = rule_of(experiment.checks, TooFewUpdates), experiment.training.epochs
    updates = steps * epochs
    length = f"{counted(updates, 'update')} in {counted(epochs, 'epoch')}"
    if updates >= rule.fewest:
        return _found(rule.type, "pass", length, measured=updates, threshold=rule.fewest)
    return _found(
        rule.type,
        "warn",
        f"{length}: a network is hardly changed by fewer than {rule.fewest}",
        hint="raise training.epochs, or lower training.batch_size",
        measured=updates,
        threshold=rule.fewest,
    )


def _patience(training: Training) -> Finding:
    rule, stopping, epochs = "patience-longer-than-run", training.early_stopping, training.epochs
    if stopping is None:
        return _found(rule, "skip", "not judged: training.early_stopping is not set")
    waits = f"early stopping waits for {counted(stopping.patience, 'epoch')}"
    if stopping.patience < epochs:
        return _found(
            rule,
            "pass",
            f"{waits} of {epochs:,} without an improvement",
            measured=stopping.patience,
            threshold=epochs,
        )
    return _found(
        rule,
        "warn",
        f"{waits} without an improvement, and training has only {epochs:,}: it never stops early",
        hint="lower training.early_stopping.patience, or raise training.epochs",
        measured=stopping.patience,
        threshold=epochs,
    )


def _momentum(experiment: Experiment, steps: int) -> Finding:
    rule, optimizer = rule_of(experiment.checks, MomentumTooHigh), experiment.optimizer
    key = next((key for key in ("momentum", "beta1") if hasattr(optimizer, key)), None)
    if key is None:
        return _found(rule.type, "skip", f"not judged: {optimizer.type} has no momentum")
    value, updates = float(getattr(optimizer, key)), steps * experiment.training.epochs
    lifetime = 1 / (1 - value)
    told = f"optimizer.{key}={value:g} keeps a velocity for about {lifetime:,.0f} updates"
    if value <= rule.usual or updates >= rule.lifetimes * lifetime:
        return _found(rule.type, "pass", told, measured=value, threshold=rule.usual)
    return _found(
        rule.type,
        "warn",
        f"{told}, and training has {updates:,}: nothing slows the weights down at a minimum",
        hint=f"lower optimizer.{key}: 0.9 is usual, and 0.99 the most",
        measured=value,
        threshold=rule.usual,
    )


def _decay(experiment: Experiment) -> list[Finding]:
    rule, optimizer = rule_of(experiment.checks, WeightDecayTooStrong), experiment.optimizer
    if not optimizer.weight_decay:
        return []
    share = optimizer.learning_rate * optimizer.weight_decay
    told = (
        f"optimizer.weight_decay={optimizer.weight_decay:g} at the learning rate "
        f"{optimizer.learning_rate:g} takes {float(f'{share:.2g}'):g} of the weights off in every "
        f"update"
    )
    good = share <= rule.unusual
    hint = f"lower optimizer.weight_decay below {rule.unusual / optimizer.learning_rate:.2g}: 1e-4 "
    return [
        _found(
            rule.type,
            "pass" if good else "warn" if share < rule.wrong else "fail",
            told if good else f"{told}: what is learned is soon gone",
            hint=None if good else f"{hint}to 1e-2 is usual",
            measured=share,
            threshold=rule.unusual,
        )
    ]


def _found(
    rule: str,
    status: Status,
    message: str,
    *,
    hint: str | None = None,
    measured: float | None = None,
    threshold: float | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        status=status,
        measured=measured,
        threshold=threshold,
        message=message,
        hint=hint,
    )

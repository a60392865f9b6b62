"""Faults in experiment files: rates, schedules, batches, length, and what holds weights back."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import REFUSED, Case
from trainer_cli.checks.selftest.files import DIGITS


def _fault(name: str, *sets: str, rules: tuple[str, ...]) -> Case:
    return Case(name=name, kind="experiment file", rules=rules, file=DIGITS, sets=sets)


RATES = (
    _fault("rate 1e6", "optimizer.learning_rate=1e6", rules=("learning-rate-too-high",)),
    _fault("rate 1e-12", "optimizer.learning_rate=1e-12", rules=("learning-rate-too-low",)),
    _fault("rate 1e-6", "optimizer.learning_rate=1e-6", rules=("learning-rate-too-low",)),
    _fault(
        "rate three times as high as can be",
        "optimizer.learning_rate=6",
        rules=("learning-rate-too-high",),
    ),
    _fault(
        "rate at which the cost jumps",
        "optimizer={type: sgd, learning_rate: 16}",
        rules=("learning-rate-unstable", "learning-rate-too-high"),
    ),
    _fault(
        "adam at rate 10",
        "optimizer={type: adam, learning_rate: 10}",
        rules=("learning-rate-too-high",),
    ),
    _fault(
        "rmsprop at rate 1",
        "optimizer={type: rmsprop, learning_rate: 1}",
        rules=("learning-rate-too-high",),
    ),
    _fault(
        "adam at rate 1e-7",
        "optimizer={type: adam, learning_rate: 1e-7}",
        rules=("learning-rate-too-low",),
    ),
    _fault(
        "decay to zero",
        "schedule={type: exponential, factor: 0.01}",
        "training.epochs=10",
        rules=("schedule-ends-early",),
    ),
    _fault(
        "steps down within the first epoch",
        "schedule={type: step, factor: 0.001, every: 0.1}",
        rules=("schedule-ends-early",),
    ),
    _fault("warm-up longer than the run", "schedule.warmup=50", rules=(REFUSED,)),
    _fault(
        "one example left over for a batch of its own",
        "training.batch_size=1257",
        "training.epochs=100",
        "optimizer.learning_rate=0.1",
        rules=("learning-rate-unstable",),
    ),
    _fault("momentum 1.0", "optimizer.momentum=1.0", rules=(REFUSED,)),
    _fault("momentum 0.9999", "optimizer.momentum=0.9999", rules=("momentum-too-high",)),
    _fault(
        "adam's epsilon 1000",
        "optimizer={type: adam, epsilon: 1e3}",
        rules=("plateau",),
    ),
    _fault(
        "batch larger than the data",
        "training.batch_size=5000",
        "training.epochs=50",
        rules=("batch-larger-than-data",),
    ),
    _fault(
        "patience longer than the run",
        "training.early_stopping={patience: 50}",
        rules=("patience-longer-than-run",),
    ),
    _fault(
        "two updates in all",
        "training.batch_size=700",
        "training.epochs=1",
        rules=("too-few-updates",),
    ),
    _fault(
        "l2 that outweighs the loss",
        "regularization.l2=1e4",
        rules=("penalty-outweighs-loss",),
    ),
    _fault(
        "l2 of 1",
        "regularization.l2=1",
        rules=("penalty-outweighs-loss", "plateau"),
    ),
    _fault(
        "l1 that outweighs the loss",
        "regularization.l1=1",
        rules=("penalty-outweighs-loss",),
    ),
    _fault(
        "l2 of one layer that outweighs the loss",
        "network.2.l2=1e3",
        rules=("penalty-outweighs-loss",),
    ),
    _fault("weight decay 10", "optimizer.weight_decay=10", rules=("plateau",)),
    _fault(
        "weight decay that takes all off",
        "optimizer.weight_decay=30",
        rules=("weight-decay-too-strong", "plateau"),
    ),
    _fault("norm bounded by 1e-6", "regularization.max_norm=1e-6", rules=("plateau",)),
    _fault("gradients clipped to 1e-9", "optimizer.clip_norm=1e-9", rules=("plateau",)),
    _fault("gradients clipped to 1e-3", "optimizer.clip_norm=1e-3", rules=("plateau",)),
)

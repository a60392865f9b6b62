"""Training: epochs of shuffled batches, watched, recorded, with the best networks kept."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.history import Epoch
from trainer_cli.training.outcome import EpochEnd, Outcome, Watchers
from trainer_cli.training.pace import factor
from trainer_cli.training.run import Run
from trainer_cli.training.stopping import at_minimum, has_restarts, patience_is_over
from trainer_cli.training.threads import threads_for

# M members.

# Updates are told at an epoch's end, and in a long epoch as often as this.
SECONDS_BETWEEN_BLOCKS = 1.0


def train(
    experiments: Experiment | Sequence[Experiment],
    dataset: Dataset | Sequence[Dataset],
    watchers: Watchers | None = None,
    *,
    batches_per_epoch: int | None = None,
) -> Outcome:
    """Train the network of one experiment, or of several that differ in seed or data alone.

    A member stops at the first batch whose cost is NaN, infinite or more than 3 times the
    original, and all of them when `watchers.stop` says so. `batches_per_epoch` cuts every epoch
    short.
    """
    own = [experiments] if isinstance(experiments, Experiment) else experiments
    begun = perf_counter()
    # What overflows is judged, not warned about.
    with threads_for(own[0].network), np.errstate(all="ignore"):
        run = Run(own, dataset, batches_per_epoch=batches_per_epoch)
        run.begin()
        go_on(run, watchers or Watchers())
    return outcome(run, perf_counter() - begun)


def outcome(run: Run, seconds: float) -> Outcome:
    """Return how a run went that is over."""
    return Outcome(histories=run.histories(), final=run.final(), best=run.best(), seconds=seconds)


def go_on(run: Run, watchers: Watchers) -> None:
    """Train until all members have stopped or `watchers.stop` says so."""
    last = run.experiments[0].training.epochs
    while run.course.members and run.epoch < last:
        complete = _train_epoch(run, run.epoch + 1, watchers)
        if run.course.members and run.epoch < last and (not complete or watchers.stop()):
            run.keeper.interrupted(run)
            run.look_for_departures()  # after the checkpoint: whoever goes on tells it again
            break
    reached = run.epoch == last
    for m, number in enumerate(run.course.members):
        member = run.members[number]
        cost = member.epochs[-1].cost if reached else float(run.course.costs[m])
        epoch = run.epoch if reached else run.epoch + 1
        run.stop(number, "finished" if reached else "interrupted", epoch, cost)


def _train_epoch(run: Run, number: int, watchers: Watchers) -> bool:
    """Train an epoch, or what is left of it; return False if it was interrupted."""
    begun = told = perf_counter()
    course, steps = run.course, run.course.steps_per_epoch
    looks, restarts = _is_looked_at(run, number), has_restarts(run.experiments[0])
    updates, before = course.epoch(number), course.done % steps
    while True:
        if looks and before == steps - 1:
            run.monitor.before_update(course.stack)
        done = next(updates, None)
        if done is None:
            break
        before = done
        run.trace.note(number)
        if restarts and at_minimum(run.experiments[0], steps, course.updates):
            run.keeper.snapshot(course.updates, run.now)
        watchers.batch(number, done, steps, course.costs)
        if done < steps and watchers.stop():  # at its end an epoch is measured first
            run.trace.hand_over(number)
            return False
        if perf_counter() - told > SECONDS_BETWEEN_BLOCKS:
            run.trace.hand_over(number)
            told = perf_counter()
    run.trace.hand_over(number)
    run.look_for_departures()
    if course.members:
        _close_epoch(run, number, begun, watchers, looks=looks)
    return True


def _is_looked_at(run: Run, number: int) -> bool:
    """Return whether the layers are looked at when this epoch ends."""
    last_look = run.members[run.course.members[0]].looks[-1]  # all were looked at then
    since = number * run.course.steps_per_epoch - last_look.update
    return run.monitor.due(since, last=number == run.experiments[0].training.epochs)


def _close_epoch(run: Run, number: int, begun: float, watchers: Watchers, *, looks: bool) -> None:
    course, training = run.course, run.experiments[0].training
    costs = dict(zip(course.members, course.costs, strict=True))
    train = course.close_epoch(number, last=number == training.epochs)
    run.look_for_departures()
    if not course.members:
        return
    run.epoch = number
    validation, penalties = course.validate(), course.stack.penalty.costs()
    steps = course.steps_per_epoch
    rate = run.rate * factor(run.experiments[0], steps, (number - 1) * steps)
    figures = {
        member: Epoch(
            epoch=number,
            updates=course.updates,
            cost=float(costs[member]),
            penalty=float(penalties[m]),
            train_loss=float(train.loss[m]),
            train_accuracy=float(train.accuracy[m]),
            validation_loss=float(validation.loss[m]),
            validation_accuracy=float(validation.accuracy[m]),
            learning_rate=rate,
        )
        for m, member in enumerate(course.members)
    }
    best = [member for member, epoch in figures.items() if run.take_epoch(member, epoch)]
    if looks:
        run.look()
    if training.early_stopping is not None and number < training.epochs:
        stopping = training.early_stopping
        run.leave_early([n for n in figures if patience_is_over(run.members[n].epochs, stopping)])
    run.keeper.end_of_epoch(run, best=bool(best))
    seconds = perf_counter() - begun
    watchers.epoch(
        EpochEnd(
            number=number, figures=figures, best=best, seconds=seconds, histories=run.histories
        )
    )

"""Rule learning-rate-too-low, where the loss falls, but far too slowly."""

from __future__ import annotations

import numpy as np

from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.flat import PROBE_GAIN
from trainer_cli.training.diagnosis.flatness import NOTABLE, penalty_share
from trainer_cli.training.diagnosis.higher import faster_schedule, gain_of_higher
from trainer_cli.training.diagnosis.names import LOW
from trainer_cli.training.diagnosis.probe import UPDATES, best_of
from trainer_cli.training.diagnosis.suspects import freed, pulls
from trainer_cli.training.findings import Finding, counted, loss_text
from trainer_cli.training.pace import mean_factor

# A run that has come a third of the way does more than barely change.
THIRD = 1 / 3
# The second half of a linear fall is as deep as the first; that of a healthy one, which falls
# ever more slowly, is far less deep. Half way between counts as almost linear.
LINEAR = 0.3
# The rates that are tried, as multiples of the run's own.
HIGHER = (3.0, 10.0, 30.0, 100.0, 1000.0)
MOST_UPDATES = 300
# What 100 updates do says less against a run that is hardly longer: it must be that much more,
# where the rule asks for 3 times as much.
SHORT_GAIN = 10.0


def too_low(case: Case) -> Finding | None:
    """Return the finding on an almost linear fall, where a higher rate does clearly more.

    In a third of the updates, at most 300, a higher rate must take off 3 times what the whole run
    did or leave half as much; in 100 updates that are more than a third, 10 times.
    Source: CS231n, "Neural Networks Part 3", loss function: "with low learning rates the
    improvements will be linear".
    """
    history = case.history
    if history.updates < UPDATES or case.learned >= THIRD:
        return None
    share, times = mean_factor(case.experiment, history), gain_of_higher(case.experiment)
    scheduled = share * times < 1
    if not (scheduled or _is_linear(case)):
        return None
    updates = min(max(history.updates // 3, UPDATES), MOST_UPDATES)
    rates = [case.rate * each for each in HIGHER]
    trials = case.trials([case.rate, *rates] if scheduled else rates, updates)
    best = best_of(trials)
    done = case.learned * case.gainable
    gain, half = times * max(done, 0.0), (done + case.gainable) / 2
    enough = min(gain, half) if 3 * updates <= history.updates else SHORT_GAIN / PROBE_GAIN * gain
    if case.stop() or best.decrease < enough:
        return None
    if penalty_share(history) >= NOTABLE and pulls(case.experiment):
        (free,) = case.trials([case.rate], updates, freed(case.experiment))
        if free.decrease >= enough:  # what holds the loss up is the penalty
            return None
    if scheduled and trials[0].decrease >= enough:  # at the run's own rate
        best = trials[0]
    start, end = history.start.loss, case.end.train_loss
    fallen = f"{loss_text(start)} to {loss_text(end)} in {counted(history.updates, 'update')}"
    does = (
        f"from the same start, {updates} updates at it lower the loss by {best.fall:.2g}, all "
        f"of this run by {start - end:.2g}"
    )
    if best.learning_rate == case.rate:
        message = (
            f"the loss falls little, {fallen}; the schedule leaves {share:.3g} of the learning "
            f"rate {case.rate:g} on average"
        )
        hint = f"{faster_schedule(case.experiment, history)}: at the full rate, {does}"
    else:
        message = (
            f"the loss falls almost linearly: {fallen}; the learning rate {case.rate:g} is too low"
        )
        hint = f"try optimizer.learning_rate={best.learning_rate:.2g}: {does}"
    return Finding(
        rule=LOW,
        status="warn",
        measured=case.learned,
        threshold=THIRD,
        message=message,
        hint=hint + or_penalty(case),
        evidence={"learning_rate": case.rate, "original_loss": start, "last_loss": end},
    )


def _is_linear(case: Case) -> bool:
    losses = case.history.losses
    quarter = max(1, len(losses) // 10)
    first, last = float(np.mean(losses[:quarter])), float(np.mean(losses[-quarter:]))
    middle = len(losses) // 2 - quarter // 2
    half = float(np.mean(losses[middle : middle + quarter]))
    return half - last >= LINEAR * (first - half)


def or_penalty(case: Case) -> str:
    """Return the end of a hint where a penalty is large enough to hold the loss up instead."""
    pulling, share = " and ".join(pulls(case.experiment)), penalty_share(case.history)
    if not pulling or not share >= NOTABLE:
        return ""
    return f"; or the regularization is too strong: {pulling} makes up {share:.0%} of the cost"

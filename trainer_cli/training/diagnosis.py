"""What a training run says about its learning rate, in words and with evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import ABORT_RATIO, Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.regularization import strongest
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.flatness import (
    BARELY_MOVED,
    HIGH,
    LOW,
    gain_text,
    gainable,
    judge_flat,
    movement,
)
from trainer_cli.training.outcome import Outcome
from trainer_cli.training.pace import last_factor
from trainer_cli.training.probe import Trial, best_of, probe, rates_around
from trainer_cli.training.suspects import culprits

# w ← w - a w changes the sign of w, and makes it larger, if a is larger.
LARGEST_DECAY = 2.0
# Less of the loss of equal scores than this is rounding: there is nothing to gain.
NOTHING = 1e-9


def diagnose(
    experiment: Experiment,
    dataset: Dataset,
    outcome: Outcome,
    stop: Callable[[], bool] = lambda: False,
) -> list[Finding]:
    """Return the findings on a run: is its learning rate too high, is it too low.

    A run that exploded or barely moved is probed further: 100 updates of the same start at
    other rates, side by side; `stop` cuts that short.
    """
    begun = perf_counter()
    findings = _judge(experiment, dataset, outcome, stop)
    seconds = perf_counter() - begun
    return [replace(finding, seconds=seconds / len(findings)) for finding in findings]


def _judge(
    experiment: Experiment, dataset: Dataset, outcome: Outcome, stop: Callable[[], bool]
) -> list[Finding]:
    rate = experiment.optimizer.learning_rate
    first = judge_explosion(experiment, outcome)
    if first.rule != HIGH:
        return [first]
    if first.status == "fail":
        lower = [each for each in rates_around(rate) if each < rate]
        trials = probe(experiment, dataset, lower, stop)
        hint = _hint_after_explosion(experiment, dataset, outcome, trials, stop)
        judged = [replace(first, hint=hint), _not_judged("the cost exploded")]
    elif outcome.stopped == "interrupted" or not outcome.epochs:
        return [first, _not_judged("training was interrupted")]
    elif gainable(outcome.start) <= NOTHING * experiment.loss.at_zero_scores(outcome.classes):
        return [first, _not_judged("all training examples that were measured have the same label")]
    elif movement(outcome) >= BARELY_MOVED:
        return [first, _moved_enough(outcome)]
    else:
        trials = probe(experiment, dataset, rates_around(rate), stop)
        judged = judge_flat(experiment, dataset, outcome, trials, first, stop)
    if stop():  # which cut the trials short: they say nothing
        return [first, _not_judged("training was interrupted")]
    return judged


def judge_explosion(experiment: Experiment, outcome: Outcome) -> Finding:
    """Judge whether the cost left all bounds: the lecture's sign of too high a learning rate.

    Before the first update it is no fault of the rate, and the finding is one of initial-loss.
    """
    start, rate = outcome.start, experiment.optimizer.learning_rate
    limit = f"{ABORT_RATIO:g} times the original {start.limit / ABORT_RATIO:.4g}"
    if outcome.stopped != "diverged":
        worst = max((e.cost for e in outcome.epochs), default=outcome.last_cost)
        return Finding(
            rule=HIGH,
            status="pass",
            measured=worst,
            threshold=start.limit,
            message=f"the cost stayed within {limit}",
        )
    if outcome.updates == 0:
        return Finding(
            rule="initial-loss",
            status="fail",
            measured=outcome.last_cost,
            message=f"the cost {_what_became(outcome.last_cost)} before the first update",
            hint="look at the scale of the inputs and of the initial weights (nntrain check-loss)",
        )
    epoch = len(outcome.epochs) + 1
    factor = last_factor(experiment, outcome)
    used = f"{rate:g}"
    if factor != 1:
        used = f"{factor * rate:.3g} ({factor:.3g} of optimizer.learning_rate, {rate:g})"
    return Finding(
        rule=HIGH,
        status="fail",
        measured=outcome.last_cost,
        threshold=start.limit,
        message=(
            f"the cost {_what_became(outcome.last_cost)} in epoch {epoch}, after "
            f"{counted(outcome.updates, 'update')}, and the limit is {limit}: "
            f"the learning rate {used} is too high"
        ),
        hint=f"try optimizer.learning_rate={rate / 10:.2g}",
        evidence={
            "learning_rate": rate,
            "schedule_factor": factor,
            "epoch": epoch,
            "updates": outcome.updates,
            "original_cost": start.cost,
            "last_cost": outcome.last_cost,
        },
    )


def _what_became(cost: float) -> str:
    if np.isnan(cost):
        return "became NaN"
    return "became infinite" if np.isinf(cost) else f"reached {cost:.4g}"


def _hint_after_explosion(
    experiment: Experiment,
    dataset: Dataset,
    outcome: Outcome,
    trials: Sequence[Trial],
    stop: Callable[[], bool],
) -> str:
    worth = BARELY_MOVED * gainable(outcome.start)
    best = best_of(trials) if trials else None
    if best is not None and best.decrease >= worth:
        hint = f"try optimizer.learning_rate={best.learning_rate:.2g}: {gain_text(best)}"
    else:
        named = culprits(experiment, dataset, worth, stop)
        hint = "no lower rate makes progress either" + (
            f"; {named}"
            if named
            else ": look at the scale of the inputs and of the initial weights (nntrain check-loss)"
        )
    return hint + _thrown_by(experiment)


def _thrown_by(experiment: Experiment) -> str:
    """Return the end of a hint where penalty or decay by themselves throw the weights off."""
    optimizer = experiment.optimizer
    l2 = strongest(experiment.regularization, experiment.network).l2
    pull, decay = (optimizer.learning_rate * each for each in (l2, optimizer.weight_decay))
    throws = "alone throws the weights further with every update"
    if decay > LARGEST_DECAY:
        return (
            f"; learning rate times weight_decay is {decay:.3g}, and above {LARGEST_DECAY:g} "
            f"the decay {throws}"
        )
    if optimizer.largest_pull is None or optimizer.clip_norm is not None:
        return ""
    bound = optimizer.largest_pull * (1 - decay / LARGEST_DECAY)
    if not pull > bound:
        return ""
    return f"; learning rate times l2 is {pull:.3g}, and above {bound:.3g} the penalty {throws}"


def _moved_enough(outcome: Outcome) -> Finding:
    return Finding(
        rule=LOW,
        status="pass",
        measured=movement(outcome),
        threshold=BARELY_MOVED,
        message=(
            f"the loss went from {outcome.start.loss:.4g} to {outcome.epochs[-1].train_loss:.4g} "
            f"in {counted(outcome.updates, 'update')}"
        ),
    )


def _not_judged(why: str) -> Finding:
    return Finding(rule=LOW, status="skip", message=f"not judged: {why}")

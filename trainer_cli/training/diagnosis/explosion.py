"""Rule learning-rate-too-high, where the cost explodes: the lecture's first sign of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from trainer_cli.config.experiment import ABORT_RATIO, Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.regularization import strongest
from trainer_cli.training.diagnosis.flatness import gainable, least_progress
from trainer_cli.training.diagnosis.gains import gain_text
from trainer_cli.training.diagnosis.names import HIGH, INITIAL_LOSS
from trainer_cli.training.diagnosis.probe import Trial, best_of
from trainer_cli.training.diagnosis.suspects import culprits
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.history import History
from trainer_cli.training.pace import last_factor

# w ← w - a w changes the sign of w, and makes it larger, if a is larger.
LARGEST_DECAY = 2.0


def judge_explosion(experiment: Experiment, history: History) -> Finding:
    """Judge whether the cost left all bounds: the lecture's sign of too high a learning rate.

    Before the first update it is no fault of the rate, and the finding is one of initial-loss.
    """
    start, rate = history.start, experiment.optimizer.learning_rate
    limit = f"{ABORT_RATIO:g} times the original {start.limit / ABORT_RATIO:.4g}"
    if history.stopped != "diverged":
        worst = max((e.cost for e in history.epochs), default=history.last_cost)
        return Finding(
            rule=HIGH,
            status="pass",
            measured=worst,
            threshold=start.limit,
            message=f"the cost stayed within {limit}",
        )
    if history.updates == 0:
        return Finding(
            rule=INITIAL_LOSS,
            status="fail",
            measured=history.last_cost,
            message=f"the cost {_what_became(history.last_cost)} before the first update",
            hint="look at the scale of the inputs and of the initial weights (nntrain check-loss)",
        )
    epoch = len(history.epochs) + 1
    factor = last_factor(experiment, history)
    used = f"{rate:g}"
    if factor != 1:
        used = f"{factor * rate:.3g} ({factor:.3g} of optimizer.learning_rate, {rate:g})"
    return Finding(
        rule=HIGH,
        status="fail",
        measured=history.last_cost,
        threshold=start.limit,
        message=(
            f"the cost {_what_became(history.last_cost)} in epoch {epoch}, after "
            f"{counted(history.updates, 'update')}, and the limit is {limit}: "
            f"the learning rate {used} is too high"
        ),
        hint=f"try optimizer.learning_rate={rate / 10:.2g}",
        evidence={
            "learning_rate": rate,
            "schedule_factor": factor,
            "epoch": epoch,
            "updates": history.updates,
            "original_cost": start.cost,
            "last_cost": history.last_cost,
        },
    )


def _what_became(cost: float) -> str:
    """Say it alike of a run that is over and of one read from disk, where infinity is NaN."""
    return f"reached {cost:.4g}" if np.isfinite(cost) else "became NaN or infinite"


def hint_after_explosion(
    experiment: Experiment,
    dataset: Dataset,
    history: History,
    trials: Sequence[Trial],
    stop: Callable[[], bool],
) -> str:
    """Return what to do: a lower rate that was tried, or else what keeps all of them down."""
    worth = least_progress(experiment) * gainable(history.start)
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

"""Why a loss has barely moved: the rate is too low, or too high, or it is something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.outcome import Outcome, Start
from trainer_cli.training.pace import mean_factor
from trainer_cli.training.probe import UPDATES, Trial, best_of
from trainer_cli.training.suspects import culprits, pulls

HIGH, LOW = "learning-rate-too-high", "learning-rate-too-low"

# A run that takes off less than 1 % of what there is to gain has not begun to learn. The lecture's
# example of a rate that is too low, 1e-6 for ten epochs, takes off less than 0.1 %.
BARELY_MOVED = 0.01
# The rate is to blame if another takes off at least 3 times as much from the same start: far
# below the 10 that a rate wrong by one power of ten costs, far above what chance does.
PROBE_GAIN = 3.0
# Accuracy has risen if it did by three standard errors of 2,000 examples.
RISEN = 0.03
# A loss has come down to a value if it went so much of the way.
MOST = 0.95
# Scores are almost equal if their loss is within this share of that of equal scores.
ALMOST_EQUAL = 0.01


def gainable(start: Start) -> float:
    """Return how much training can take off the loss, penalty apart.

    A start above the loss of the best constant scores counts as that: to come down to it, to what
    class frequencies alone give, is no learning. Smoothed labels keep the loss above a floor.
    """
    return min(start.loss, start.constant) - start.floor


def movement(outcome: Outcome) -> float:
    """Return the share that training took off what it could take off; negative if it rose."""
    return learned(outcome.start, outcome.epochs[-1].train_loss)


def learned(start: Start, loss: float) -> float:
    """Return the share of what can be taken off the loss that is off where it is `loss`."""
    return (min(start.loss, start.constant) - loss) / gainable(start)


def judge_flat(
    experiment: Experiment,
    dataset: Dataset,
    outcome: Outcome,
    trials: Sequence[Trial],
    not_exploded: Finding,
    stop: Callable[[], bool],
) -> list[Finding]:
    """Return the findings on a run that barely moved, from `trials` at other rates."""
    run = _Flat(experiment=experiment, outcome=outcome, trials=trials)
    finding = (
        _too_short(run) or _wrong_rate(run) or _lost_again(run) or _plateau(run, dataset, stop)
    )
    return [finding] if finding.rule == HIGH else [not_exploded, finding]


@dataclass(frozen=True, kw_only=True)
class _Flat:
    """A run that barely moved, and what came of the trials at its rate and at others."""

    experiment: Experiment
    outcome: Outcome
    trials: Sequence[Trial]

    @property
    def rate(self) -> float:
        return self.experiment.optimizer.learning_rate

    @property
    def present(self) -> Trial:
        return next(trial for trial in self.trials if trial.learning_rate == self.rate)

    @property
    def worth(self) -> float:
        return BARELY_MOVED * gainable(self.outcome.start)

    @property
    def learns(self) -> bool:
        """Whether the first updates at the full rate of the run lower the loss."""
        return self.present.decrease >= self.worth

    def text(self) -> str:
        """Return what became of the loss, in words."""
        start, end = self.outcome.start, self.outcome.epochs[-1].train_loss
        moved = "has barely moved"
        if end > (1 + BARELY_MOVED) * start.loss:
            moved = "has risen"
        elif end < (1 - BARELY_MOVED) * start.loss:
            far = start.loss - end < MOST * (start.loss - start.constant)
            chance = _chance(self.experiment, self.outcome)
            moved = f"has {'not even' if far else 'only'} come down to {chance}"
        updates = counted(self.outcome.updates, "update")
        return f"the loss {moved}: {start.loss:.6g} to {end:.6g} in {updates}"

    def finding(self, rule: str, message: str, hint: str) -> Finding:
        """Return a warning with all that it rests on."""
        start, last = self.outcome.start, self.outcome.epochs[-1]
        return Finding(
            rule=rule,
            status="warn",
            measured=movement(self.outcome),
            threshold=BARELY_MOVED,
            message=message,
            hint=hint,
            evidence={
                "learning_rate": self.rate,
                "original_loss": start.loss,
                "last_loss": last.train_loss,
                "original_accuracy": start.accuracy,
                "last_accuracy": last.train_accuracy,
                "probe": [
                    {
                        "learning_rate": trial.learning_rate,
                        "loss_decrease": trial.decrease if np.isfinite(trial.decrease) else None,
                    }
                    for trial in self.trials
                ],
            },
        )


def _too_short(run: _Flat) -> Finding | None:
    """Judge a run that is worth less than a trial: by its length or by its schedule."""
    share, updates = mean_factor(run.experiment, run.outcome), run.outcome.updates
    if not run.learns or share * updates >= UPDATES:
        return None
    if share * PROBE_GAIN >= 1:
        few = f"not judged: too few updates to tell, {updates}; {gain_text(run.present)}"
        return Finding(rule=LOW, status="skip", message=few)
    return run.finding(
        LOW,
        f"{run.text()}; the schedule leaves {share:.3g} of the learning rate {run.rate:g} on "
        f"average, and at the full rate {UPDATES} updates lower the loss by "
        f"{run.present.decrease:.2g}",
        _faster_schedule(run.experiment, run.outcome),
    )


def _wrong_rate(run: _Flat) -> Finding | None:
    best, present = best_of(run.trials), max(run.present.decrease, 0.0)
    if best.decrease < run.worth or best.decrease <= PROBE_GAIN * present:
        return None
    high = best.learning_rate < run.rate
    remark = "" if high else _accuracy_remark(run.experiment, run.outcome)
    return run.finding(
        HIGH if high else LOW,
        f"{run.text()}; the learning rate {run.rate:g} is too {'high' if high else 'low'}{remark}",
        f"try optimizer.learning_rate={best.learning_rate:.2g}: {gain_text(best)}, "
        f"at the present rate by {present:.2g}",
    )


def _lost_again(run: _Flat) -> Finding | None:
    if not run.learns:
        return None
    pulling = " and ".join(pulls(run.experiment))
    return run.finding(
        "plateau",
        f"{run.text()}, although {UPDATES} updates at the learning rate {run.rate:g} lower the "
        f"loss by {run.present.decrease:.2g}: what was learned was lost again",
        f"lower {pulling}: so many updates of it may pull the weights back"
        if pulling
        else "try a lower optimizer.learning_rate, or a schedule that lowers it",
    )


def _plateau(run: _Flat, dataset: Dataset, stop: Callable[[], bool]) -> Finding:
    tried = [trial.learning_rate for trial in run.trials]
    enough = max(run.worth, PROBE_GAIN * best_of(run.trials).decrease)
    return run.finding(
        "plateau",
        f"{run.text()}, and no rate from {min(tried):.2g} to {max(tried):.2g} does clearly better "
        f"in {UPDATES} updates: the learning rate is not the cause",
        culprits(run.experiment, dataset, enough, stop)
        or "look for dead units and weights that start equal (nntrain check-activations), too "
        "strong a penalty, or labels that do not follow from the inputs",
    )


def gain_text(trial: Trial) -> str:
    """Return what a trial achieved, in words."""
    return f"from the same start, {UPDATES} updates at it lower the loss by {trial.decrease:.2g}"


def _faster_schedule(experiment: Experiment, outcome: Outcome) -> str:
    unwarmed = replace(experiment, schedule=replace(experiment.schedule, warmup=0.0))
    if mean_factor(unwarmed, outcome) * PROBE_GAIN < 1:
        return "let the schedule lower the rate later or more slowly"
    return f"shorten schedule.warmup, which is {experiment.schedule.warmup:g} epochs"


def _chance(experiment: Experiment, outcome: Outcome) -> str:
    """Say what a network gives that knows nothing about its inputs."""
    constant = outcome.start.constant
    equal_scores = experiment.loss.at_zero_scores(outcome.classes)
    if abs(constant / equal_scores - 1) <= ALMOST_EQUAL:
        return f"that of equal scores, {equal_scores:.4g}"
    return f"what the class frequencies alone give, {constant:.4g}"


def _accuracy_remark(experiment: Experiment, outcome: Outcome) -> str:
    """Say, where it happened, why accuracy rises while the loss stays: the lecture's puzzle."""
    before, after = outcome.start.accuracy, outcome.epochs[-1].train_accuracy
    equal_scores = experiment.loss.at_zero_scores(outcome.classes)
    losses = np.array([outcome.start.loss, outcome.epochs[-1].train_loss])
    if after - before < RISEN or (abs(losses / equal_scores - 1) > ALMOST_EQUAL).any():
        return ""
    return (
        f" (accuracy rose from {before:.1%} to {after:.1%} meanwhile: the scores are still almost "
        f"equal, but a small shift the right way is enough to change which is the largest)"
    )

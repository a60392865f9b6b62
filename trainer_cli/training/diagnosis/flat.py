"""Why a loss has barely moved: the rate is too low, or too high, or it is something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import LearningRateTooHigh, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis.calmer import calmer
from trainer_cli.training.diagnosis.flatness import (
    NOTABLE,
    accuracy_remark,
    chance_text,
    gainable,
    least_progress,
    movement,
    penalty_share,
)
from trainer_cli.training.diagnosis.gains import fall_text, gain_text, present_text
from trainer_cli.training.diagnosis.higher import faster_schedule, gain_of_higher
from trainer_cli.training.diagnosis.names import HIGH, LOW, NOISY, PLATEAU, passed, skipped
from trainer_cli.training.diagnosis.probe import UPDATES, Trial, best_of, probe
from trainer_cli.training.diagnosis.suspects import culprits, freed, pulls
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.history import History
from trainer_cli.training.pace import mean_factor
from trainer_cli.training.proportions import wilson

# What takes off at least 3 times as much from the same start does better for sure: as for rates,
# whose rules say the same by default.
PROBE_GAIN = 3.0
# A penalty is to blame if without it the run's own rate does as well as any, or half as well.
MOST_OF_BEST = 0.5
# What was learned and lost again was lost to the rate if a lower one learns so many times as much.
BETTER = 1.2
# A loss has come down to a value if it went so much of the way.
MOST = 0.95


def judge_flat(
    experiment: Experiment,
    dataset: Dataset,
    history: History,
    trials: Sequence[Trial],
    not_exploded: Finding,
    stop: Callable[[], bool],
) -> list[Finding]:
    """Return the findings on a run that barely moved, from `trials` at other rates."""
    run = _Flat(experiment=experiment, history=history, trials=trials)
    finding = (
        _too_short(run)
        or _pulled_back(run, dataset, stop)
        or _too_noisy(run, dataset, stop)
        or _wrong_rate(run)
        or _lost_again(run)
        or _plateau(run, dataset, stop)
    )
    return [finding] if finding.rule == HIGH else [not_exploded, finding]


@dataclass(frozen=True, kw_only=True)
class _Flat:
    """A run that barely moved, and what came of the trials at its rate and at others."""

    experiment: Experiment
    history: History
    trials: Sequence[Trial]

    @property
    def rate(self) -> float:
        return self.experiment.optimizer.learning_rate

    @property
    def present(self) -> Trial:
        return next(trial for trial in self.trials if trial.learning_rate == self.rate)

    @property
    def worth(self) -> float:
        return self.least * gainable(self.history.start)

    @property
    def least(self) -> float:
        return least_progress(self.experiment)

    @property
    def learns(self) -> bool:
        """Whether the first updates at the full rate of the run lower the loss."""
        return self.present.decrease >= self.worth

    def text(self) -> str:
        """Return what became of the loss, in words."""
        start, end = self.history.start, self.history.epochs[-1].train_loss
        moved = "has barely moved"
        if end > (1 + self.least) * start.loss:
            moved = "has risen"
        elif end < (1 - self.least) * start.loss:
            far = start.loss - end < MOST * (start.loss - start.constant)
            chance = chance_text(self.experiment, self.history)
            moved = f"has {'not even' if far else 'only'} come down to {chance}"
        updates = counted(self.history.updates, "update")
        return f"the loss {moved}: {start.loss:.6g} to {end:.6g} in {updates}"

    def finding(self, rule: str, message: str, hint: str) -> Finding:
        """Return a warning with all that it rests on."""
        start, last = self.history.start, self.history.epochs[-1]
        return Finding(
            rule=rule,
            status="warn",
            measured=movement(self.history),
            threshold=self.least,
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
                        "loss_fall": trial.fall if np.isfinite(trial.decrease) else None,
                    }
                    for trial in self.trials
                ],
            },
        )


def _too_short(run: _Flat) -> Finding | None:
    """Judge a run that is worth less than a trial: by its length or by its schedule."""
    share, updates = mean_factor(run.experiment, run.history), run.history.updates
    if not run.learns or share * updates >= UPDATES:
        return None
    if share * gain_of_higher(run.experiment) >= 1:
        return skipped(LOW, f"too few updates to tell, {updates}; {gain_text(run.present)}")
    return run.finding(
        LOW,
        f"{run.text()}; the schedule leaves {share:.3g} of the learning rate {run.rate:g} on "
        f"average, and at the full rate {UPDATES} updates {fall_text(run.present)}",
        faster_schedule(run.experiment, run.history),
    )


def _pulled_back(run: _Flat, dataset: Dataset, stop: Callable[[], bool]) -> Finding | None:
    """Judge whether the rate would do well if nothing pulled the weights back.

    At a lower rate a penalty only takes longer to undo what was learned.
    """
    pulling = pulls(run.experiment)
    if not pulling:
        return None
    (trial,) = probe(freed(run.experiment), dataset, [run.rate], stop)
    present, best = run.present.decrease, best_of(run.trials).decrease
    if trial.decrease < max(run.worth, PROBE_GAIN * present, MOST_OF_BEST * best):
        return None
    named = " and ".join(pulling)
    return run.finding(
        PLATEAU,
        f"{run.text()}: {named} is too strong",
        f"lower {named}: without it, {UPDATES} updates at the learning rate {run.rate:g} "
        f"{fall_text(trial)}",
    )


def _too_noisy(run: _Flat, dataset: Dataset, stop: Callable[[], bool]) -> Finding | None:
    """Judge whether the rate would do well with larger batches than these small ones."""
    calm, best = calmer(run.experiment, len(dataset.train)), best_of(run.trials)
    if calm is None or run.learns or best.learning_rate >= run.rate:
        return None
    (trial,) = probe(calm, dataset, [run.rate], stop)
    if trial.decrease < max(run.worth, MOST_OF_BEST * best.decrease):
        return None
    larger, batch = calm.training.batch_size, run.experiment.training.batch_size
    return run.finding(
        NOISY,
        f"{run.text()}: batches of {batch} are too noisy for the learning rate {run.rate:g}",
        f"try training.batch_size={larger}: {gain_text(trial)}; or optimizer.learning_rate="
        f"{best.learning_rate:.2g}: {best.fall:.2g}",
    )


def _wrong_rate(run: _Flat) -> Finding | None:
    best, present = best_of(run.trials), max(run.present.decrease, 0.0)
    high = best.learning_rate < run.rate
    gain = gain_of_higher(run.experiment)
    if high:
        gain = rule_of(run.experiment.checks, LearningRateTooHigh).gain
    if best.decrease < run.worth or best.decrease <= gain * present:
        return None
    remark = "" if high else accuracy_remark(run.experiment, run.history)
    return run.finding(
        HIGH if high else LOW,
        f"{run.text()}; the learning rate {run.rate:g} is too {'high' if high else 'low'}{remark}",
        f"try optimizer.learning_rate={best.learning_rate:.2g}: {gain_text(best)}, "
        f"{present_text(run.present)}",
    )


def _lost_again(run: _Flat) -> Finding | None:
    if not run.learns:
        return None
    best = best_of(run.trials)
    worth_a_word = penalty_share(run.history) >= NOTABLE
    pulling = " and ".join(pulls(run.experiment)) if worth_a_word else ""
    lower = best.learning_rate < run.rate and best.decrease >= BETTER * run.present.decrease
    if lower:
        return run.finding(
            HIGH,
            f"{run.text()}; what was learned was lost again: the learning rate {run.rate:g} is "
            "too high",
            f"try optimizer.learning_rate={best.learning_rate:.2g}: {gain_text(best)}, "
            f"{present_text(run.present)}",
        )
    return run.finding(
        PLATEAU,
        f"{run.text()}, although {UPDATES} updates at the learning rate {run.rate:g} "
        f"{fall_text(run.present)}: what was learned was lost again",
        f"lower {pulling}: so many updates of it may pull the weights back"
        if pulling
        else "try a lower optimizer.learning_rate, or a schedule that lowers it",
    )


def _plateau(run: _Flat, dataset: Dataset, stop: Callable[[], bool]) -> Finding:
    tried = [trial.learning_rate for trial in run.trials]
    enough = max(run.worth, PROBE_GAIN * best_of(run.trials).decrease)
    to_blame = culprits(run.experiment, dataset, enough, stop)
    accuracy, setting = run.history.epochs[-1].validation_accuracy, run.history.setting
    sure = wilson(accuracy, setting.validation_examples)[0]
    if to_blame is None and sure > max(setting.majority, 1 / setting.classes):
        known = f"the validation accuracy of {accuracy:.1%} is above chance"
        return passed(PLATEAU, f"{run.text()}, but {known}: there may be little to learn")
    return run.finding(
        PLATEAU,
        f"{run.text()}, and no rate from {min(tried):.2g} to {max(tried):.2g} does clearly better "
        f"in {UPDATES} updates: the learning rate is not the cause",
        to_blame
        or "look for dead units and weights that start equal (nntrain check-activations), too "
        "strong a penalty, or labels that do not follow from the inputs",
    )

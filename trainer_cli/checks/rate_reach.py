"""How far will a run come at its learning rate, and would it come much further at another?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trainer_cli.checks.gradient_points import work
from trainer_cli.checks.rate_run import UPDATES
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.gains import gain_text
from trainer_cli.training.diagnosis.names import LOW
from trainer_cli.training.diagnosis.probe import Trial, best_of, rates_around
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.pace import factor

# A rate is too low if another, in 100 updates, takes off so many times what all of the run will.
# In a run of fewer than 300 updates it takes more to tell, and one of fewer than 100 is not judged.
FAR_BETTER, SHORT, MUCH_BETTER = 5.0, 300, 10.0
# What takes off so much in 100 updates, and has time for all of it if it goes on, is not slow.
BEGUN = 0.03
# Updates at which the schedule is asked, spread evenly over the training.
ASKED = 200
# Where one batch takes more multiply-adds than this, no more than these multiples of the rate are
# tried beside it.
COSTLY, FEW = 50_000_000, (0.01, 100.0)


@dataclass(frozen=True)
class Probe:
    """The beginning of a run, and how far all of it will come; trials have so many `updates`."""

    case: Case
    updates: int = UPDATES

    @property
    def planned(self) -> int:
        """Return how many updates all of the run has."""
        setting = self.case.history.setting
        return setting.epochs * setting.steps_per_epoch

    @cached_property
    def length(self) -> float:
        """Return how many times as far as a trial the run goes, by its rates."""
        case, setting, planned = self.case, self.case.history.setting, self.planned
        asked = np.linspace(0, planned - 1, min(planned, ASKED)).astype(np.intp)
        factors = [factor(case.experiment, setting.steps_per_epoch, int(u)) for u in asked]
        return max(1.0, float(np.mean(factors)) * planned / self.updates)

    @cached_property
    def steeper(self) -> list[Trial]:
        """Return trials at one or two rates on the way to that which goes as far as all of it."""
        steps = min(2, int(np.ceil(np.log10(self.length) * 2)))
        rates = [self.case.rate * self.length ** ((k + 1) / steps) for k in range(steps)]
        return self.case.trials(rates, self.updates) if rates else []

    @cached_property
    def reach(self) -> float:
        """Return how much all of the run takes off the loss, as far as trials can tell."""
        own = self.case.learned * self.case.gainable
        beginnings = self.length * self.updates / self.case.history.updates
        if self.case.learned >= BEGUN and self.case.learned * beginnings >= 1:
            return self.case.gainable
        if own >= self.enough:
            return own
        return max(own, *(trial.decrease for trial in self.steeper), 0.0)

    @property
    def enough(self) -> float:
        """Return how much of the loss a run takes off that no other rate can be far ahead of."""
        times = FAR_BETTER if self.planned >= SHORT else MUCH_BETTER
        return self.case.gainable / times


def tried_around(probe: Probe, dataset: Dataset) -> list[Trial]:
    """Return trials at the rate and at others: at few where they take long."""
    case = probe.case
    batch = min(case.experiment.training.batch_size, len(dataset.train))
    if work(case.experiment.network, dataset.shape) * batch <= COSTLY:
        return case.trials(rates_around(case.rate), UPDATES)
    own = Trial(
        learning_rate=case.rate,
        decrease=case.learned * case.gainable,
        start=case.history.start.loss,
        end=case.end.train_loss,
    )
    return [own, *case.trials([case.rate * times for times in FEW], UPDATES)]


def too_slow(probe: Probe, tried: Sequence[Trial]) -> Finding | None:
    """Return the finding on a loss that falls, but will not come far."""
    case, best = probe.case, best_of(tried)
    times = case.gainable / probe.enough
    ahead = best.decrease >= times * probe.reach and best.learning_rate > case.rate
    if probe.planned < UPDATES or not ahead:
        return None
    start, end = case.history.start.loss, case.end.train_loss
    return Finding(
        rule=LOW,
        status="warn",
        measured=probe.reach / case.gainable,
        threshold=1 / times,
        message=f"the loss goes from {start:.6g} to {end:.6g} in "
        f"{counted(case.history.updates, 'update')}, and all of the training will take off about "
        f"{probe.reach:.2g}: the learning rate {case.rate:g} is too low",
        hint=f"try optimizer.learning_rate={best.learning_rate:.2g}: {gain_text(best)}",
        evidence={"learning_rate": case.rate, "original_loss": start, "last_loss": end},
    )

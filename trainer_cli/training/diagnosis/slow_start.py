"""Rule slow-start: was the loss flat for long before it fell?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import SlowStart, rule_of
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.flat import PROBE_GAIN
from trainer_cli.training.diagnosis.gains import fall_text
from trainer_cli.training.diagnosis.names import SLOW, passed, skipped
from trainer_cli.training.findings import Finding, counted, loss_text

# The loss is flat until a tenth of its fall is done. A straight line does a tenth in a tenth of
# the time, a healthy curve in less (8 % where labels are noisy): what takes longer began flat.
TENTH = 0.1
# In a long run that is less of it. So is a start of 3 epochs that took twice that share of the time
# in which nine tenths of the fall were done, about three times what a straight line takes.
MOST, EPOCHS, OF_MOST = 0.9, 3, 2
# Where a run is so short, everything is its start.
FEWEST_UPDATES, FEWEST_FLAT = 50, 100
# To have been slow at the start, a run must have got going: so much of what there is to gain.
GOING = 0.2
# The mean of so many examples, or of so many updates of a hundred, is no noise.
EXAMPLES, SHARE = 200, 100
MOST_UPDATES = 300


def slow_start(case: Case) -> Finding:
    """Judge the updates up to the first tenth of the fall, a warm-up counted by its rates.

    Source: CS231n, "Babysitting the learning process": flat, then falling: bad initialization is
    a prime suspect.
    """
    losses, rates = case.history.losses, case.history.rates
    allowed = rule_of(case.experiment.checks, SlowStart).flat_share
    if not case.learned >= GOING:
        return skipped(SLOW, "the loss has not fallen enough to tell its start from the rest")
    window = max(1, -(-EXAMPLES // case.history.setting.batch_size), len(losses) // SHARE)
    if len(losses) < FEWEST_UPDATES + window:
        return skipped(SLOW, f"too few updates to tell, {len(losses)}")
    smooth = np.convolve(losses, np.full(window, 1 / window), "valid")
    start = case.history.start.loss
    fall = start - min(float(smooth.min()), case.end.train_loss)
    flat = int(np.argmax(smooth < start - TENTH * fall))
    paced = float(rates[:flat].sum() / rates.max())  # updates at the full rate
    share = paced / len(losses)
    most = float(rates[: int(np.argmax(smooth < start - MOST * fall))].sum() / rates.max())
    epochs = paced / case.history.setting.steps_per_epoch
    long = share > allowed and paced >= FEWEST_UPDATES
    if not (long or (epochs >= EPOCHS and paced >= max(FEWEST_FLAT, OF_MOST * allowed * most))):
        seen = f"a tenth of the fall of the loss was done after {counted(flat, 'update')}"
        return passed(SLOW, seen, share, allowed)
    return Finding(
        rule=SLOW,
        status="warn",
        measured=share,
        threshold=allowed,
        message=f"the loss stayed around {loss_text(start)} for {counted(flat, 'update')} of "
        f"{len(losses):,} and then fell, to {loss_text(case.end.train_loss)}",
        hint=_remedy(case, flat, start - float(smooth[flat])),
        evidence={"flat_updates": flat},
    )


def _remedy(case: Case, flat: int, fallen: float) -> str:
    """Return what to do: the default initial weights, if they get going from the beginning."""
    usual = _with_usual_start(case.experiment)
    if usual is not None:
        updates = min(flat, MOST_UPDATES)
        (trial,) = case.trials([case.rate], updates, usual)
        if trial.decrease >= PROBE_GAIN * max(fallen, 0.0):
            return (
                "the initial weights are to blame: with the default init, which fits what "
                f"follows, {counted(updates, 'update')} {fall_text(trial)}"
            )
    return (
        "start with larger weights (init: he or xavier), put batch_norm behind every layer with "
        "weights, or use relu instead of sigmoid or tanh"
    )


def _with_usual_start(experiment: Experiment) -> Experiment | None:
    """Return the experiment with the default initializers, None if it has them already."""
    network = tuple(
        replace(layer, init=None) if isinstance(layer, Weighted) else layer
        for layer in experiment.network
    )
    return None if network == experiment.network else replace(experiment, network=network)

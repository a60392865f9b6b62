"""What trials did to the loss, in words."""

from __future__ import annotations

from math import isfinite

from trainer_cli.training.diagnosis.probe import Trial

# A smaller share of the loss is rounding.
ROUNDING = 1e-6
TWICE = 2.0


def gain_text(trial: Trial) -> str:
    """Return what a trial achieved."""
    return f"from the same start, {trial.updates} updates at it {fall_text(trial)}"


def fall_text(trial: Trial) -> str:
    """Return what it did to the loss: how far that fell says little where it began too high."""
    if _began_far(trial):
        return f"take the loss to {trial.end:.4g}"
    return f"lower the loss by {trial.fall:.2g}"


def _began_far(trial: Trial) -> bool:
    """Return whether the loss began above twice what counts as its start, that of chance."""
    return trial.start > TWICE * (trial.decrease + trial.end)


def present_text(trial: Trial) -> str:
    """Return what came of the trial at a run's own rate, where that of another is told."""
    rounding = ROUNDING * abs(trial.start)
    if not isfinite(trial.decrease):
        return "at the present rate it explodes"
    if _began_far(trial):
        return f"at the present rate to {trial.end:.4g}"
    if trial.fall < -rounding:
        return f"at the present rate it rises by {-trial.fall:.2g}"
    if trial.fall < rounding:
        return f"at the present rate by less than {rounding:.2g}"
    return f"at the present rate by {trial.fall:.2g}"

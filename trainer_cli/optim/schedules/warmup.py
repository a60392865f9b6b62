"""The rise of the learning rate that may come before any schedule."""

from trainer_cli.optim.schedules import Schedule
from trainer_cli.optim.schedules.clock import Clock


def rate_factor(schedule: Schedule, clock: Clock) -> float:
    """Return α(t) / α₀ with the schedule's warm-up.

    In a warm-up of W updates the i-th, from 1, goes at i / W of the rate that the schedule starts
    with. The schedule's own time begins after it, and what is left of the training is its T.
    Source: Goyal et al. 2017, section 2.2.
    """
    if not schedule.warmup:
        return schedule.scale(clock)
    length = round(schedule.warmup * clock.steps_per_epoch)
    left = max(clock.epochs * clock.steps_per_epoch - length, 1)
    own = Clock(
        step=max(clock.step - length, 0),
        steps_per_epoch=clock.steps_per_epoch,
        epochs=left / clock.steps_per_epoch,
    )
    return schedule.scale(own) * min((clock.step + 1) / max(length, 1), 1.0)

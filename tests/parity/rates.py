"""Every schedule once more, in the words of PyTorch: the rates of all updates of a training."""

from __future__ import annotations

from math import exp

from tests.parity.installed import torch
from trainer_cli.optim.schedules import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    InverseTime,
    Linear,
    Sqrt,
    Step,
)

lr = torch.optim.lr_scheduler


def whole(number):
    """Return a number of ticks as PyTorch wants it: only such settings can be compared."""
    assert number == round(number)
    return round(number)


def step(s, optimizer, ticks, total):
    return lr.StepLR(optimizer, step_size=whole(s.every * ticks), gamma=s.factor)


def exponential(s, optimizer, ticks, total):
    factor = exp(-s.rate) if s.factor is None else s.factor
    return lr.ExponentialLR(optimizer, gamma=factor ** (1 / ticks))


def inverse_time(s, optimizer, ticks, total):
    return lr.LambdaLR(optimizer, lambda tick: 1 / (1 + s.rate * tick / ticks))


def cosine(s, optimizer, ticks, total):
    if s.period is None:
        return lr.CosineAnnealingLR(optimizer, T_max=total, eta_min=s.floor)
    return lr.CosineAnnealingWarmRestarts(
        optimizer, T_0=whole(s.period * ticks), T_mult=whole(s.growth), eta_min=s.floor
    )


def cyclic(s, optimizer, ticks, total):
    return lr.CyclicLR(
        optimizer,
        base_lr=s.low,
        max_lr=1.0,
        step_size_up=s.period * ticks / 2,
        cycle_momentum=False,
    )


# Each takes (settings, optimizer, ticks, total): a tick is an update, or an epoch where the rate
# changes per epoch; `ticks` of them make an epoch, `total` what follows the warm-up.
SCHEDULE = {
    Constant: lambda s, optimizer, ticks, total: lr.ConstantLR(optimizer, factor=1.0),
    Cosine: cosine,
    Cyclic: cyclic,
    Exponential: exponential,
    InverseTime: inverse_time,
    Linear: lambda s, optimizer, ticks, total: lr.LinearLR(optimizer, 1.0, s.final, total),
    Sqrt: lambda s, optimizer, ticks, total: lr.PolynomialLR(optimizer, total, power=0.5),
    Step: step,
}


def rates(settings, steps_per_epoch, epochs):
    """Return the rate of every update for a learning rate of 1."""
    per_epoch = getattr(settings, "per", "step") == "epoch"
    updates_per_tick = steps_per_epoch if per_epoch else 1
    ticks = steps_per_epoch // updates_per_tick
    warm = round(settings.warmup * steps_per_epoch)
    updates = epochs * steps_per_epoch

    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = SCHEDULE[type(settings)](
        settings, optimizer, ticks, (updates - warm) / updates_per_tick
    )
    if warm:
        rising = lr.LambdaLR(optimizer, lambda update: (update + 1) / warm)
        scheduler = lr.SequentialLR(optimizer, [rising, scheduler], milestones=[warm])
    found = []
    for done in range(1, updates + 1):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if done <= warm or (done - warm) % updates_per_tick == 0:
            scheduler.step()
    return found

"""Is it the start that keeps the cost of a network of one's own flat at first, and not the rate?"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.own.network import OwnNetwork
from trainer_cli.checks.own.rate_run import Trainer
from trainer_cli.checks.own.weak_signals import matrices
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.flatness import learned
from trainer_cli.training.findings import counted

# Weights are made larger by powers of two, as long as the scores of an untrained network have no
# larger standard deviation than this.
LARGEST, DOUBLINGS = 0.5, 12
# Where they may be so many times as large, a share like this of the loss shows a sound rate.
SMALL, BEGUN = 8.0, 0.02
# Training goes on for so many times its length, where that takes no longer than this.
LONGER, MOST, SECONDS = 4, 2000, 1.0


def why_flat(case: Case, trainer: Trainer, enough: float) -> str | None:
    """Return why the rate is not to blame for a loss that will not fall far; None where it may be.

    Small weights pass on small gradients, so that at any sound rate the loss falls late, and then
    quickly. From larger ones, the same rate shows at once whether it is one. What takes long for
    other reasons is given the time.
    """
    optimizer, rate = case.experiment.optimizer, f"the learning rate {case.rate:g}"
    planned = trainer.setting.epochs * trainer.setting.steps_per_epoch
    most = min(MOST, int(SECONDS / trainer.seconds))
    times = _room(trainer)
    if times > 1:
        network = trainer.bench.as_built()
        _enlarge(network, times)
        start = trainer.measured(network)[0]
        ran = trainer.train(optimizer, min(LONGER * planned, most), network=network)
        falls = min(start, case.history.start.constant) - ran.loss
        worth = BEGUN if times >= SMALL else enough
        if ran.exploded is None and falls >= worth * case.gainable:
            return f"from weights {times:g} times as large {rate} does well: it starts flat"
    count = min(LONGER * planned, most)
    if count <= planned:
        return None
    ran = trainer.train(optimizer, count)
    if ran.exploded is None and learned(case.history.start, ran.loss) >= enough:
        return f"{rate} takes {counted(count, 'update')}, and then the loss is {ran.loss:.4g}"
    return None


def _enlarge(network: OwnNetwork, times: float) -> None:
    for name in matrices(network):
        network.parameters[name][...] *= times


def _room(trainer: Trainer) -> float:
    """Return how many times as large the weights may start, in powers of two."""
    x, _ = trainer.bench.evenly()
    times = 1.0
    for k in range(1, DOUBLINGS + 1):
        network = trainer.bench.as_built()
        _enlarge(network, 2.0**k)
        with np.errstate(all="ignore"):
            spread = float(network.scores(x).std())
        if not spread <= LARGEST:
            break
        times = 2.0**k
    return times

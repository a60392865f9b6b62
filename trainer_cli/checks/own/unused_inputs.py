"""Do the scores of somebody's network depend on all of an example, or is most of it left out?

N examples.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.own.bench import LOOKED_AT, Bench, skipped
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.paths import draw
from trainer_cli.config.rules import UnusedInputs, rule_of
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

# Of inputs with many values so many examples that they are no more than this.
FEWEST, VALUES = 20, 200_000
ROUNDED = 1e-12
# Features of a network in NumPy are exchanged in so many groups, if that takes no longer.
GROUPS, SECONDS = 64, 1.0


def check_unused(bench: Bench) -> list[Finding]:
    """Return one finding: which share of the features no score depends on.

    With weights drawn anew, as a last layer may start at zero. A module tells by its slopes, but
    without one is also what is rounded: only what can be exchanged between examples while all
    scores stay is unused. Of a network in NumPy features are exchanged group by group; one that
    takes long is not asked.
    """
    begun, rule = perf_counter(), "unused-inputs"
    network = bench.network()
    features = int(np.prod(bench.dataset.shape))
    x, _ = bench.evenly(int(np.clip(VALUES // features, FEWEST, LOOKED_AT)))
    draw(network, bench.experiment.seed)
    asked = perf_counter()
    scores = network.scores(x)
    if network.module is None and (perf_counter() - asked) * GROUPS > SECONDS:
        return []
    if not np.isfinite(scores).all():
        return [skipped(rule, "the scores are not finite", "see initial-loss", begun)]
    varying = (np.ptp(x, axis=0) > 0).reshape(-1)
    if network.module is None:
        idle = _idle_groups(network, x, scores, varying)
    else:
        slopes = network.slopes(x)
        idle = varying if slopes is None else varying & ~slopes.any(axis=0).reshape(-1)
        if idle.any() and _matter(network, x, scores, idle):
            idle = np.zeros_like(idle)  # at least some of them do
    if idle.any() and np.array_equal(idle, varying):
        why = "no score depends on any input"
        return [skipped(rule, why, "see input-independence and dead-units", begun)]
    limits = rule_of(bench.experiment.checks, UnusedInputs)
    unused, share = int(idle.sum()), float(idle.sum() / max(1, varying.sum()))
    told = f"{unused:,} of the {int(varying.sum()):,} features that vary"
    good = share <= limits.unusual_share
    return [
        Finding(
            rule=limits.type,
            status="pass" if good else "fail" if share > limits.wrong_share else "warn",
            measured=share,
            threshold=limits.unusual_share,
            message=f"the scores depend on the inputs, but for {told}"
            if good
            else f"the scores do not depend on {told}: {share:.0%} of the input is never used",
            hint=None
            if good
            else "look at what forward does first with its input: a slice, an index, a cast to "
            "integers, a reshape that leaves part of it out",
            seconds=perf_counter() - begun,
        )
    ]


def _idle_groups(
    network: OwnNetwork, x: Inputs, scores: Array, varying: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which features are in groups that no score depends on; a group may be one feature."""
    idle = np.zeros_like(varying)
    for group in np.array_split(np.flatnonzero(varying), GROUPS):
        if len(group) and not _matter(network, x, scores, group):
            idle[group] = True
    return idle


def _matter(network: OwnNetwork, x: Inputs, scores: Array, which: NDArray[Any]) -> bool:
    """Whether any score changes where these features are exchanged between examples."""
    exchanged = x.reshape(len(x), -1).copy()
    exchanged[:, which] = np.roll(exchanged[:, which], 1, axis=0)
    apart = np.abs(network.scores(exchanged.reshape(x.shape)) - scores).max()
    return bool(apart > ROUNDED * np.abs(scores).max())

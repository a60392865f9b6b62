"""Do inputs and gradients get through a network that cannot be looked into?

N examples, C classes.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.network import OwnNetwork
from trainer_cli.config.rules import VanishingActivations, VanishingGradient, rule_of
from trainer_cli.training.findings import Finding

ACTIVATIONS, GRADIENT = "vanishing-activations", "vanishing-gradient"
UNITS = "the units of a network of your own cannot be looked into"
# Where gradients fall from layer to layer, their logarithms lie nearly on a line.
IN_LINE = 0.9
# Then layers so far apart are certain to be trained apart: on the digits none learned below 0.005
# (config/rules/signals.py), where gradients are seen in every layer.
APART = 1e-4
FEWEST = 4


def check_weak_signals(bench: Bench) -> list[Finding]:
    """Return findings on the untrained network: on its scores, and on its weights' gradients.

    Only what is lost on the whole way is seen. Layers are taken to be in the order of params.
    """
    with np.errstate(all="ignore"):
        return [_of_scores(bench), _of_gradients(bench), skipped("dead-units", UNITS)]


def matrices(network: OwnNetwork) -> list[str]:
    """Return the names of what is no single row or column of values."""
    return [
        name for name, each in network.parameters.items() if each.size > max(each.shape, default=1)
    ]


def _of_scores(bench: Bench) -> Finding:
    begun, limits = perf_counter(), rule_of(bench.experiment.checks, VanishingActivations)
    network = bench.network()
    x, _ = bench.evenly()
    scores = network.scores(x)
    spread, given = float(scores.std(axis=0).max()), float(x.std())
    if not 0 < spread < np.inf or not given:
        return skipped(ACTIVATIONS, "the scores are the same for all examples, or not finite")
    share = spread / min(given, 1.0)
    wrong = limits.wrong_share**2  # of two layers at least, of which each may have that
    unusual = limits.unusual_share**3 if len(matrices(network)) > 2 else wrong
    told = f"from {given:.2g} at the input to {spread:.2g} at the scores"
    good = share >= unusual or len(matrices(network)) < 2
    return Finding(
        rule=ACTIVATIONS,
        status="pass" if good else "fail" if share < wrong else "warn",
        measured=share,
        threshold=unusual,
        message=f"the inputs reach the scores: the standard deviation goes {told}"
        if good
        else f"the signal vanishes: its standard deviation falls {told}",
        hint=None if good else "start with larger weights: draw them with std √(2 / fan_in)",
        seconds=perf_counter() - begun,
    )


def _of_gradients(bench: Bench) -> Finding:
    begun, limits = perf_counter(), rule_of(bench.experiment.checks, VanishingGradient)
    network = bench.network()
    grads = network.gradients(*bench.evenly())[1]
    given = [(name, grads[name]) for name in matrices(network)]
    norms = {name: float(np.sqrt(np.square(g).sum())) for name, g in given if g is not None}
    names = [name for name, norm in norms.items() if 0 < norm < np.inf][:-1]
    if len(names) < FEWEST:
        why = f"fewer than {FEWEST} layers between inputs and scores, so no gradient has far to go"
        return skipped(GRADIENT, why, None, begun)
    first, last = names[0], names[-1]
    share, told = norms[first] / norms[last], ""
    told = f"from {norms[last]:.2g} at {last} to {norms[first]:.2g} at {first}"
    logs = np.log([norms[name] for name in names])
    line = float(np.corrcoef(np.arange(len(logs)), logs)[0, 1]) if np.ptp(logs) else 0.0
    good = share >= limits.unusual_share or line < IN_LINE
    return Finding(
        rule=GRADIENT,
        status="pass" if good else "fail" if share < max(limits.wrong_share, APART) else "warn",
        measured=share,
        threshold=limits.unusual_share,
        message=f"the gradients come through: their norm goes {told}"
        if good
        else f"the gradients vanish on their way back: their norm falls {told}",
        hint=None
        if good
        else "use relu instead of sigmoid or tanh, start with larger weights (std √(2 / fan_in)), "
        "or normalize the batch behind every layer",
        seconds=perf_counter() - begun,
    )

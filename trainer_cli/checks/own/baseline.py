"""Does a network of one's own look at its inputs?"""

from __future__ import annotations

from itertools import repeat
from time import perf_counter

import numpy as np

from trainer_cli.checks.memorize import agreeing
from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.initial_loss import LARGE_INPUTS
from trainer_cli.checks.own.learning import adam, learn
from trainer_cli.checks.own.network import Inputs
from trainer_cli.config.rules import InputIndependence, rule_of
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.training.findings import Finding, counted

# Lower rates are tried where nothing is learned at the first.
NAMED = 3
UPDATES, RATES = 100, (0.01, 1e-3, 1e-4, 1e-5)


def check_baseline(bench: Bench) -> list[Finding]:
    """Return one finding: with the inputs it learns more than with zeros in their place.

    Source: Karpathy 2019, "A Recipe for Training Neural Networks": the input-independent baseline.
    """
    begun, rule = perf_counter(), "input-independence"
    settings = bench.experiment.overfit
    chosen = agreeing(bench.dataset, settings.examples, balanced=True)
    x, y = bench.examples(chosen)
    if len(np.unique(y)) == 1:
        return [skipped(rule, "all examples have the same label", None, begun)]
    loss, classes = bench.reference.loss, bench.dataset.classes
    chance, batches = loss.at_zero_scores(classes), UPDATES
    constant = loss.at_best_constant(class_shares(y, classes))
    least = rule_of(bench.experiment.checks, InputIndependence).least * constant

    def end(given: Inputs, enough: float, rate: float = RATES[0]) -> float:
        repeated = repeat((given, y), batches)
        run = learn(bench.network(), repeated, adam(rate), chance, enough)
        return min((each for each in run.costs if np.isfinite(each)), default=np.inf)

    without, seen = end(np.zeros_like(x), -np.inf), np.inf
    for rate in RATES:
        # What is certain by then stays so.
        seen = min(seen, end(x, min(without - least, 0.5 * without), rate))
        good = seen < without - least
        if good:
            break
    message = (
        f"on {counted(len(y), 'example')} the cost falls to {seen:.4g} with their inputs, to "
        f"{without:.4g} with zeros in their place"
    )
    differ = np.ptp(bench.network().scores(x), axis=0).max(initial=0.0) > 0
    lost = "no rate makes anything of the inputs" if differ else "the network ignores its inputs"
    return [
        Finding(
            rule=rule,
            status="pass" if good else "fail",
            measured=seen,
            expected=without,
            threshold=least,
            message=message if good else f"{message}: {lost}",
            hint=None if good else _lost(bench, x),
            seconds=perf_counter() - begun,
        )
    ]


def _lost(bench: Bench, x: Inputs) -> str:
    network = bench.network()
    start = network.parameters
    if network.fixed:
        learn = ", ".join(start) if len(start) <= NAMED else counted(len(start), "parameter")
        return f"only {learn} can learn: requires_grad is off for the other {len(network.fixed)}"
    equal = [n for n, each in start.items() if each.ndim >= 2 and np.ptp(each) == 0]
    if equal:
        return f"all weights of {', '.join(equal)} start equal: draw them at random"
    size = float(np.sqrt(np.square(x).mean()))
    if size > LARGE_INPUTS:
        return (
            f"the inputs are unscaled, with a root mean square of {size:.3g}: add standardize or "
            f"scale to data.preprocess"
        )
    return "look at where the inputs get lost: overwritten, not passed on, dead units"

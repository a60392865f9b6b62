"""Does the answer for one example depend on the others that are asked about with it?"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.checks.own.averages import check_averages
from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.noise_scale import check_scale
from trainer_cli.config.rules import BatchIndependence, rule_of
from trainer_cli.training.findings import Finding

RULE = "batch-independence"
EXAMPLES = 20
# In products of other sizes sums are rounded otherwise: no tolerance may be below these.
ROUNDING = {"float64": 1e-7, "float32": 1e-3}


def check_independence(bench: Bench) -> list[Finding]:
    """Return findings on what the scores at test time depend on.

    Running averages and dropout are looked at where they are the user's own, and not PyTorch's.
    """
    found = _independence(bench)
    if found.status != "pass" or not bench.network().loss_is_own:
        return [found]
    with np.errstate(all="ignore"):
        averages = check_averages(bench)
        if averages.status == "fail":
            return [found, averages]
        return [found, averages, check_scale(bench)]


def _independence(bench: Bench) -> Finding:
    """Judge whether scores as at test time, of half a batch and of the whole, are the same.

    Batch normalization goes by its running averages then, and passes.
    """
    begun = perf_counter()
    network = bench.network()
    x, _ = bench.evenly(EXAMPLES)
    if len(x) < 4:
        return skipped(RULE, "there are fewer than 4 examples", None, begun)
    # Batch normalization that has seen nothing divides by 1 and subtracts 0, whoever is asked.
    whole, half = network.scores(x), network.scores(x[: len(x) // 2])
    back = network.scores(x[::-1].copy())[::-1]
    size = float(np.abs(whole).max(initial=0.0))
    if not np.isfinite(size):
        return skipped(RULE, "the scores are not finite", "see initial-loss", begun)
    apart = max(float(np.abs(whole[: len(half)] - half).max()), float(np.abs(whole - back).max()))
    given = rule_of(bench.experiment.checks, BatchIndependence).tolerance
    tolerance = max(given, ROUNDING.get(whole.dtype.name, 1e-3))
    good = apart <= tolerance * size
    message = "the scores of an example are the same whatever else is in the batch"
    if not good:
        message = (
            f"the scores of an example change by up to {apart:.3g}, of {size:.3g}, with the other "
            f"examples of the batch"
        )
    return Finding(
        rule=RULE,
        status="pass" if good else "fail",
        measured=apart / size if size else 0.0,
        expected=0.0,
        threshold=tolerance,
        message=message,
        hint=None
        if good
        else "look for a sum, a mean or a softmax over the wrong axis, and for batch "
        "normalization that goes by the batch at test time",
        seconds=perf_counter() - begun,
    )

"""Is the loss of the untrained network what chance alone gives: ln C for softmax?"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, prod, sqrt
from statistics import fmean, median, stdev
from time import perf_counter

import numpy as np

from trainer_cli.checks.untrained import Spread, output_layer, spread, untrained
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.regularization import Regularization
from trainer_cli.training.findings import Finding, Status

# With equal scores the softmax loss is ln C whatever the labels; 1 % leaves room for rounding.
TOLERANCE = 0.01
# He-initialized networks on scaled inputs have scores of standard deviation 1 to 2, which costs
# up to 2 above ln C. Beyond 2 the start is unusual; beyond 10 the scores are so far apart (by
# e^10 in odds) that the first updates only undo the initialization.
UNUSUAL_EXCESS = 2.0
WRONG_EXCESS = 10.0
# A loss outside the usual range may be the luck of one draw of the weights (two classes that lie
# far apart are told right or wrong by chance), so it is judged over further draws too.
DRAWS = 8
# Over all draws the mean loss cannot lie below ln C, because the units of an output layer start
# alike; this many standard errors below it are no luck any more.
STANDARD_ERRORS = 4.0
# A layer that multiplies the size of its input by more than this is named; the usual
# initializers stay below 1.5.
LARGE_GAIN = 3.0
# Initializers take inputs of root mean square 1 for granted.
LARGE_INPUTS = 5.0
# Losses are written with four decimals up to here.
LONG = 1000.0


def check_loss(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return two findings: the loss with the output layer zeroed, and the loss as configured.

    Regularization is off for both. At most 1,000 training examples are looked at.
    Source: CS231n, "Neural Networks Part 3", section Before learning: sanity checks.
    """
    plain = replace(experiment, regularization=Regularization())
    with np.errstate(all="ignore"):
        return [_at_zero_scores(plain, dataset), _as_configured(plain, dataset)]


def _at_zero_scores(experiment: Experiment, dataset: Dataset) -> Finding:
    begun = perf_counter()
    network = untrained(experiment, dataset)
    if not isfinite(spread(network).scores):
        return Finding(
            rule="loss-at-zero-scores",
            status="skip",
            message="not judged: the activations overflow before the output layer is reached",
            hint="see initial-loss",
            seconds=perf_counter() - begun,
        )
    layer = f"network[{output_layer(experiment)}]"
    for name in ("weights", "biases"):
        network.stack.network.parameters[f"{layer}.{name}"][...] = 0
    measured = network.loss()
    expected = experiment.loss.at_zero_scores(dataset.classes)
    good = abs(measured - expected) <= TOLERANCE * expected
    must = "as it must be" if good else "but must be"
    return Finding(
        rule="loss-at-zero-scores",
        status="pass" if good else "fail",
        measured=measured,
        expected=expected,
        threshold=TOLERANCE,
        message=(
            f"with {layer}, the output layer, at zero the loss is {measured:.4f}, "
            f"{must}: ln {dataset.classes} = {expected:.4f}"
        ),
        hint=None
        if good
        else "the loss itself is wrong: look at how it is summed, averaged and normalized",
        seconds=perf_counter() - begun,
    )


def _as_configured(experiment: Experiment, dataset: Dataset) -> Finding:
    begun = perf_counter()
    network = untrained(experiment, dataset)
    measured, classes = network.loss(), dataset.classes
    expected = experiment.loss.at_zero_scores(classes)
    size = spread(network)
    draws = [measured]
    usual = -TOLERANCE * expected <= measured - expected <= UNUSUAL_EXCESS
    if not usual:
        draws += _other_draws(experiment, dataset)
    status, message, hint = _judge(draws, expected, f"ln {classes} = {expected:.4f}", size)
    return Finding(
        rule="initial-loss",
        status=status,
        measured=measured,
        expected=expected,
        threshold=UNUSUAL_EXCESS,
        message=message,
        hint=hint,
        seconds=perf_counter() - begun,
        evidence={
            "score_std": size.scores,
            "input_rms": size.inputs,
            "gains": size.gains,
            "draws": draws,
        },
    )


def _other_draws(experiment: Experiment, dataset: Dataset) -> list[float]:
    """Return the initial losses with other seeds, one network at a time to spare memory."""
    return [
        untrained(replace(experiment, seed=experiment.seed + draw), dataset).loss()
        for draw in range(1, DRAWS + 1)
    ]


def _judge(
    draws: list[float], expected: float, chance: str, size: Spread
) -> tuple[Status, str, str | None]:
    """Return status, message and hint for the configured loss, `draws[0]`, and other draws."""
    loss = f"the initial loss is {_short(draws[0])}"
    scores = f"(scores' standard deviation {size.scores:.2g})"
    if not all(isfinite(draw) for draw in draws):
        return "fail", f"{loss}: the scores overflow", _cause(size)
    excess = draws[0] - expected
    if abs(excess) <= TOLERANCE * expected:
        return "pass", f"{loss}, near {chance}", None
    if len(draws) == 1:
        return "pass", f"{loss}, {excess:.2g} above {chance}, as usual {scores}", None
    if excess < 0:
        return _judge_below(draws, expected, f"{loss}, {-excess:.2g} below {chance}")
    typical = median(draws) - expected
    if typical <= UNUSUAL_EXCESS:
        return (
            "pass",
            f"{loss}, {excess:.2g} above {chance}, by the luck of the draw: the median of "
            f"{len(draws)} initializations is {_short(median(draws))}",
            None,
        )
    return (
        "fail" if min(excess, typical) > WRONG_EXCESS else "warn",
        f"{loss}, {excess:.2g} above {chance}: the scores are too far apart {scores}",
        _cause(size),
    )


def _judge_below(
    draws: list[float], expected: float, sentence: str
) -> tuple[Status, str, str | None]:
    mean, error = fmean(draws), stdev(draws) / sqrt(len(draws))
    if mean < expected * (1 - TOLERANCE) - STANDARD_ERRORS * error:
        return (
            "fail",
            f"{sentence}, and so is the mean over {len(draws)} initializations, {mean:.4f}: "
            f"no untrained network can know that much",
            "look for a loss that is scaled or clipped, and for weights that are not random",
        )
    return (
        "pass",
        f"{sentence}, by the luck of the draw: the mean of {len(draws)} initializations "
        f"is {mean:.4f}",
        None,
    )


def _cause(size: Spread) -> str:
    """Name what makes the scores large: the inputs, single layers, or all layers together."""
    gain = max(size.gains.values())
    if size.inputs > max(LARGE_INPUTS, gain):
        return (
            f"the inputs are unscaled, with a root mean square of {size.inputs:.3g}: "
            f"add standardize or scale to data.preprocess"
        )
    if gain > LARGE_GAIN:
        large = [name for name, each in size.gains.items() if each > LARGE_GAIN]
        return (
            f"{', '.join(large)} multiply their input by up to {gain:.3g} (standard deviation "
            f"times √fan_in; he gives 1.4): choose a smaller init"
        )
    return (
        f"{len(size.gains)} layers multiply the signal by about {gain:.2g} each, "
        f"{prod(size.gains.values()):.3g} together: choose xavier where no relu follows, "
        f"or put activations between them"
    )


def _short(loss: float) -> str:
    return f"{loss:.4f}" if abs(loss) < LONG else f"{loss:.4g}"

"""Is the loss of the untrained network what chance alone gives: ln C for softmax?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, prod
from statistics import median
from time import perf_counter

import numpy as np

from trainer_cli.checks.untrained import Spread, spread, untrained
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import InitialLoss, LossAtZeroScores, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.regularization import Regularization
from trainer_cli.training.findings import Finding, Status, loss_text

# Scores that differ by no more than this are equal.
EQUAL = 1e-6
# Scores may lie far apart by the luck of one draw of the weights: further ones are judged too.
DRAWS = 8
# A layer that multiplies the size of its input by more than this is named; the usual
# initializers stay below 1.5.
LARGE_GAIN = 3.0
# Initializers take inputs of root mean square 1 for granted.
LARGE_INPUTS = 5.0
# Biases beyond this are larger than any signal that such inputs make.
LARGE_BIASES = 5.0
# Scores so many times as large as inputs and weights make them come from something else.
BEYOND = 100.0


@dataclass(frozen=True, kw_only=True)
class _Chance:
    """What chance alone gives: the loss of equal scores, what is near it, what too far above."""

    loss: float
    text: str
    near: float
    unusual: float
    wrong: float


def _chance(experiment: Experiment, classes: int) -> _Chance:
    """Return it by what the loss gains when scores spread so far (in softmax by 2, about 2).

    Beside a large margin scores of that size cost nothing: then 1 % and 10 % count.
    """
    loss, rule = experiment.loss, rule_of(experiment.checks, InitialLoss)
    equal = loss.at_zero_scores(classes)
    return _Chance(
        loss=equal,
        text=loss.zero_scores_text(classes),
        near=rule.tolerance * equal,
        unusual=max(loss.excess(classes, rule.unusual_spread), rule.tolerance * equal),
        wrong=max(loss.excess(classes, rule.wrong_spread), 10 * rule.tolerance * equal),
    )


def check_loss(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return two findings: the loss with the output layer zeroed, and the loss as configured.

    Regularization, dropout and label smoothing are off for both, and batch normalization goes by
    the examples looked at: at most 1,000 of the training split.
    Source: CS231n, "Neural Networks Part 3", section Before learning: sanity checks.
    """
    plain = replace(experiment, regularization=Regularization())
    with np.errstate(all="ignore"):
        return [_at_zero_scores(plain, dataset), _as_configured(plain, dataset)]


def _at_zero_scores(experiment: Experiment, dataset: Dataset) -> Finding:
    begun = perf_counter()
    network = untrained(experiment, dataset)
    i, parameters = network.output_layer, network.stack.network.parameters
    if i is None:
        return _not_judged("no layer has weights", "give the network a layer that learns", begun)
    layer = f"network[{i}]"
    for entry in parameters.entries:
        if entry.layer >= i:  # what normalizes or bends the scores must not set them apart either
            entry.view(parameters.values)[...] = 0
    scores = network.scores()
    if not np.isfinite(scores).all():
        why = "the activations overflow before the output layer is reached"
        return _not_judged(why, "see initial-loss", begun)
    if np.ptp(scores, axis=-1).max() > EQUAL:
        why = f"with {layer}, the output layer, at zero the scores are not equal"
        return _not_judged(why, f"look at what follows {layer}", begun)
    measured, chance = network.loss(), _chance(experiment, dataset.classes)
    tolerance = rule_of(experiment.checks, LossAtZeroScores).tolerance
    good = abs(measured - chance.loss) <= tolerance * chance.loss
    must = "as it must be" if good else "but must be"
    return Finding(
        rule="loss-at-zero-scores",
        status="pass" if good else "fail",
        measured=measured,
        expected=chance.loss,
        threshold=tolerance,
        message=(
            f"with {layer}, the output layer, at zero the loss is {loss_text(measured)}, "
            f"{must}: {chance.text}"
        ),
        hint=None
        if good
        else "the loss itself is wrong: look at how it is summed, averaged and normalized",
        seconds=perf_counter() - begun,
    )


def _not_judged(why: str, hint: str, begun: float) -> Finding:
    return Finding(
        rule="loss-at-zero-scores",
        status="skip",
        message=f"not judged: {why}",
        hint=hint,
        seconds=perf_counter() - begun,
    )


def _as_configured(experiment: Experiment, dataset: Dataset) -> Finding:
    begun = perf_counter()
    network = untrained(experiment, dataset)
    measured, chance = network.loss(), _chance(experiment, dataset.classes)
    size = spread(network)
    draws = [network.fair_loss()]
    if min(measured, draws[0]) - chance.loss > chance.unusual:
        draws += _other_draws(experiment, dataset)
    status, message, hint = _judge(measured, draws, chance, size)
    return Finding(
        rule="initial-loss",
        status=status,
        measured=measured,
        expected=chance.loss,
        threshold=chance.unusual,
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
    """Return the fair losses with other seeds, one network at a time to spare memory."""
    return [
        untrained(replace(experiment, seed=experiment.seed + draw), dataset).fair_loss()
        for draw in range(1, DRAWS + 1)
    ]


def _judge(
    measured: float, draws: list[float], chance: _Chance, size: Spread
) -> tuple[Status, str, str | None]:
    """Return status, message and hint for the loss, from the fair losses of it and other draws."""
    loss = f"the initial loss is {loss_text(measured)}"
    if not all(isfinite(each) for each in (measured, *draws)):
        return "fail", f"{loss}: the scores overflow", _cause(size)
    fair = f"with each class in turn as the right one it is {loss_text(draws[0])}"
    if draws[0] < chance.loss - chance.near:
        return (
            "fail",
            f"{loss}, and {fair}, below {chance.text}: no untrained network can know that much",
            "look for a loss that is scaled or clipped",
        )
    excess, scores = measured - chance.loss, f"(scores' standard deviation {size.scores:.2g})"
    far = min(measured, draws[0], median(draws)) - chance.loss
    if far > chance.unusual:
        what = f"{loss}, {excess:.2g} above {chance.text}: the scores are too far apart {scores}"
        return "fail" if far > chance.wrong else "warn", what, _cause(size)
    if abs(excess) <= chance.near:
        return "pass", f"{loss}, near {chance.text}", None
    if 0 < excess <= chance.unusual:
        return "pass", f"{loss}, {excess:.2g} above {chance.text}, as usual {scores}", None
    side = "above" if excess > 0 else "below"
    what = f"{loss}, {abs(excess):.2g} {side} {chance.text}, by the luck of the draw"
    if len(draws) == 1:
        return "pass", f"{what}: {fair}", None
    many = f"the median of {len(draws)} initializations is {loss_text(median(draws))}"
    return "pass", f"{what}: {fair}, and {many}", None


def _cause(size: Spread) -> str:
    """Name what makes the scores large: the inputs, single layers, or all layers together."""
    gain = max(size.gains.values(), default=0.0)
    if size.inputs > max(LARGE_INPUTS, gain) and not size.normalized:
        return (
            f"the inputs are unscaled, with a root mean square of {size.inputs:.3g}: "
            f"add standardize or scale to data.preprocess"
        )
    if gain > LARGE_GAIN:
        large = [name for name, each in size.gains.items() if each > LARGE_GAIN]
        return (
            f"{', '.join(large)} multiply their input by up to {gain:.3g} (root mean square "
            f"times √fan_in; he gives 1.4): choose a smaller init"
        )
    large = [name for name, each in size.biases.items() if each > LARGE_BIASES]
    if large:
        return (
            f"{', '.join(large)} start at up to {max(size.biases.values()):.3g}, beside which the "
            f"signal is lost: choose a smaller bias_init"
        )
    if not size.gains:
        return "no weights make the scores large: look at the loss itself"
    together = prod(size.gains.values())
    if size.scores > BEYOND * max(size.inputs, 1.0) * max(together, 1.0):
        return (
            f"the weights multiply the signal by {together:.3g} in all, which does not make such "
            f"scores: look at the settings of the layers between them (nntrain check-activations)"
        )
    if len(size.gains) == 1:
        (name,) = size.gains
        return f"{name} multiply their input by {gain:.2g}: choose a smaller init or smaller inputs"
    return (
        f"{len(size.gains)} layers multiply the signal by about {gain:.2g} each, "
        f"{together:.3g} together: choose xavier where no relu follows, "
        f"or put activations between them"
    )

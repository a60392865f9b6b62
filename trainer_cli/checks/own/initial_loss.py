"""Is the loss what it says it is, and what chance gives before training?"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from time import perf_counter

import numpy as np

from trainer_cli.checks.own import paths
from trainer_cli.checks.own.bench import SAME, Bench, skipped
from trainer_cli.checks.own.mistakes import named, other_kinds
from trainer_cli.checks.own.network import Inputs
from trainer_cli.checks.own.not_finite import why_not_finite
from trainer_cli.config.rules import InitialLoss, LossAtZeroScores, rule_of
from trainer_cli.training.findings import Finding, loss_text

# Scores that differ by no more than this are equal.
EQUAL = 1e-6
# Examples whose labels are changed, one by one.
LABELLED = 20
DIVIDED = (
    "where something is divided by a standard deviation, add to it what keeps it from 0: "
    "np.sqrt(var + eps)"
)
# Inputs beyond this root mean square are unscaled.
LARGE_INPUTS = 5.0
# Of losses that are neither softmax nor hinge nor a usual mistake with one of them.
UNKNOWN = "unknown"
OF_ANOTHER_KIND = (
    "look at how it is summed, averaged and normalized; where another kind of loss is meant, write "
    "checks: {loss-at-zero-scores: ignore}"
)


def check_loss(bench: Bench) -> list[Finding]:
    """Return two findings: the loss with all parameters at zero, and as built.

    The penalty is off for both, where there is a `reg` to turn off.
    """
    with np.errstate(all="ignore"):
        first, second = _at_zero_scores(bench), _as_built(bench)
        if first.evidence.get("kind") == UNKNOWN and isfinite(second.measured or 0.0):
            why = "what chance gives is not known of a loss of this kind"
            second = skipped("initial-loss", why, "see loss-at-zero-scores")
        if "fail" not in (first.status, second.status):
            second = _by_its_scores(bench, second)
    if first.status == "fail" and second.status == "warn":
        second = replace(second, hint="see loss-at-zero-scores: the loss itself is wrong")
    return [first, second]


def _at_zero_scores(bench: Bench) -> Finding:
    begun, rule = perf_counter(), "loss-at-zero-scores"
    network, reference = bench.network(), bench.reference
    x, y = bench.evenly()
    for each in network.parameters.values():
        each[...] = 0
    scores = network.scores(x)
    if not np.isfinite(scores).all() or np.ptp(scores, axis=-1).max() > EQUAL:
        why = "with all parameters at zero the scores are not equal"
        return skipped(rule, why, "something beside the parameters makes scores", begun)
    measured, chance = network.cost(x, y), reference.loss.at_zero_scores(reference.classes)
    tolerance = rule_of(bench.experiment.checks, LossAtZeroScores).tolerance
    good = abs(measured - chance) <= tolerance * chance
    if not good and any(abs(measured - each) <= SAME * each for each in other_kinds(scores, y)):
        why = "the loss is a squared error or a binary cross-entropy, and neither softmax nor hinge"
        return replace(skipped(rule, why, None, begun), evidence={"kind": UNKNOWN})
    cause = None if good else named(measured, scores, y, reference) or _other(measured, bench)
    must = "as it must be" if good else "but must be" if cause else "but would be"
    text = reference.loss.zero_scores_text(reference.classes)
    return Finding(
        rule=rule,
        status="pass" if good else "fail" if cause else "warn",
        measured=measured,
        expected=chance,
        threshold=tolerance,
        message=f"with all parameters at zero the loss is {loss_text(measured)}, {must}: {text}",
        hint=None if good else cause or OF_ANOTHER_KIND,
        seconds=perf_counter() - begun,
        evidence={} if good or cause else {"kind": UNKNOWN},
    )


def _other(measured: float, bench: Bench) -> str | None:
    if not isfinite(measured):
        finite = isfinite(bench.network().cost(*bench.evenly()))
        return DIVIDED if finite else "see initial-loss: as built it is no number either"
    if abs(measured - (bench.dataset.classes - 1)) < EQUAL:
        return "that is a hinge loss: write loss: svm in the experiment file, if it is meant"
    if abs(measured - bench.dataset.classes) < EQUAL:
        return "as a hinge loss it has a margin for the right class too: leave it out of the sum"
    margin = measured / (bench.dataset.classes - 1)
    if abs(measured) < EQUAL:
        return "it is 0: a hinge loss has a margin of 1, which equal scores do not keep"
    if abs(margin - round(margin)) < EQUAL or bench.reference.loss.type != "softmax":
        return f"as a hinge loss it has a margin of {margin:.4g}, not 1"
    return None


def _as_built(bench: Bench) -> Finding:
    begun = perf_counter()
    network, reference = bench.network(), bench.reference
    x, y = bench.evenly()
    measured, scores = network.cost(x, y), network.scores(x)
    loss, rule = reference.loss, rule_of(bench.experiment.checks, InitialLoss)
    chance = loss.at_zero_scores(reference.classes)
    near = rule.tolerance * chance
    unusual = max(loss.excess(reference.classes, rule.unusual_spread), near)
    wrong = max(loss.excess(reference.classes, rule.wrong_spread), 10 * near)
    told = f"the initial loss is {loss_text(measured)}"
    text = loss.zero_scores_text(reference.classes)
    status, message, hint = "pass", f"{told}, near {text}", None
    cause = named(measured, scores, y, reference) if network.loss_is_own else None
    if not isfinite(measured):
        where, why = why_not_finite(bench, measured, scores)
        status, message, hint = "fail", f"{told}: {where}", why or _scale(x)
    elif cause is not None:
        right = loss_text(reference.of(scores, y))
        message = f"{told}, but the {loss.type} loss of the scores that it gives is {right}"
        status, hint = "fail", cause
    elif measured < chance - near and _fair(bench) < chance - near:
        message = f"{told}, below {text}: no untrained network can know that much"
        some = _of_some_labels(bench)
        status, hint = "fail", ": ".join(some or ("look for a loss that is scaled or clipped",))
    elif measured - chance > unusual:
        status = "fail" if measured - chance > wrong else "warn"
        message = (
            f"{told}, {measured - chance:.2g} above {text}: the scores are too far apart "
            f"(standard deviation {scores.std():.2g})"
        )
        hint = _of_biases(bench, chance + unusual) or _scale(x)
    elif abs(measured - chance) > near:
        side = "above" if measured > chance else "below"
        message = f"{told}, {abs(measured - chance):.2g} {side} {text}, as usual"
    return Finding(
        rule="initial-loss",
        status="fail" if status == "fail" else "warn" if status == "warn" else "pass",
        measured=measured,
        expected=chance,
        threshold=unusual,
        message=message,
        hint=hint,
        seconds=perf_counter() - begun,
    )


def _by_its_scores(bench: Bench, found: Finding) -> Finding:
    """Judge whether training and evaluation have the same scores, which zero biases may hide."""
    told = (
        _shuffled(bench)
        or _of_some_labels(bench)
        or _of_equal_examples(bench)
        or paths.apart(bench)
    )
    if told is None:
        return found
    message, hint = told
    return replace(found, status="fail", message=message, hint=hint)


def _shuffled(bench: Bench) -> tuple[str, str] | None:
    """Say whether noise matters only where labels differ: to which examples they then belong."""
    network = bench.network()
    x, y = bench.evenly(LABELLED)
    costs: list[list[float]] = [[], []]
    for network.noise in (0, 1):
        for k, labels in enumerate((y, np.zeros_like(y))):
            costs[k].append(network.cost(x, labels))
    mixed, same = (abs(a - b) > SAME * abs(a) for a, b in costs)
    if not mixed or same or not np.ptp(network.scores(x), axis=0).any():
        return None
    return (
        "the loss changes from call to call, but not where all labels are equal: examples and "
        "labels are not in the same order",
        "shuffle X and y together, by one permutation, and outside of loss",
    )


def _of_some_labels(bench: Bench) -> tuple[str, str] | None:
    """Say of how many examples the loss does not depend on the label, if of any."""
    network = bench.network()
    paths.draw(network, bench.experiment.seed)
    x, y = bench.evenly(LABELLED)
    cost, ignored = network.cost(x, y), 0
    for k in range(len(y)):
        other = y.copy()
        other[k] = (y[k] + 1) % bench.dataset.classes
        ignored += network.cost(x, other) == cost
    if not isfinite(cost) or not ignored:
        return None
    return (
        f"the loss does not depend on the labels of {ignored} of {len(y)} examples",
        "take the score of each example's own label, scores[np.arange(N), y], for all N examples",
    )


def _of_equal_examples(bench: Bench) -> tuple[str, str] | None:
    """Say whether a batch of equal examples, whose variance is 0, has no finite loss."""
    network = bench.network()
    x, y = bench.evenly(2)
    cost = network.cost(np.repeat(x[:1], len(x), axis=0), y)
    if isfinite(cost) or not isfinite(network.cost(x, y)):
        return None
    return (
        f"the loss of equal examples is {cost}",
        DIVIDED,
    )


def _fair(bench: Bench) -> float:
    """Return the loss with each class in turn as that of all examples, in the mean.

    At least that of equal scores, and also where each example weighs as much as its class.
    """
    network = bench.network()
    x, y = bench.evenly(50)
    labels = range(bench.dataset.classes)
    return float(np.mean([network.cost(x, np.full_like(y, label)) for label in labels]))


def _of_biases(bench: Bench, enough: float) -> str | None:
    """Say which parameters of one axis make the loss so high, if without these it is not."""
    network = bench.network()
    for name, each in network.parameters.items():
        if each.size == max(each.shape, default=1) and np.ptp(each):
            before = each.copy()
            each[...] = 0
            cost = network.cost(*bench.evenly())
            each[...] = before
            if cost <= enough:
                largest = float(np.abs(before).max())
                return f"it is {name}, with values up to {largest:.3g}: start biases at 0"
    return None


def _scale(x: Inputs) -> str:
    size = float(np.sqrt(np.square(x).mean()))
    if size > LARGE_INPUTS:
        return (
            f"the inputs are unscaled, with a root mean square of {size:.3g}: add standardize or "
            f"scale to data.preprocess"
        )
    return "the initial weights are too large: draw them with std √(2 / fan_in) or less"

"""Can a network of one's own learn a few examples by heart, and does it look at them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from time import perf_counter

import numpy as np

from trainer_cli.checks.memorize import choose, contradictions
from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.learning import Learned, Update, adam, descent, learn
from trainer_cli.checks.own.network import Inputs
from trainer_cli.config.rules import InputIndependence, LearnsByHeart, rule_of
from trainer_cli.nn.losses import Labels
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.training.findings import Finding, counted

# Rates that gradient descent tries, the most likely first; then those of Adam, with more updates.
RATES = (0.1, 1.0, 0.01, 0.3, 0.03, 3.0, 1e-3, 10.0, 1e-4, 1e-5)
ADAM_RATES, LONGER = (0.01, 1e-3, 0.1), 2
BASELINE_UPDATES, BASELINE_RATE = 100, 0.01
# Where the loss falls by less than this share, it hardly moves.
BARELY_MOVED = 0.02


@dataclass(frozen=True, kw_only=True)
class _Try:
    """One attempt: with which method, and what came of it.

    `cost` is that of the scores alone: a penalty that cannot be turned off, and dropout, are not
    in it.
    """

    text: str
    run: Learned
    accuracy: float
    cost: float


def check_overfit(bench: Bench) -> list[Finding]:
    """Return one finding: accuracy 1.00 and a cost below 0.01 on the first 20 training examples.

    Gradient descent on all of them at once, at the rates of RATES or at overfit.learning_rate, then
    Adam for twice as long; the penalty is off where there is a `reg`.
    Source: CS231n, "Babysitting the learning process": overfit a very small portion of the data.
    """
    begun, settings = perf_counter(), bench.experiment.overfit
    labels = bench.dataset.train.labels
    chosen = choose(labels, settings.examples, balanced=settings.balanced)
    x, y = bench.examples(chosen)
    if len(np.unique(y)) == 1:
        why = f"all of the {counted(len(y), 'training example')} have the same label"
        return [skipped("overfit", why, "set overfit.balanced=true", begun)]
    limit = rule_of(bench.experiment.checks, LearnsByHeart).cost * bench.reference.loss.unit()
    tries: list[_Try] = []
    for text, updates, update in _ways(bench):
        run = _attempt(bench, x, y, updates, update, limit)
        tries.append(_outcome(bench, text, run, x, y))
        if tries[-1].accuracy == 1 and tries[-1].cost < limit:
            break
    best = min(tries, key=lambda each: (each.run.diverged, each.cost))
    twins = contradictions(bench.dataset, chosen)
    return [_judged(best, tries, limit, y, twins, begun)]


def _ways(bench: Bench) -> list[tuple[str, int, Update]]:
    settings = bench.experiment.overfit
    if settings.learning_rate is not None:
        rate = settings.learning_rate
        return [(f"gradient descent at {rate:g}", settings.updates, descent(rate))]
    ways = [(f"gradient descent at {rate:g}", settings.updates, descent(rate)) for rate in RATES]
    longer = LONGER * settings.updates
    return ways + [(f"Adam at {rate:g}", longer, adam(rate)) for rate in ADAM_RATES]


def _outcome(bench: Bench, text: str, run: Learned, x: Inputs, y: Labels) -> _Try:
    if run.diverged:
        return _Try(text=text, run=run, accuracy=0.0, cost=run.costs[-1])
    scores = run.network.learned_scores(x)
    accuracy = float((np.argmax(scores, axis=1) == y).mean())
    alone = bench.reference.of(scores, y)
    return _Try(text=text, run=run, accuracy=accuracy, cost=min(run.costs[-1], alone))


def _attempt(
    bench: Bench, x: Inputs, y: Labels, updates: int, update: Update, limit: float
) -> Learned:
    chance = bench.reference.loss.at_zero_scores(bench.dataset.classes)
    batches = repeat((x, y), updates + 1)
    return learn(bench.network(), batches, update, chance, enough=0.9 * limit)


def _judged(
    best: _Try,
    tries: Sequence[_Try],
    limit: float,
    y: Labels,
    twins: tuple[int, int] | None,
    begun: float,
) -> Finding:
    costs, who = best.run.costs, counted(len(y), "training example")
    went = (
        f"the cost went from {costs[0]:.4g} to {best.cost:.4g} in "
        f"{counted(len(costs) - 1, 'update')} of {best.text}"
    )
    good = best.accuracy == 1 and best.cost < limit
    short = [] if best.accuracy == 1 else [f"accuracy is {best.accuracy:.2f}, not 1.00"]
    short += [] if best.cost < limit else [f"the cost is not below {limit:g}"]
    if good:
        message = f"{who} learned by heart: accuracy 1.00; {went}"
    elif best.run.diverged:
        message = f"{who} not learned by heart: the cost exploded at every rate"
    else:
        message = f"{who} not learned by heart: {', and '.join(short)}; {went}"
        message += ", the best of {}".format(counted(len(tries), "try").replace("trys", "tries"))
    return Finding(
        rule="overfit",
        status="pass" if good else "fail",
        measured=best.cost,
        expected=0.0,
        threshold=limit,
        message=message,
        hint=None if good else _hint(best, limit, y, twins),
        seconds=perf_counter() - begun,
        evidence={"accuracy": best.accuracy, "original_cost": costs[0], "cost": best.cost},
    )


def _hint(best: _Try, limit: float, y: Labels, twins: tuple[int, int] | None) -> str:
    costs = best.run.costs
    if twins is not None:
        return (
            f"examples {twins[0]} and {twins[1]} of the training split are equal but have "
            f"different labels: no network can learn both"
        )
    if best.run.diverged:
        return "look at the sign of the gradient, and at the scale of inputs and initial weights"
    if best.cost < limit:
        return (
            "the cost is low, so loss(X, y) knows the labels, but the largest score is not that of "
            "the label: are labels off by one, or scores and loss computed by different paths?"
        )
    if costs[0] - best.cost < BARELY_MOVED * costs[0]:
        return "the cost hardly moves: look for weights that start equal or too small, dead units"
    return "it learns, but too little: try more units, or look at what bounds the scores"


def check_baseline(bench: Bench) -> list[Finding]:
    """Return one finding: with the inputs it learns more than with zeros in their place.

    Source: Karpathy 2019, "A Recipe for Training Neural Networks": the input-independent baseline.
    """
    begun, rule = perf_counter(), "input-independence"
    settings = bench.experiment.overfit
    chosen = choose(bench.dataset.train.labels, settings.examples, balanced=True)
    x, y = bench.examples(chosen)
    if len(np.unique(y)) == 1:
        return [skipped(rule, "all examples have the same label", None, begun)]
    loss, classes = bench.reference.loss, bench.dataset.classes
    chance, batches = loss.at_zero_scores(classes), BASELINE_UPDATES
    ends = []
    for given in (x, np.zeros_like(x)):
        run = learn(bench.network(), repeat((given, y), batches), adam(BASELINE_RATE), chance)
        ends.append(min((each for each in run.costs if np.isfinite(each)), default=np.inf))
    constant = loss.at_best_constant(class_shares(y, classes))
    least = rule_of(bench.experiment.checks, InputIndependence).least * constant
    good = ends[0] < ends[1] - least
    message = (
        f"on {counted(len(y), 'example')} the cost falls to {ends[0]:.4g} with their inputs, to "
        f"{ends[1]:.4g} with zeros in their place"
    )
    return [
        Finding(
            rule=rule,
            status="pass" if good else "fail",
            measured=ends[0],
            expected=ends[1],
            threshold=least,
            message=message if good else f"{message}: the network ignores its inputs",
            hint=None if good else _lost(bench),
            seconds=perf_counter() - begun,
        )
    ]


def _lost(bench: Bench) -> str:
    start = bench.network().parameters
    equal = [n for n, each in start.items() if each.ndim >= 2 and np.ptp(each) == 0]
    if equal:
        return f"all weights of {', '.join(equal)} start equal: draw them at random"
    return "look at where the inputs get lost: overwritten, not passed on, dead units"

"""Can a network of one's own learn a few examples by heart, and does it look at them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, repeat, takewhile
from time import perf_counter

import numpy as np

from trainer_cli.checks.memorize import agreeing, contradictions
from trainer_cli.checks.own.averages import normalizes
from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.floor import floor_of
from trainer_cli.checks.own.held import Held
from trainer_cli.checks.own.learning import Learned, Update, adam, descent, learn
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.paths import is_a_mean
from trainer_cli.config.rules import LearnsByHeart, rule_of
from trainer_cli.nn.losses import Labels
from trainer_cli.training.findings import Finding, counted

# Rates that gradient descent tries, the most likely first; then those of Adam, with more updates.
RATES = (0.1, 1.0, 0.01, 0.3, 0.03, 3.0, 1e-3, 10.0, 1e-4, 1e-5)
ADAM_RATES, LONGER = (0.01, 1e-3, 0.1), 2
# What these do not learn Adam mostly does, before slower rates would.
LIKELY = 2
# Of a network whose training is noisy so many ways are tried before the noise is held still.
FREELY = 3
# Training goes on to this share of the limit: far enough below it for no other seed to be asked.
ENOUGH = 0.7
# A cost that falls below this share of itself in the last quarter of the updates goes on falling,
# and is given so many times the updates, or so many seconds.
FALLING, FURTHER, SECONDS = 0.9, 10, 4.0
EQUAL = 1e-9  # scores, as a share of the largest
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
    chosen = agreeing(bench.dataset, settings.examples, balanced=settings.balanced)
    x, y = bench.examples(chosen)
    if len(np.unique(y)) == 1:
        why = f"all of the {counted(len(y), 'training example')} have the same label"
        return [skipped("overfit", why, "set overfit.balanced=true", begun)]
    limit = rule_of(bench.experiment.checks, LearnsByHeart).cost * bench.reference.loss.unit()
    limit += floor_of(bench)[1]
    tries: list[_Try] = []
    noisy = _is_noisy(bench, x, y)
    for text, updates, update in _ways(bench)[: FREELY if noisy else None]:
        run = _attempt(bench.network(), bench, x, y, updates, update, limit)
        tries.append(_outcome(bench, text, run, x, y))
        if tries[-1].accuracy == 1 and tries[-1].cost < limit:
            break
    else:
        held = noisy or _is_masked(bench, x)
        tries += (
            _with_noise_held(bench, x, y, limit) if held else _going_on(bench, tries, x, y, limit)
        )
    best = min(tries, key=lambda each: (each.run.diverged, each.cost >= limit, -each.accuracy))
    twins = contradictions(bench.dataset, chosen)
    found = _judged(best, tries, limit, y, twins, begun)
    alike = _told_alike(best, x, y) if twins is None and found.status != "pass" else None
    return [found if alike is None else replace(found, hint=alike)]


def _ways(bench: Bench) -> list[tuple[str, int, Update]]:
    settings = bench.experiment.overfit
    if settings.learning_rate is not None:
        rate = settings.learning_rate
        return [(f"gradient descent at {rate:g}", settings.updates, descent(rate))]
    ways = [(f"gradient descent at {rate:g}", settings.updates, descent(rate)) for rate in RATES]
    longer = LONGER * settings.updates
    others = [(f"Adam at {rate:g}", longer, adam(rate)) for rate in ADAM_RATES]
    return [*ways[:LIKELY], others[0], *ways[LIKELY:], *others[1:]]


def _outcome(bench: Bench, text: str, run: Learned, x: Inputs, y: Labels) -> _Try:
    if run.diverged:
        return _Try(text=text, run=run, accuracy=0.0, cost=run.costs[-1])
    scores = run.network.learned_scores(x)
    accuracy = float((np.argmax(scores, axis=1) == y).mean())
    alone = bench.reference.of(scores, y)
    return _Try(text=text, run=run, accuracy=accuracy, cost=min(run.costs[-1], alone))


def _attempt(
    network: OwnNetwork,
    bench: Bench,
    x: Inputs,
    y: Labels,
    updates: int,
    update: Update,
    limit: float,
) -> Learned:
    chance = bench.reference.loss.at_zero_scores(bench.dataset.classes)
    return learn(network, repeat((x, y), updates + 1), update, chance, enough=ENOUGH * limit)


def _going_on(
    bench: Bench, tries: Sequence[_Try], x: Inputs, y: Labels, limit: float
) -> list[_Try]:
    """Give the try that came furthest more updates, if its cost was still falling: few units."""
    if bench.experiment.overfit.learning_rate is not None:
        return []
    number = min(range(len(tries)), key=lambda k: (tries[k].run.diverged, tries[k].cost))
    costs = tries[number].run.costs
    if tries[number].run.diverged or not costs[-1] < FALLING * costs[3 * len(costs) // 4]:
        return []
    text, updates, update = _ways(bench)[number]
    chance = bench.reference.loss.at_zero_scores(bench.dataset.classes)
    until = perf_counter() + SECONDS
    batches = takewhile(lambda _: perf_counter() < until, repeat((x, y), FURTHER * updates))
    run = learn(bench.network(), batches, update, chance, enough=ENOUGH * limit)
    return [_outcome(bench, text, run, x, y)]


def _told_alike(best: _Try, x: Inputs, y: Labels) -> str | None:
    """Return that examples of other classes get the very same scores, where some get others."""
    if best.run.diverged:
        return None
    scores = best.run.network.learned_scores(x)
    size = float(np.abs(scores).max())
    alike = [
        (a, b)
        for a, b in combinations(range(len(y)), 2)
        if y[a] != y[b] and np.abs(scores[a] - scores[b]).max() <= EQUAL * size
    ]
    if not alike or len(np.unique(scores.round(9), axis=0)) == 1:
        return None
    number = len({each for pair in alike for each in pair})
    return (
        f"{number} of the examples have the same scores as one of another class, though their "
        f"inputs differ: look at where the inputs get lost, as by rounding or a cast to integers"
    )


def _is_noisy(bench: Bench, x: Inputs, y: Labels) -> bool:
    """Whether training draws something, as dropout does, that cannot be turned off."""
    network, costs = bench.network(), []
    for network.noise in (0, 1):
        costs.append(network.cost(x, y))
    return costs[0] != costs[1]


def _is_masked(bench: Bench, x: Inputs) -> bool:
    """Whether training leaves out something else of each example, the same in every call."""
    network = bench.network()
    return not is_a_mean(network, x) and not normalizes(network, x)


def _with_noise_held(bench: Bench, x: Inputs, y: Labels, limit: float) -> list[_Try]:
    """Try again with the same draws in every update: dropout may be too much for so few examples.

    A mean below the limit leaves no example that is not the right class's.
    """
    tries: list[_Try] = []
    for text, updates, update in _ways(bench):
        run = _attempt(Held(bench.network()), bench, x, y, updates, update, limit)
        cost = run.costs[-1]
        accuracy = float(cost < limit and not run.diverged)
        told = f"{text}, with the same draws in every update"
        tries.append(_Try(text=told, run=run, accuracy=accuracy, cost=cost))
        if accuracy:
            break
    return tries


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
        message += f", the best of {counted(len(tries), 'attempt')}"
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

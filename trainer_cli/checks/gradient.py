"""Is every gradient that backward computes the slope of the loss?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import isfinite
from time import perf_counter

import numpy as np

from trainer_cli.checks.culprit import culprit, named
from trainer_cli.checks.gradient_points import (
    PENALTY,
    Bench,
    bench,
    penalized,
    penalty_subjects,
    subjects,
    train,
    work,
)
from trainer_cli.checks.gradient_verdict import (
    Phase,
    judge,
    unjudged,
    without_gradient,
)
from trainer_cli.checks.slopes import Differences, Subject
from trainer_cli.checks.surfaces import LossSurface, NoGradientError, PenaltySurface
from trainer_cli.checks.sweeps import Looked, look
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import (
    GradientAtStart,
    GradientTrained,
    PenaltyGradientAtStart,
    PenaltyGradientTrained,
    rule_of,
)
from trainer_cli.datasets import Dataset
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding
from trainer_cli.training.threads import one_thread

# Coordinates of one parameter: enough for each of its units to come up, up to a limit.
FEWEST, MOST = 40, 128
DIRECTIONS = 4
# Where a value takes more multiply-adds than this, directions have to do most of the work; the more
# it takes, the fewer coordinates there are, and half of the directions have to do.
COSTLY, FEWEST_WHERE_COSTLY = 8_000_000, 4
# Multiply-adds of all the coordinates of all parameters together, about a second or two.
AFFORDABLE = 1_500_000_000
# What the penalty of one weight takes in multiply-adds of a layer: it is read, and not used again.
READING = 4
_OfLoss = GradientAtStart | GradientTrained
_OfPenalty = PenaltyGradientAtStart | PenaltyGradientTrained
LEFT_OVER = "; it differs from call to call: something is left over from the batch before"


def check_grad(experiment: Experiment, dataset: Dataset, sides: int = 2) -> list[Finding]:
    """Return four findings: loss and penalty, each at the start and after a few updates.

    Only one if a layer hands down no gradient, or one of a wrong shape.
    Everything is computed in float64, with differences of so many sides. Loss and penalty are
    looked at apart, so that neither hides the other; without a penalty a small one is put in.
    Each finding's evidence has the worst coordinate of every parameter under "parameters".
    Source: CS231n, "Neural Networks Part 3", section Gradient checks.
    """
    findings: list[Finding] = []
    with one_thread(), np.errstate(all="ignore"):
        made = bench(experiment, dataset)
        for when, rule, of_penalty in _stages(experiment):
            trained = isinstance(rule, GradientTrained)
            if trained:
                train(made)
            surface = made.surface(trained=trained)
            phase = Phase(
                rule=rule.type,
                when=when,
                sides=sides,
                examples=len(surface.inputs[0]),
                fine=rule.fine,
                wrong=rule.wrong,
            )
            try:
                findings.append(_loss(experiment, made, surface, phase, rule.fine_with_kinks))
            except NoGradientError as missing:  # without which there is no training either
                return [without_gradient(phase, named(experiment, missing.layer), missing)]
            findings.append(_penalty(experiment, made, phase, of_penalty))
    return findings


def _stages(experiment: Experiment) -> list[tuple[str, _OfLoss, _OfPenalty]]:
    """Return when gradients are looked at, and the rules that then judge loss and penalty."""
    rules = experiment.checks
    return [
        (
            "at the start",
            rule_of(rules, GradientAtStart),
            rule_of(rules, PenaltyGradientAtStart),
        ),
        (
            "after 10 updates",
            rule_of(rules, GradientTrained),
            rule_of(rules, PenaltyGradientTrained),
        ),
    ]


def _loss(
    experiment: Experiment,
    made: Bench,
    surface: LossSurface,
    phase: Phase,
    fine_with_kinks: float,
) -> Finding:
    begun = perf_counter()
    point = surface.at(0)
    if not isfinite(float(point.summands.mean())):
        return unjudged(phase, "the loss is not finite", begun)
    if point.sides or phase.sides == 1:  # which is no better than a kink
        phase = replace(phase, fine=fine_with_kinks)
    gradients, differences = surface.gradients(), Differences(surface, phase.sides)
    cost = work(experiment.network, made.shape) * phase.examples
    every = _look_at_all(
        experiment, phase, subjects(made.stack, surface, gradients), differences, cost
    )
    wrong = [each.subject.name for each in every if each.error > phase.fine]
    hint = None
    if wrong:
        hint = culprit(experiment, surface, differences, gradients, wrong, phase.fine)
        hint += "" if gradients.repeats else LEFT_OVER
    return judge(phase, every, hint, begun)


def _penalty(experiment: Experiment, made: Bench, of_loss: Phase, rule: _OfPenalty) -> Finding:
    begun = perf_counter()
    surface = PenaltySurface(made.stack)
    phase = replace(
        of_loss, rule=rule.type, of="the penalty's gradient", fine=rule.fine, wrong=rule.wrong
    )
    if not isfinite(float(surface.at(0).summands.mean())):
        return unjudged(phase, "the penalty is not finite", begun)
    # Parabolas and absolute values are what two sides are exact for, and one side is not.
    phase = replace(phase, sides=max(phase.sides, 2), examples=1)
    differences = Differences(surface, phase.sides)
    gradient = surface.gradient()
    subjects_of_it = penalty_subjects(made.stack, gradient)
    every = _look_at_all(experiment, phase, subjects_of_it, differences, READING * len(gradient))
    # A parameter that the penalty has nothing to do with is no finding.
    every = [each for each in every if each.seen] or every
    if not penalized(experiment):
        phase = replace(phase, remark=f"; the experiment has none, so this is of l2 = {PENALTY:g}")
    hint = "look at the penalty's gradient: a factor, a layer left out, or more than the weights"
    return judge(phase, every, hint, begun)


def _look_at_all(
    experiment: Experiment,
    phase: Phase,
    every: Iterable[Subject],
    differences: Differences,
    cost: int,
) -> list[Looked]:
    every = list(every)
    few = max(AFFORDABLE // (len(every) * max(1, cost)), FEWEST_WHERE_COSTLY)
    costly = cost > COSTLY
    return [
        look(
            differences,
            subject,
            count=min(few, max(FEWEST, *subject.shape), MOST),
            directions=DIRECTIONS // 2 if costly else DIRECTIONS,
            tolerance=phase.fine,
            rng=stream(experiment.seed, "check-grad", phase.rule, subject.name),
        )
        for subject in every
    ]

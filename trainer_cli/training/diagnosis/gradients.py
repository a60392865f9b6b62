"""Rules vanishing-gradient and exploding-gradient: does the gradient get back as it should?"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from trainer_cli.config.rules import ExplodingGradient, VanishingGradient, rule_of
from trainer_cli.training.diagnosis.case import LEARNED, Case
from trainer_cli.training.diagnosis.names import EXPLODING, VANISHING, passed, skipped
from trainer_cli.training.findings import Finding
from trainer_cli.training.layer_statistics import LayerStatistics
from trainer_cli.training.signals import gradient_path, gradient_share, named

FITTING = "he before relu, xavier before tanh and sigmoid: the defaults, where init is left out"
NORMALIZE = "or put batch_norm behind every layer with weights"


def vanishing_gradient(case: Case) -> Finding:
    """Judge the last look: the norm at the first hidden layer as a share of that at the last.

    Source: Glorot and Bengio 2010, section 4.2; CS231n, "Neural Networks Part 2".
    """
    least = rule_of(case.experiment.checks, VanishingGradient).unusual_share
    look, first = case.last_look, case.first_look
    inner = case.inner(look) if look else []
    why = _unfit(inner)
    if look is None or why:
        return skipped(VANISHING, why or "no look at the layers")
    share, path = gradient_share(inner), gradient_path(inner)
    if share >= least:
        seen = f"the gradients come through: their norm goes {path}"
        return passed(VANISHING, seen, share, least)
    before = case.inner(first) if first else []
    from_start = not _unfit(before) and gradient_share(before) < least
    when = ", as at the start" if from_start else ", and did not at the start"
    return Finding(
        rule=VANISHING,
        status="warn",
        measured=share,
        threshold=least,
        message=f"the gradients vanish on their way back after {look.update:,} updates{when}: "
        f"their norm falls {path}",
        hint=f"use relu instead of sigmoid or tanh, start with larger weights ({FITTING}), "
        f"{NORMALIZE}",
        evidence={"from_start": from_start},
    )


def exploding_gradient(case: Case) -> Finding:
    """Judge the start, and the last look unless what is left of the gradient is noise."""
    most = rule_of(case.experiment.checks, ExplodingGradient).unusual_growth
    first, look = case.first_look, case.last_look
    at_start, at_end = (case.inner(each) if each else [] for each in (first, look))
    why = _unfit(at_start)
    if first is None or why:
        return skipped(EXPLODING, why or "no look at the layers")
    swollen = [at_start] if gradient_share(at_start) > most else []
    if look is not None and not _unfit(at_end):
        over = gradient_share(at_end) > most
        if swollen and not over:
            swollen = []  # training has mended it
        if over and (swollen or case.learned < LEARNED):
            swollen = [at_end]
    if not swollen:
        seen = f"the gradients do not swell: their norm goes {gradient_path(at_end or at_start)}"
        return passed(EXPLODING, seen, gradient_share(at_end or at_start), most)
    (worst,) = swollen
    from_start = gradient_share(at_start) > most
    return Finding(
        rule=EXPLODING,
        status="warn",
        measured=gradient_share(worst),
        threshold=most,
        message=f"the gradients explode on their way back"
        f"{', from the start' if from_start else ''}: their norm rises {gradient_path(worst)}",
        hint=f"start with smaller weights ({FITTING}), {NORMALIZE}"
        if from_start
        else f"bound the gradient (optimizer.clip_norm), lower optimizer.learning_rate, "
        f"{NORMALIZE}",
        evidence={"from_start": from_start},
    )


def _unfit(inner: Sequence[LayerStatistics]) -> str:
    """Return why the gradients of these layers cannot be compared, "" if they can."""
    if len(inner) < 2:
        return "fewer than two hidden layers, so no gradient has far to go"
    if inner[-1].gradient_std == 0:
        return f"no gradient arrives at {named(inner[-1])}"
    if not isfinite(gradient_share(inner)):
        return "the gradients are not finite"
    return ""

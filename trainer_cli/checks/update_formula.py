"""Are the first updates what the optimizer's formula makes of their gradients?

K updates, P places in a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.moved import RATES, ROUNDINGS, SHARE, Beginning
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import UpdateFormula, rule_of
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.diagnosis.names import passed, skipped
from trainer_cli.training.findings import Finding, counted

FORMULA = "update-formula"
# How far the last update goes against the gradient, as a multiple of the rate, (P,), where g are
# the gradients of all updates so far, (K, P): recurrences written out as sums.
FORMULAS: Mapping[str, Callable[[Any, Array], Array]] = {
    "sgd": lambda o, g: g[-1],
    "momentum": lambda o, g: _fading(g, o.momentum),
    "nesterov": lambda o, g: g[-1] + o.momentum * _fading(g, o.momentum),
    "adagrad": lambda o, g: g[-1] / (np.sqrt((g * g).sum(axis=0)) + o.epsilon),
    "rmsprop": lambda o, g: g[-1] / (np.sqrt((1 - o.decay) * _fading(g * g, o.decay)) + o.epsilon),
    "adam": lambda o, g: _mean(g, o.beta1) / (np.sqrt(_mean(g * g, o.beta2)) + o.epsilon),
    "adamw": lambda o, g: _mean(g, o.beta1) / (np.sqrt(_mean(g * g, o.beta2)) + o.epsilon),
}
# Factors that differ by no more than this share are one.
SAME = 1e-4
TINY = float(np.finfo(np.float64).tiny)


def _fading(terms: Array, share: float) -> Array:
    """Return their sum, in which each counts `share` times as much as the next, (P,)."""
    fading: Array = share ** np.arange(len(terms) - 1, -1, -1.0) @ terms
    return fading


def _mean(terms: Array, share: float) -> Array:
    """Return their mean with the same weights, (P,): Adam's moments, corrected."""
    return _fading(terms, share) / _fading(np.ones((len(terms), 1)), share)


@dataclass(frozen=True, kw_only=True)
class _Step:
    """What an update does to one value, that of its parameter which shows best what is wrong.

    `off` is the relative error, beyond rounding; `factors` are the least and the greatest multiple
    of what they should be that values of the parameter are moved by.
    """

    update: int
    place: str
    decays: bool
    given: float
    expected: float
    off: float
    factors: tuple[float, float]

    @property
    def distance(self) -> float:
        """How far off it is."""
        return abs(self.given - self.expected)


def judge_formula(experiment: Experiment, first: Beginning) -> Finding:
    """Return the finding on the earliest update that is wrong, if one is."""
    rule, optimizer = rule_of(experiment.checks, UpdateFormula), experiment.optimizer
    name = optimizer.type
    if name not in FORMULAS:
        return skipped(FORMULA, f"the formula of {name} is not known here")
    steps = list(_steps(optimizer, first, rule.tolerance))
    wrong = [step for step in steps if step.off > rule.tolerance]
    if not wrong:
        updates = counted(steps[-1].update, "update")
        message = f"{updates} are what the formula of {name} makes of their gradients"
        return passed(FORMULA, message, max(step.off for step in steps), rule.tolerance)
    earliest = [step for step in wrong if step.update == wrong[0].update]
    shown = max(earliest, key=lambda step: (step.off == np.inf, step.distance))
    return Finding(
        rule=FORMULA,
        status="fail",
        measured=shown.off,
        expected=0.0,
        threshold=rule.tolerance,
        message=f"update {shown.update} moves {shown.place} by {shown.given:.6g}, but the formula "
        f"of {name} gives {shown.expected:.6g}",
        hint=_suspect(optimizer, earliest, everything=len(earliest) == len(first.parameters)),
    )


def _steps(optimizer: Any, first: Beginning, tolerance: float) -> Iterator[_Step]:
    """Yield one step for every update and parameter, in the order of the updates."""
    rate, formula = SHARE * RATES[0], FORMULAS[optimizer.type]
    bound = np.inf if optimizer.clip_norm is None else optimizer.clip_norm
    clipped = [min(1.0, bound / norm) if norm else 1.0 for norm in first.norms]
    for k in range(1, len(first.norms) + 1):
        for each in first.parameters:
            gradients = np.array(clipped[:k])[:, None] * each.gradients[:k]  # (K, P)
            decay = rate * optimizer.weight_decay * each.values if each.decays else 0.0
            given, expected = each.changes[k - 1], -rate * formula(optimizer, gradients) - decay
            size = rate * formula(optimizer, np.abs(gradients)) + np.abs(decay)
            rounding = ROUNDINGS * (np.abs(each.values) + size)
            off = np.abs(given - expected) / (size + rounding / tolerance + TINY)
            off = np.where(first.certain(each), np.where(np.isfinite(off), off, np.inf), 0.0)
            at = _clearest(off, given - expected, tolerance)
            yield _Step(
                update=k,
                place=each.place(at),
                decays=each.decays,
                given=float(given[at]),
                expected=float(expected[at]),
                off=float(off[at]),
                factors=_factors(given, expected, first.certain(each)),
            )


def _factors(given: Array, expected: Array, judged: NDArray[np.bool_]) -> tuple[float, float]:
    some = judged & (expected != 0)
    factors = given[some] / expected[some]
    return float(factors.min(initial=np.inf)), float(factors.max(initial=-np.inf))


def _clearest(off: Array, difference: Array, tolerance: float) -> int:
    """Return the place that is off by most, of those that are off by too much, if any is."""
    wrong = off > tolerance
    if not wrong.any():
        return int(np.argmax(off))
    return int(np.argmax(np.where(wrong, np.nan_to_num(np.abs(difference), nan=np.inf), -1.0)))


def _suspect(optimizer: Any, wrong: Sequence[_Step], *, everything: bool) -> str:
    """Return the usual mistake that makes just this."""
    name = optimizer.type
    least, greatest = min(s.factors[0] for s in wrong), max(s.factors[1] for s in wrong)
    if not np.isfinite([step.given for step in wrong]).all():
        return f"look at the root and the division in {name}: what do they get where a value is 0?"
    if wrong[0].update > 1:
        return (
            f"the first update is right: look at what {name} keeps of the gradients before, and "
            f"whether each gradient begins at zero"
        )
    if everything and greatest - least <= SAME * abs(least):
        return _of_factor(least, name)
    if optimizer.weight_decay:
        return "look at the decay: w ← w - α·λ·w, apart from the gradient, and never of biases"
    if optimizer.clip_norm is not None:
        return (
            "look at the clipping: it scales a whole gradient down, and no value more than another"
        )
    return f"look at what {name} does to the gradient of a single value"


def _of_factor(factor: float, name: str) -> str:
    known = {
        2.0: "is each update done twice?",
        1 / SHARE: "it goes at the rate itself, whatever share of it the schedule has left",
        SHARE: "the schedule's share of the rate is multiplied in twice",
    }
    usual = f"look for a factor in {name}, such as the correction of its first updates"
    what = next((text for f, text in known.items() if abs(factor / f - 1) <= SAME), usual)
    return f"every value is moved {factor:.4g} times as far as it should be: {what}"

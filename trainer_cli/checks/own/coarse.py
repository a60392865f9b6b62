"""Judges a gradient in float32, where the rounding of the cost hides all but gross mistakes.

D directions of one parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import skipped
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.suspects import of_ratio
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels
from trainer_cli.training.findings import Finding, counted

# The longest step is this share of the parameter's norm, and no less than LEAST for each value.
STEP, LEAST, SHORTER = 0.02, 0.002, (1.0, 0.5, 0.25)
RANDOM = 2
# What float32 makes of a cost, and how many times that may be off; a mistake is larger than MOST of
# the slope itself, and than a few times what shorter steps change about it. Where these change more
# than SETTLED of it, there are kinks.
EPSILON, ROUNDINGS = float(np.finfo(np.float32).eps), 30
MOST, BENDS, SETTLED = 0.25, 6.0, 0.1
# Slopes that are off by one factor are so within this share.
ALIKE = 0.1


@dataclass(frozen=True, kw_only=True)
class Slope:
    """One slope of the cost as backward has it and as differences have it.

    `spread` is how far those of several steps are apart, `noise` what rounding may do.
    """

    name: str
    given: float
    measured: float
    spread: float
    noise: float

    @property
    def unsure(self) -> float:
        """How far off the differences may be."""
        return BENDS * self.spread + self.noise

    @property
    def settled(self) -> bool:
        """Whether no kinks are in the way."""
        return self.spread <= SETTLED * abs(self.measured) + self.noise

    @property
    def wrong(self) -> bool:
        """Whether the two differ by more than bends and rounding can explain."""
        size = max(abs(self.given), abs(self.measured))
        apart = abs(self.given - self.measured)
        return self.settled and not apart <= MOST * size + self.unsure

    @property
    def error(self) -> float:
        """By what share they differ, 0 where that may be rounding."""
        apart, size = abs(self.given - self.measured), max(abs(self.given), abs(self.measured))
        return apart / size if apart > self.unsure else 0.0


def judge_coarsely(
    rule: str,
    network: OwnNetwork,
    given: dict[str, Array | None],
    x: Inputs,
    y: Labels,
    rng: np.random.Generator,
) -> Finding:
    """Return the finding: slopes along each gradient itself, and along random directions."""
    begun = perf_counter()
    taken = [
        slope
        for name, values in network.parameters.items()
        if (grad := given[name]) is not None and values.size
        for slope in _slopes(name, values, grad, lambda: network.cost(x, y), rng)
    ]
    slopes = [each for each in taken if each.settled]
    if not slopes:
        return skipped(rule, "the network computes in float32, and bends too much for slopes")
    wrong = [each for each in slopes if each.wrong]
    names = list(dict.fromkeys(each.name for each in wrong))
    error = max((each.error for each in slopes), default=0.0)
    rough = "the network computes in float32, so only roughly"
    if not wrong:
        apart = f"differ by at most {error:.1%}" if error else "agree but for rounding"
        return Finding(
            rule=rule,
            status="pass",
            measured=error,
            threshold=MOST,
            message=f"the gradient is right: {counted(len(slopes), 'slope')} of "
            f"{counted(len(given), 'parameter')} {apart} ({rough})",
            seconds=perf_counter() - begun,
        )
    worst = max(wrong, key=lambda each: abs(each.given - each.measured))
    told = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return Finding(
        rule=rule,
        status="fail",
        measured=error,
        expected=0.0,
        threshold=MOST,
        message=f"the gradient of {told} is wrong: along a direction of {worst.name} the slope is "
        f"{worst.given:.3g}, but the cost changes by {worst.measured:.3g} ({rough})",
        hint=_hint(wrong, names, len(y), len(names) == len(given)),
        seconds=perf_counter() - begun,
    )


def _slopes(
    name: str,
    values: Array,
    grad: Array,
    cost: Callable[[], float],
    rng: np.random.Generator,
) -> list[Slope]:
    size = float(np.sqrt(np.square(values, dtype=np.float64).sum()))
    step = max(STEP * size, LEAST * values.size**0.5)
    before = values.copy()
    found = []
    for along in [grad, *(rng.standard_normal(values.shape) for _ in range(RANDOM))]:
        length = float(np.sqrt(np.square(along, dtype=np.float64).sum()))
        if not 0 < length < np.inf:
            continue
        unit = along / length
        taken, noise = [], 0.0
        for far in (step * shorter for shorter in SHORTER):
            ends = []
            for way in (far, -far):
                values[...] = before + way * unit
                ends.append(cost())
            values[...] = before
            taken.append((ends[0] - ends[1]) / (2 * far))
            noise = ROUNDINGS * EPSILON * max(*(abs(end) for end in ends), 1.0) / far
        found.append(
            Slope(
                name=name,
                given=float((grad * unit).sum()),
                measured=taken[-1],
                spread=max(taken) - min(taken),
                noise=noise,
            )
        )
    return found


def _hint(wrong: list[Slope], names: list[str], examples: int, whole: bool) -> str:
    """Name the factor that all are off by, if it is one that mistakes make."""
    clear = [each for each in wrong if abs(each.measured) > 3 * each.unsure]
    told = ", ".join(names)
    for factor in (-1.0, float(examples), 1.0 / examples, 0.5, 2.0):
        if clear and all(
            abs(each.given / each.measured - factor) <= ALIKE * abs(factor) for each in clear
        ):
            return of_ratio(factor, told, examples, whole)
    return "let the network compute in the dtype of its parameters, and check again to see where"

"""Probes for any dependence of labels on inputs: what they see is compared with shuffled labels.

N examples, F features, C classes, L columns of a code of the labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array

# Close examples that are asked for their class.
NEIGHBOURS = 5
# Shuffled labels that the true ones are compared with: mean and spread are known to 10 %.
SHUFFLES = 100
# Skewness below this is that of a sample: a normal distribution will do.
STRAIGHT = 0.3
# Columns that the classes are coded in, so that a thousand of them cost no more than sixteen.
CODES = 16
# Penalty of ridge regression, as a share of the kernel's mean diagonal.
RIDGE = 0.1

Statistic = Callable[[NDArray[np.intp]], float]


def standardized(x: Array) -> Array:
    """Return (N, F) with every feature centered and of standard deviation 1, or all 0."""
    centered = x - x.mean(axis=0, dtype=np.float64).astype(x.dtype)
    std = centered.std(axis=0, dtype=np.float64).astype(x.dtype)
    scaled: Array = np.divide(centered, std, out=np.zeros_like(centered), where=std > 0)
    return scaled


def evidence(
    x: Array,
    labels: NDArray[np.intp],
    rng: np.random.Generator,
    *,
    enough: float,
    others: Sequence[NDArray[np.intp]] | None = None,
) -> dict[str, float]:
    """Return how far each probe does better than with shuffled labels, in standard deviations.

    x (N, F) standardized, labels (N,), and `others` what to compare them with instead of shuffled
    ones. The probes come in the order of what they cost, and stop with the first that has `enough`:

    neighbours  the nearest examples, which share a class wherever the classes lie; that they do so
                less often than by chance, as in a checkerboard, tells of a dependence too
    linear      ridge regression on the features
    pairs       the same on their products: XOR, or where a pattern lies in an image does not matter
    nearby      the same on a Gaussian kernel of the width of the data

    What each predicts for an example rests on the others alone.
    """
    shuffled = [rng.permutation(labels) for _ in range(SHUFFLES)] if others is None else others
    code = rng.standard_normal((int(labels.max()) + 1, CODES)).astype(x.dtype)
    found: dict[str, float] = {}
    for name, statistic in _probes(x, code):
        better = _beyond(statistic, labels, shuffled)
        found[name] = abs(better) if name == "neighbours" and others is None else better
        if found[name] >= enough:
            break
    return found


def twins(keys: NDArray[np.int64], labels: NDArray[np.intp], rng: np.random.Generator) -> float:
    """Return how far equal examples share a label more often than by chance, as evidence() does.

    keys (N,) are equal for equal examples. It is 0 where there are none.
    """
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    one, other = order[first], order[first + 1]
    if not first.size:
        return 0.0
    shuffled = [rng.permutation(labels) for _ in range(SHUFFLES)]
    return _beyond(lambda each: float((each[one] == each[other]).mean()), labels, shuffled)


def _beyond(
    statistic: Statistic, labels: NDArray[np.intp], shuffled: Sequence[NDArray[np.intp]]
) -> float:
    """Return how many standard deviations of shuffled labels the true ones lie above their mean.

    With few features the shuffled ones have a long tail, like χ² with few degrees of freedom: then
    it is what a normal distribution has at the same place, after Wilson and Hilferty 1931.
    """
    by_chance = np.array([statistic(each) for each in shuffled])
    spread = float(by_chance.std(ddof=1))
    if not spread > 0:
        return 0.0
    by_chance = (by_chance - (mean := by_chance.mean())) / spread
    z, skew = float(statistic(labels) - mean) / spread, float((by_chance**3).mean())
    if skew < STRAIGHT:
        return z
    return float(6 / skew * (np.cbrt(1 + skew * z / 2) - 1) + skew / 6)


def _probes(x: Array, code: Array) -> Iterator[tuple[str, Statistic]]:
    alike = x @ x.T / max(1, x.shape[1])  # (N, N)
    sizes = alike.diagonal()
    apart = np.maximum(sizes[:, None] + sizes - 2 * alike, 0)  # (N, N) mean squared differences
    yield "neighbours", _neighbours(apart)
    yield "linear", _ridge(alike, code)
    yield "pairs", _ridge(np.square(1 + alike), code)
    width = float(np.median(apart)) or 1.0
    yield "nearby", _ridge(np.exp(-apart / width), code)


def _neighbours(apart: Array) -> Statistic:
    """Count the close examples that have an example's own label."""
    away = apart.copy()
    np.fill_diagonal(away, np.inf)
    k = min(NEIGHBOURS, len(away) - 1)
    nearest = np.argpartition(away, k - 1, axis=1)[:, :k]  # (N, k)
    return lambda labels: float((labels[nearest] == labels[:, None]).mean())


def _ridge(kernel: Array, code: Array) -> Statistic:
    """Compare the code of a label with what ridge regression on the others predicts for it.

    With H = K (K + λ)⁻¹ the prediction without the example itself is (H y - h y) / (1 - h), h the
    diagonal of H: no regression has to be done again.
    """
    count = len(kernel)
    centered = kernel - kernel.mean(axis=0)
    centered -= centered.mean(axis=1, keepdims=True)
    penalty = RIDGE * float(centered.diagonal().mean()) or 1.0
    shifted = centered + penalty * np.eye(count, dtype=kernel.dtype)
    smoother = np.eye(count, dtype=kernel.dtype) - penalty * np.linalg.inv(shifted)  # (N, N)
    own = smoother.diagonal()[:, None].copy()  # (N, 1)
    np.fill_diagonal(smoother, 0)
    smoother /= 1 - own

    def agreement(labels: NDArray[np.intp]) -> float:
        y = code[labels]  # (N, L)
        y -= y.mean(axis=0)
        return float(np.einsum("nl,nl->", y, smoother @ y, dtype=np.float64))

    return agreement

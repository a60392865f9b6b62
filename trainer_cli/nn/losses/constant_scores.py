"""How far a loss falls with the same scores for all examples: what class frequencies alone give.

C classes; g (C,) is the share of each class in the loss, g[y] = f[y] w[y] / Σ f w, with the share
f of its examples and the weight w of the class.
"""

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.losses.class_first import Labels
from trainer_cli.nn.losses.class_weights import Weights

Shares = NDArray[np.float64]

# Newton's method on a function of a few quadratic pieces is there after a few steps.
STEPS = 100
HALVINGS = 30
# A fall by less than this share of the value is the last.
LEAST_FALL = 1e-10
# Keeps the curvature regular where the share of a class is next to nothing.
RIDGE = 1e-12


def class_shares(labels: Labels, classes: int) -> Shares:
    """Return the share of the examples that belongs to each class, (C,)."""
    return np.bincount(labels.reshape(-1), minlength=classes) / labels.size


def weighed(shares: Shares, weights: Weights) -> Shares:
    """Return g (C,) for the shares f of the examples."""
    products = shares if weights is None else shares * np.array(weights)
    return np.asarray(products / products.sum(), np.float64)


def entropy(targets: Shares) -> float:
    """Return the least -Σ t log p over all p of sum 1, T log T - Σ t log t, summed over the rows.

    `targets` is (..., C); the sum T of a row need not be 1.
    """
    total = targets.sum(axis=-1)
    return float((_times_log(total) - _times_log(targets).sum(axis=-1)).sum())


def _times_log(t: Shares) -> Shares:
    return t * np.log(np.where(t > 0, t, 1.0))


def least_hinges(g: Shares) -> float:
    """Return the least Σ g[y] Σ max(0, 1 + s[j] - s[y]) over all scores s, with j != y.

    The problem is the dual of a flow, so that some best scores are whole numbers. A class of a
    larger share has no lower score (else exchange the two), and a gap of more than 1 between
    neighbours only costs: the classes, largest first, fall into groups one apart. Relative to equal
    scores, which cost C - 1, a border behind the first k classes costs k Σ g of those behind it,
    and a class of a group that ends behind the first e gains g for each of the C - e lower ones.
    So the best grouping of the first e classes follows from those of fewer.
    """
    g = np.sort(g[g > 0])[::-1]  # a class without examples gets a score that costs nothing
    count = len(g)
    heads = np.concatenate([[0.0], np.cumsum(g)])  # (C + 1,), Σ g of the first k
    borders = np.arange(count + 1) * (heads[-1] - heads)
    best = np.zeros(count + 1)
    for end in range(1, count + 1):
        starts = best[:end] + borders[:end] - (heads[end] - heads[:end]) * (count - end)
        best[end] = starts.min()
    return float(count - 1 + best[-1])


def least_squared_hinges(g: Shares) -> float:
    """Return the least Σ g[y] Σ max(0, 1 + s[j] - s[y])² over all scores s, with j != y.

    The function is convex and quadratic in pieces: Newton's method, each step halved until the
    value falls.
    """
    g = g[g > 0]
    scores = np.zeros_like(g)
    value, slope, curvature = _squared_hinges(scores, g)
    for _ in range(STEPS):
        step = np.linalg.solve(curvature, slope)
        for share in 0.5 ** np.arange(HALVINGS):
            lower, lower_slope, lower_curvature = _squared_hinges(scores - share * step, g)
            if lower < value * (1 - LEAST_FALL):
                break
        else:
            return value
        scores = scores - share * step
        value, slope, curvature = lower, lower_slope, lower_curvature
    return value


def _squared_hinges(scores: Shares, g: Shares) -> tuple[float, Shares, Shares]:
    """Return the value, its slope (C,) and its curvature (C, C), made regular.

    A shift of all scores changes nothing, so curvature is added along it.
    """
    hinges = np.maximum(1 + scores - scores[:, None], 0) * (1 - np.eye(len(g)))  # (C of y, C of j)
    pulls = g[:, None] * hinges
    slope = 2 * (pulls.sum(axis=0) - pulls.sum(axis=1))
    links = g[:, None] * (hinges > 0)
    links = 2 * (links + links.T)
    curvature = np.diag(links.sum(axis=0)) - links + 1 + RIDGE * np.eye(len(g))
    return float((pulls * hinges).sum()), slope, curvature

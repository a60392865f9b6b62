"""How sure a share is that was counted on some examples, such as an accuracy."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

Interval = tuple[float, float]

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)  # 1.96 standard deviations to either side


def wilson(share: float, count: int) -> Interval:
    """Return the 95 % interval of a probability of which `count` trials showed `share`.

    (p + z²/2n ± z √(p (1 - p)/n + z²/4n²)) / (1 + z²/n): within 0 and 1, and no shorter than
    it should be where few trials failed, unlike p ± z √(p (1 - p)/n).
    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    >>> low, high = wilson(0.9, 100)
    >>> f"{low:.4f} {high:.4f}"
    '0.8256 0.9448'
    """
    square = Z**2 / count
    middle = share + square / 2
    reach = sqrt(square * (share * (1 - share) + square / 4))
    low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
    # Where all or none came out, the bound is that share, whatever rounding makes of it.
    return (low if share > 0 else 0.0), (high if share < 1 else 1.0)


def difference(one: float, count_one: int, other: float, count_other: int) -> Interval:
    """Return the 95 % interval of p1 - p2, of which two independent samples showed shares.

    d - √((p1 - l1)² + (u2 - p2)²) to d + √((u1 - p1)² + (p2 - l2)²), with the Wilson intervals
    l1 to u1 and l2 to u2.
    Source: Newcombe 1998, "Interval estimation for the difference between independent
    proportions", method 10.

    >>> low, high = difference(56 / 70, 70, 48 / 80, 80)
    >>> f"{low:.4f} {high:.4f}"
    '0.0524 0.3339'
    """
    apart = one - other
    (l1, u1), (l2, u2) = wilson(one, count_one), wilson(other, count_other)
    return (
        apart - sqrt((one - l1) ** 2 + (u2 - other) ** 2),
        apart + sqrt((u1 - one) ** 2 + (other - l2) ** 2),
    )

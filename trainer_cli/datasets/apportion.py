"""Rounds shares to whole numbers that keep their sum."""

from collections.abc import Sequence
from math import floor


def apportion(shares: Sequence[float], total: int) -> list[int]:
    """Round each share down or up so that they add up to `total`; the largest remainders go up.

    Among equal remainders the first goes up. `total` lies between the sums of the shares rounded
    down and rounded up. Source: the method of Hamilton, also Hare-Niemeyer.

    >>> apportion([0.7 * 11, 0.15 * 11, 0.15 * 11], 11)
    [8, 2, 1]
    """
    # A share such as 0.29 * 100 = 28.999999999999996 is meant to be whole.
    shares = [round(share) if abs(share - round(share)) < 1e-6 else share for share in shares]
    whole = [floor(share) for share in shares]
    places = sorted(range(len(shares)), key=lambda i: whole[i] - shares[i])
    for place in places[: total - sum(whole)]:
        whole[place] += 1
    return whole

"""When a cost has left all bounds: the rule that stops a run at once."""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import ABORT_RATIO

# A mean over fewer examples jumps about by itself: with batches of one, a single hard example
# costs several times the original in a healthy run.
EXAMPLES_TO_JUDGE = 100


def cost_limits(
    original: NDArray[np.float64],
    penalty: NDArray[np.float64],
    equal_scores: float | NDArray[np.float64],
    ratio: float = ABORT_RATIO,
) -> NDArray[np.float64]:
    """Return the cost that no member may exceed, (M,): `ratio` times the original.

    An original cost below that of equal scores is luck, and training may lose it again: the limit
    is then so many times the cost of equal scores.
    """
    return ratio * np.maximum(original, equal_scores + penalty)


class DivergenceWatch:
    """Judges the costs of M members, one batch after another, against their limits.

    A member has diverged when its mean cost over the last 100 examples (one batch, if that is
    as large) is not <= its limit, and as soon as that is certain: NaN and infinity diverge at
    once. `nobody`, (M,), is what is returned when no member has.
    """

    def __init__(self, limits: NDArray[np.float64]) -> None:
        self.limits = limits  # (M,)
        self._recent: deque[tuple[NDArray[np.float64], int, bool]] = deque()
        self._examples = 0
        self._high = 0  # batches of the window in which some cost is beyond its limit
        self.nobody = np.zeros(len(limits), np.bool_)
        self.judged = limits  # (M,), the costs that the last judgement went by

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Go on with the members (M,) that are kept."""
        self.limits, self.nobody = self.limits[kept], self.nobody[kept]
        self._recent = deque((costs[kept], n, high) for costs, n, high in self._recent)

    def state(self) -> list[Any]:
        """Return the costs that the next judgement goes by, as JSON can hold them."""
        return [(costs.tolist(), examples, high) for costs, examples, high in self._recent]

    def restore(self, state: list[Any]) -> None:
        """Go on judging where `state` was taken."""
        self._recent = deque((np.array(costs), n, high) for costs, n, high in state)
        self._examples = sum(n for _, n, _ in self._recent)
        self._high = sum(high for _, _, high in self._recent)

    def diverged(self, costs: NDArray[np.float64], examples: int) -> NDArray[np.bool_]:
        """Return which members have diverged with this batch's mean `costs`, (M,)."""
        high = not (costs <= self.limits).all()  # written so that NaN is high
        self._recent.append((costs, examples, high))
        self._examples += examples
        self._high += high
        while self._examples - self._recent[0][1] >= EXAMPLES_TO_JUDGE:
            _, count, was_high = self._recent.popleft()
            self._examples -= count
            self._high -= was_high
        self.judged = costs
        if not self._high:  # a mean of costs within the limit is within it
            return self.nobody
        total: NDArray[np.float64] = np.sum([c * n for c, n, _ in self._recent], axis=0)
        self.judged = total / self._examples
        # Costs are not negative: what is too much already will not get better by 100 examples.
        within: NDArray[np.bool_] = total / max(self._examples, EXAMPLES_TO_JUDGE) <= self.limits
        return ~within

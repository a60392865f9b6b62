"""Weights of the classes: how much an example counts, by what it is an example of."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses.class_first import Labels

# N examples, M members, C classes.
Weights = Annotated[
    tuple[Annotated[float, Ge(1e-6), Le(1e6)], ...] | None,
    doc("weights of the classes, in the order of their labels, all equal unless given"),
]


def wrong_class_weights(weights: Weights, classes: int) -> tuple[str, str] | None:
    """Return message and hint if the weights are not one for each class, else None."""
    if weights is None or len(weights) == classes:
        return None
    given = f"{len(weights)} weight{'' if len(weights) == 1 else 's'}"
    return (
        f"must have one weight for each of the {classes} classes, got {given}",
        "class_weights holds the weights of the classes, in the order of their labels",
    )


class ClassWeightsAtWork:
    """The weights that M members give to C classes; a member without weighs all of them 1.

    Raises ValueError where a member's weights are not one for each class.
    """

    def __init__(
        self, stack: Sequence[Weights], capacity: int, classes: int, dtype: np.dtype[Any]
    ) -> None:
        for weights in stack:
            wrong = wrong_class_weights(weights, classes)
            if wrong is not None:
                raise ValueError(f"class_weights {wrong[0]}")
        members = len(stack)
        rows = [np.ones(classes) if weights is None else weights for weights in stack]
        self.table = np.array(rows, dtype).T.copy()  # (C, M)
        self._members = np.arange(members, dtype=np.intp)
        self._index = np.empty((capacity, members), np.intp)
        self._weights = np.empty((capacity, members), dtype)

    def of(self, labels: Labels) -> tuple[Array, NDArray[np.float64]]:
        """Return the weight of every example and member, (N, M), and their sums, (M,).

        The first is valid until the next call.
        """
        index, weights = self._index[: len(labels)], self._weights[: len(labels)]
        np.multiply(labels, len(self._members), index)
        np.add(index, self._members, index)
        self.table.take(index, None, weights, "clip")
        return weights, np.add.reduce(weights, axis=0, dtype=np.float64)

"""What an augmentation is told when it is put to work, and what it gives back."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.examples import Examples

# B examples of a batch, M members, F = H·W·C values of one example, R random numbers for each.
Array = NDArray[np.floating[Any]]
Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """The feed that an augmentation works for: its examples and its largest batch."""

    examples: Examples
    members: int
    capacity: int
    dtype: np.dtype[Any]

    @property
    def shape(self) -> Shape:
        """Shape of one preprocessed example."""
        return self.examples.shape

    @property
    def rows(self) -> int:
        """Number of examples in the largest batch, those of all members."""
        return self.members * self.capacity


class Working(Protocol):
    """An augmentation at work.

    random  (M, capacity, R) memory for the random numbers of a batch
    """

    random: NDArray[Any]

    def draw(self, rng: np.random.Generator, out: NDArray[Any]) -> None:
        """Fill out (B, R) with the random numbers of one member's examples."""
        ...

    def apply(self, batch: Array, drawn: NDArray[Any]) -> None:
        """Change a batch (B, M, F) in place as the random numbers (B, M, R) say."""
        ...

"""A layer with a known fault, for showing that a rule finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from trainer_cli.nn.layers.pointwise import Pointwise, PointwiseAtWork


@dataclass(frozen=True, kw_only=True)
class Scaled(Pointwise):
    """A layer that makes its input `by` times as large and adds `shift` times 0, 1, 2 ..."""

    type: Literal["scaled"] = "scaled"
    by: float
    shift: float = 0.0

    follower_init = None

    @staticmethod
    def bind(stack: Sequence[Scaled], place: Any) -> PointwiseAtWork:
        by, shift = stack[0].by, stack[0].shift

        def activate(x: Any, slope: Any) -> None:
            x *= by
            x += shift * np.arange(x.shape[-1])
            slope[...] = by

        return PointwiseAtWork(place, activate)

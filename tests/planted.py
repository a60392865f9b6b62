"""A loss and a layer with a known fault, for showing that a rule finds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from trainer_cli.nn.layers.pointwise import Pointwise, PointwiseAtWork


@dataclass(frozen=True, kw_only=True)
class FaultyLoss:
    """A loss with its values passed through `fault`; what it claims of itself is the truth."""

    fault: Callable[[Any], Any]
    sound: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sound, name)

    @staticmethod
    def bind(stack: Sequence[FaultyLoss], capacity: int, classes: int, dtype: Any) -> Any:
        work = stack[0].sound.bind([s.sound for s in stack], capacity, classes, dtype)
        forward, fault = work.forward, stack[0].fault
        work.forward = lambda scores, labels: fault(forward(scores, labels))  # type: ignore[method-assign]
        return work


def with_loss_fault(experiment: Any, fault: Callable[[Any], Any]) -> Any:
    return replace(experiment, loss=FaultyLoss(fault=fault, sound=experiment.loss))


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

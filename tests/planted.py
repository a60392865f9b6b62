"""Losses, penalties and layers with a known fault, for showing that a rule finds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainer_cli.nn.losses import Softmax
from trainer_cli.nn.losses.softmax import SoftmaxAtWork
from trainer_cli.nn.parameters import Parameters
from trainer_cli.nn.regularization import Penalty, Regularization


@dataclass(frozen=True, kw_only=True)
class FaultyLoss:
    """The softmax loss with its values passed through `fault`."""

    fault: Callable[[Any], Any]

    def at_zero_scores(self, classes: int) -> float:
        return Softmax().at_zero_scores(classes)

    @staticmethod
    def bind(stack: Sequence[FaultyLoss], capacity: int, classes: int, dtype: Any) -> Any:
        work = SoftmaxAtWork(len(stack), capacity, classes, dtype)
        forward, fault = work.forward, stack[0].fault
        work.forward = lambda scores, labels: fault(forward(scores, labels))  # type: ignore[method-assign]
        return work


def with_loss_fault(experiment: Any, fault: Callable[[Any], Any]) -> Any:
    return replace(experiment, loss=FaultyLoss(fault=fault))


class FaultyPenalty(Penalty):
    """A penalty whose cost or gradient is wrong in the way that `fault` names."""

    fault: str = ""

    def __init__(self, l2: Sequence[float], parameters: Parameters, fault: str) -> None:
        super().__init__(l2, parameters)
        self._l2, self._all, self.fault = l2[0], parameters, fault

    def costs(self) -> Any:
        costs = super().costs()
        if self.fault == "no half":
            return 2 * costs
        if self.fault == "biases too":
            for entry in self._all.entries:
                if not entry.penalized:
                    values = entry.view(self._all.values)
                    costs = costs + 0.5 * self._l2 * np.sum(values**2)
        if self.fault == "one layer":
            first = self._all.entries[0].view(self._all.values)
            return 0.5 * self._l2 * np.array([np.sum(first**2)])
        return costs

    def add_gradient(self, scale: Any = 1.0) -> None:
        if self.fault == "no gradient":
            return
        super().add_gradient(scale)
        if self.fault == "gradient twice":
            super().add_gradient(scale)
        if self.fault == "biases too":
            for entry in self._all.entries:
                if not entry.penalized:
                    gradient = entry.view(self._all.gradients)
                    gradient += scale * self._l2 * entry.view(self._all.values)


@dataclass(frozen=True, kw_only=True)
class FaultyRegularization(Regularization):
    """Regularization that puts a faulty penalty to work."""

    fault: str = ""

    @staticmethod
    def bind(stack: Sequence[Any], parameters: Parameters) -> FaultyPenalty:
        return FaultyPenalty([float(s.l2) for s in stack], parameters, stack[0].fault)

"""Gradient descent whose steps are measured by how large gradients have been of late."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import doc

from trainer_cli.nn.parameters import Parameters, Part, PerMember, per_member
from trainer_cli.optim.optimizers.root import descend_by_root
from trainer_cli.optim.optimizers.rule import UpdateRule
from trainer_cli.optim.optimizers.settings import (
    ClipNorm,
    Epsilon,
    LearningRate,
    Share,
    WeightDecay,
)


@dataclass(frozen=True, kw_only=True)
class Rmsprop:
    """v ← ρ v + (1 - ρ) g²; w ← w - α g / (√v + ε), with v = 0 at the start.

    Nothing makes up for that start: the first step is α / √(1 - ρ) long. PyTorch's ρ is 0.99
    where nothing is said.
    Source: CS231n, "Neural Networks Part 3", section Per-parameter adaptive learning rate methods;
    Tieleman & Hinton 2012, lecture 6e.
    """

    type: Literal["rmsprop"] = "rmsprop"
    learning_rate: LearningRate = 0.001
    decay: Annotated[Share, doc("share ρ of the mean squared gradient that stays")] = 0.9
    epsilon: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0
    clip_norm: ClipNorm = None

    state_arrays: ClassVar[int] = 2  # with the scratch
    largest_pull: ClassVar[None] = None  # its steps do not grow with the gradient

    @staticmethod
    def bind(stack: Sequence["Rmsprop"], parameters: Parameters) -> UpdateRule:
        """Return the update rule at work."""
        return UpdateRule(RmspropAtWork(stack, parameters), stack, parameters)


class RmspropAtWork:
    """RMSProp at work; it keeps v / (1 - ρ), which saves a pass over all parameters."""

    linear = False

    def __init__(self, stack: Sequence[Rmsprop], parameters: Parameters) -> None:
        self._decay = per_member([settings.decay for settings in stack])
        unit = [(1.0 - settings.decay) ** 0.5 for settings in stack]  # √v of a squared gradient 1
        self._unit = per_member(unit)
        self._epsilon = per_member([s.epsilon / u for s, u in zip(stack, unit, strict=True)])
        self._scratch = parameters.zeros()
        self.state = {"squares": parameters.zeros()}

    def move(self, part: Part, rate: PerMember, number: int) -> None:
        """Move a part of the parameters by -α g / (√v + ε)."""
        squares, gradients = part.of(self.state["squares"]), part.gradients
        scratch = self._scratch[: squares.size]
        part.multiply(squares, self._decay)
        np.multiply(gradients, gradients, out=scratch)
        squares += scratch
        descend_by_root(
            part,
            gradients,
            squares,
            epsilon=self._epsilon,
            rate=rate / self._unit,
            scratch=scratch,
        )

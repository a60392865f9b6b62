"""Gradient descent whose steps shrink where gradients have been large."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from trainer_cli.nn.parameters import Parameters, Part, PerMember, per_member
from trainer_cli.optim.optimizers.root import descend_by_root
from trainer_cli.optim.optimizers.rule import UpdateRule
from trainer_cli.optim.optimizers.settings import ClipNorm, Epsilon, LearningRate, WeightDecay


@dataclass(frozen=True, kw_only=True)
class Adagrad:
    """v ← v + g²; w ← w - α g / (√v + ε), with v = 0 at the start.

    Every parameter has a rate of its own, which only ever falls.
    Source: CS231n, "Neural Networks Part 3", section Per-parameter adaptive learning rate methods;
    Duchi et al. 2011.
    """

    type: Literal["adagrad"] = "adagrad"
    learning_rate: LearningRate = 0.01
    epsilon: Epsilon = 1e-10
    weight_decay: WeightDecay = 0.0
    clip_norm: ClipNorm = None

    state_arrays: ClassVar[int] = 2  # with the scratch
    largest_pull: ClassVar[None] = None  # its steps do not grow with the gradient

    @staticmethod
    def bind(stack: Sequence["Adagrad"], parameters: Parameters) -> UpdateRule:
        """Return the update rule at work."""
        return UpdateRule(AdagradAtWork(stack, parameters), stack, parameters)


class AdagradAtWork:
    """AdaGrad at work: the sum of all squared gradients for every parameter."""

    linear = False

    def __init__(self, stack: Sequence[Adagrad], parameters: Parameters) -> None:
        self._epsilon = per_member([settings.epsilon for settings in stack])
        self._scratch = parameters.zeros()
        self.state = {"squares": parameters.zeros()}

    def move(self, part: Part, rate: PerMember, number: int) -> None:
        """Move a part of the parameters by -α g / (√v + ε)."""
        squares, gradients = part.of(self.state["squares"]), part.gradients
        scratch = self._scratch[: squares.size]
        np.multiply(gradients, gradients, out=scratch)
        squares += scratch
        descend_by_root(
            part,
            gradients,
            squares,
            epsilon=self._epsilon,
            rate=rate,
            scratch=scratch,
        )

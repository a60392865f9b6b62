"""Momentum with steps measured by how large gradients have been of late."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Protocol

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
class Adam:
    """m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²; w ← w - α m̂ / (√v̂ + ε).

    m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ), in update t = 1, 2, ..., make up for m = v = 0 at the
    start. A weight decay stays apart from m and v, as in AdamW.
    Source: CS231n, "Neural Networks Part 3", section Per-parameter adaptive learning rate methods;
    Kingma & Ba 2015.
    """

    type: Literal["adam"] = "adam"
    learning_rate: LearningRate = 0.001
    beta1: Annotated[Share, doc("share β₁ of the mean gradient that stays")] = 0.9
    beta2: Annotated[Share, doc("share β₂ of the mean squared gradient that stays")] = 0.999
    epsilon: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0
    clip_norm: ClipNorm = None

    state_arrays: ClassVar[int] = 2
    largest_pull: ClassVar[None] = None  # its steps do not grow with the gradient

    @staticmethod
    def bind(stack: Sequence["Adam"], parameters: Parameters) -> UpdateRule:
        """Return the update rule at work."""
        return UpdateRule(AdamAtWork(stack, parameters), stack, parameters)


class Moments(Protocol):
    """What the formula takes of the settings of Adam and AdamW."""

    @property
    def beta1(self) -> float:
        """Share β₁ of the mean gradient that stays."""
        ...

    @property
    def beta2(self) -> float:
        """Share β₂ of the mean squared gradient that stays."""
        ...

    @property
    def epsilon(self) -> float:
        """Number ε that keeps the division finite."""
        ...


class AdamAtWork:
    """Adam at work; it keeps m / (1 - β₁) and v / (1 - β₂), which saves two passes."""

    linear = False

    def __init__(self, stack: Sequence[Moments], parameters: Parameters) -> None:
        self._beta1 = per_member([settings.beta1 for settings in stack])
        self._beta2 = per_member([settings.beta2 for settings in stack])
        self._epsilon = per_member([settings.epsilon for settings in stack])
        self.state = {"mean": parameters.zeros(), "squares": parameters.zeros()}

    def move(self, part: Part, rate: PerMember, number: int) -> None:
        """Move a part of the parameters by -α m̂ / (√v̂ + ε)."""
        mean, squares = part.of(self.state["mean"]), part.of(self.state["squares"])
        gradients = part.gradients
        part.multiply(mean, self._beta1)
        mean += gradients
        part.multiply(squares, self._beta2)
        gradients *= gradients
        squares += gradients
        # What the kept sums are to be multiplied by for m̂ and for √v̂.
        to_mean = (1.0 - self._beta1) / (1.0 - self._beta1**number)
        to_root = ((1.0 - self._beta2) / (1.0 - self._beta2**number)) ** 0.5
        descend_by_root(
            part,
            mean,
            squares,
            epsilon=self._epsilon / to_root,
            rate=rate * to_mean / to_root,
            scratch=gradients,
        )

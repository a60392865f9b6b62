"""Plain gradient descent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters, Part, PerMember
from trainer_cli.optim.optimizers.rule import UpdateRule
from trainer_cli.optim.optimizers.settings import ClipNorm, LearningRate, WeightDecay


@dataclass(frozen=True, kw_only=True)
class Sgd:
    """w ← w - α g, with the learning rate α and the gradient g of the batch.

    Source: CS231n, "Neural Networks Part 3", section Vanilla update.
    """

    type: Literal["sgd"] = "sgd"
    learning_rate: LearningRate = 0.01
    weight_decay: WeightDecay = 0.0
    clip_norm: ClipNorm = None

    state_arrays: ClassVar[int] = 0
    # The a above which a gradient α g = a w throws w further with every update.
    largest_pull: ClassVar[float] = 2.0

    @staticmethod
    def bind(stack: Sequence["Sgd"], parameters: Parameters) -> UpdateRule:
        """Return the update rule at work."""
        return UpdateRule(SgdAtWork(), stack, parameters)


class SgdAtWork:
    """Plain gradient descent at work; it carries no state."""

    linear = True

    def __init__(self) -> None:
        self.state: dict[str, Array] = {}

    def move(self, part: Part, rate: PerMember, number: int) -> None:
        """Move a part of the parameters by -α g."""
        values, gradients = part.values, part.gradients
        part.multiply(gradients, rate)
        values -= gradients

"""Plain gradient descent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt, doc

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters, PerMember


@dataclass(frozen=True, kw_only=True)
class Sgd:
    """w ← w - α g, with the learning rate α and the gradient g of the batch.

    Source: CS231n, "Neural Networks Part 3", section Vanilla update.
    """

    type: Literal["sgd"] = "sgd"
    learning_rate: Annotated[float, Gt(0), doc("step size α before the schedule")] = 0.01

    state_arrays: ClassVar[int] = 0

    @staticmethod
    def bind(stack: Sequence["Sgd"], parameters: Parameters) -> "SgdAtWork":
        """Return the update rule at work."""
        return SgdAtWork(parameters)


class SgdAtWork:
    """Plain gradient descent at work; it carries no state."""

    linear = True

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.state: dict[str, Array] = {}

    def update(self, rate: PerMember) -> None:
        """Move all parameters by -α g."""
        values, gradients = self._parameters.values, self._parameters.gradients
        self._parameters.multiply(gradients, rate)
        values -= gradients

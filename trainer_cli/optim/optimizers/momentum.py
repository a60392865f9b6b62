"""Gradient descent with a velocity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Lt, doc

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters, PerMember, per_member


@dataclass(frozen=True, kw_only=True)
class Momentum:
    """v ← ρ v - α g; w ← w + v, with v = 0 at the start.

    A lasting direction is followed 1 / (1 - ρ) times as fast as by plain gradient descent.
    Source: CS231n, "Neural Networks Part 3", section Momentum update; Polyak 1964.
    """

    type: Literal["momentum"] = "momentum"
    learning_rate: Annotated[float, Gt(0), doc("step size α before the schedule")] = 0.01
    momentum: Annotated[float, Ge(0), Lt(1), doc("share ρ of the velocity that stays")] = 0.9

    state_arrays: ClassVar[int] = 1

    @staticmethod
    def bind(stack: Sequence["Momentum"], parameters: Parameters) -> "MomentumAtWork":
        """Return the update rule at work."""
        return MomentumAtWork([float(settings.momentum) for settings in stack], parameters)


class MomentumAtWork:
    """Momentum at work: one velocity for every parameter, laid out alike."""

    linear = True

    def __init__(self, momentum: Sequence[float], parameters: Parameters) -> None:
        self._momentum = per_member(momentum)
        self._parameters = parameters
        self.state = {"velocity": parameters.zeros()}

    def update(self, rate: PerMember) -> None:
        """Move all parameters by their new velocity."""
        velocity: Array = self.state["velocity"]
        values, gradients = self._parameters.values, self._parameters.gradients
        self._parameters.multiply(velocity, self._momentum)
        self._parameters.multiply(gradients, rate)
        velocity -= gradients
        values += velocity

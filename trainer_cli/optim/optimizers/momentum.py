"""Gradient descent with a velocity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import doc

from trainer_cli.nn.parameters import Parameters, Part, PerMember, per_member
from trainer_cli.optim.optimizers.rule import UpdateRule
from trainer_cli.optim.optimizers.settings import ClipNorm, LearningRate, Share, WeightDecay


@dataclass(frozen=True, kw_only=True)
class Momentum:
    """v ← ρ v - α g; w ← w + v, with v = 0 at the start.

    A lasting direction is followed 1 / (1 - ρ) times as fast as by plain gradient descent. When
    the rate changes, v keeps what it has gathered; PyTorch, which multiplies its velocity by the
    rate of the moment, takes the same path only while the rate stays.
    Source: CS231n, "Neural Networks Part 3", section Momentum update; Polyak 1964.
    """

    type: Literal["momentum"] = "momentum"
    learning_rate: LearningRate = 0.01
    momentum: Annotated[Share, doc("share ρ of the velocity that stays")] = 0.9
    weight_decay: WeightDecay = 0.0
    clip_norm: ClipNorm = None

    state_arrays: ClassVar[int] = 1

    @property
    def largest_pull(self) -> float:
        """The a above which a gradient α g = a w throws w further with every update."""
        return 2 * (1 + self.momentum)

    @staticmethod
    def bind(stack: Sequence["Momentum"], parameters: Parameters) -> UpdateRule:
        """Return the update rule at work."""
        return UpdateRule(MomentumAtWork(stack, parameters), stack, parameters)


class MomentumAtWork:
    """Momentum at work: one velocity for every parameter, laid out alike."""

    linear = True

    def __init__(self, stack: Sequence[Momentum], parameters: Parameters) -> None:
        self._momentum = per_member([settings.momentum for settings in stack])
        self.state = {"velocity": parameters.zeros()}

    def move(self, part: Part, rate: PerMember, number: int) -> None:
        """Move a part of the parameters by its new velocity."""
        velocity = part.of(self.state["velocity"])
        values, gradients = part.values, part.gradients
        part.multiply(velocity, self._momentum)
        part.multiply(gradients, rate)
        velocity -= gradients
        values += velocity

"""Gradient descent with a velocity, and the gradient taken where that velocity leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import doc

from trainer_cli.nn.parameters import Parameters, Part, PerMember, per_member
from trainer_cli.optim.optimizers.rule import UpdateRule
from trainer_cli.optim.optimizers.settings import ClipNorm, LearningRate, Share, WeightDecay


@dataclass(frozen=True, kw_only=True)
class Nesterov:
    """v ← ρ v - α g; w ← w + ρ v - α g, with v = 0 at the start.

    This is v ← ρ v - α g(x + ρ v); x ← x + v, Nesterov's update, written for the point ahead,
    w = x + ρ v, so that the gradient is taken at the parameters themselves. When the rate changes,
    v keeps what it has gathered; PyTorch, which multiplies its velocity by the rate of the
    moment, takes the same path only while the rate stays.
    Source: CS231n, "Neural Networks Part 3", section Nesterov Momentum; Sutskever et al. 2013.
    """

    type: Literal["nesterov"] = "nesterov"
    learning_rate: LearningRate = 0.01
    momentum: Annotated[Share, doc("share ρ of the velocity that stays")] = 0.9
    weight_decay: WeightDecay = 0.0
    clip_norm: ClipNorm = None

    state_arrays: ClassVar[int] = 1

    @property
    def largest_pull(self) -> float:
        """The a above which a gradient α g = a w throws w further with every update."""
        return 2 * (1 + self.momentum) / (1 + 2 * self.momentum)

    @staticmethod
    def bind(stack: Sequence["Nesterov"], parameters: Parameters) -> UpdateRule:
        """Return the update rule at work."""
        return UpdateRule(NesterovAtWork(stack, parameters), stack, parameters)


class NesterovAtWork:
    """Nesterov's momentum at work; it keeps ρ v, how far the parameters are ahead of x."""

    linear = True

    def __init__(self, stack: Sequence[Nesterov], parameters: Parameters) -> None:
        self._momentum = per_member([settings.momentum for settings in stack])
        self.state = {"ahead": parameters.zeros()}

    def move(self, part: Part, rate: PerMember, number: int) -> None:
        """Move a part of the parameters by -α g and on to where its new velocity leads."""
        ahead = part.of(self.state["ahead"])
        values, gradients = part.values, part.gradients
        part.multiply(gradients, rate)
        ahead -= gradients
        part.multiply(ahead, self._momentum)
        values -= gradients
        values += ahead

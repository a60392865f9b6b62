"""What every update rule at work offers to the training step."""

from typing import Protocol

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import PerMember


class UpdateRule(Protocol):
    """An optimizer at work on the parameters of M members.

    `state` names the flat arrays, laid out as the parameters, that it carries from step to step.
    A rule is `linear` if scaling the gradient is the same as scaling the rate: the rate may then
    be folded into the gradient of the scores, a small array, and the rule is given rate 1. (Rates
    near the smallest number of the type lose digits there.)
    """

    linear: bool
    state: dict[str, Array]

    def update(self, rate: PerMember) -> None:
        """Move the parameters one step; the gradients are used up."""
        ...

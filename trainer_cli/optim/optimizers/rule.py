"""What every optimizer does besides its formula: clip the gradient, decay the weights, count."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters, Part, PerMember, per_member
from trainer_cli.optim.optimizers.clipping import Clipping
from trainer_cli.optim.optimizers.settings import Restraints


class Formula(Protocol):
    """The formula of an optimizer at work on the parameters of M members.

    `state` names the flat arrays, laid out as the parameters, that it carries from step to step.
    It is `linear` if scaling the gradient is the same as scaling the rate.
    """

    linear: bool
    state: dict[str, Array]

    def move(self, part: Part, rate: PerMember, number: int) -> None:
        """Move a part of the parameters for the update `number`, from 1; its gradients are used up.

        Every update moves every part once.
        """
        ...


class UpdateRule:
    """An optimizer at work on the parameters of M members.

    An update clips the gradient, the penalty's included, to its largest norm; lets the weights
    decay, w ← w - α λ w, apart from the gradient and never biases or the parameters of batch
    normalization; and moves all parameters by the formula.
    Source: Pascanu et al. 2013 (clipping); Loshchilov & Hutter 2019 (decoupled decay).

    state    the formula's flat arrays, by name
    updates  the number of updates so far
    linear   whether scaling the gradient is the same as scaling the rate: the rate may then be
             folded into the gradient of the scores, a small array, and the rule is given rate 1.
             (Rates near the smallest number of the type lose digits there.) Neither clipping nor
             decay allows it: the one needs the gradient as it is, the other the rate.
    clips    whether it clips, for which the whole gradient has to be there
    """

    def __init__(
        self, formula: Formula, stack: Sequence[Restraints], parameters: Parameters
    ) -> None:
        self.clips = any(settings.clip_norm is not None for settings in stack)
        self._decays = any(settings.weight_decay for settings in stack)
        self._clipping = Clipping([s.clip_norm for s in stack], parameters) if self.clips else None
        self._decay = per_member([settings.weight_decay for settings in stack])
        self._whole = (parameters.whole,)
        self._formula = formula
        self.state = formula.state
        self.updates = 0
        self.linear = formula.linear and not self.clips and not self._decays

    def update(self, rate: PerMember, parts: Iterable[Part] | None = None) -> None:
        """Move the parameters one step; the gradients are used up.

        A rule that does not clip also takes all parameters in `parts`, each of which has its
        gradient when it comes.
        """
        self.updates += 1
        if self._clipping is not None:
            self._clipping.clip()
        for part in self._whole if parts is None else parts:
            if self._decays:
                part.multiply(part.weights, 1.0 - rate * self._decay)
            self._formula.move(part, rate, self.updates)

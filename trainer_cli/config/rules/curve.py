"""Rules about the course of the loss: flat, noisy, or late to fall."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class Plateau:
    """Nothing but the learning rate keeps the loss from moving.

    Why: A loss that stays where it is at every rate is held there: by a penalty or decay that pulls
    the weights back, by dead units, by weights that start equal, by labels that do not follow from
    the inputs.
    What to do: Look at the setting that the hint names: without it the loss was seen to fall.
    Fires on: nntrain train --set regularization.l2=10
    Source: CS231n, "Babysitting the learning process": its rate that is too low, 1e-6 for ten
    epochs, takes off less than 0.1 %. So does this one: what is off counts from the loss of the
    best constant scores on, as to come down to that is no learning.
    """

    type: Literal["plateau"] = "plateau"
    severity: Severe = "warn"
    progress: Annotated[
        float, Gt(0), Lt(1), doc("share of what training can take off the loss that is progress")
    ] = 0.01


@dataclass(frozen=True, kw_only=True)
class NoisyCost:
    """The cost does not jump up and down because the batches are too small for the learning rate.

    Why: The gradient of a few examples points nearly anywhere. At a rate that suits larger batches
    such steps undo each other, and the loss stays far above what it can reach.
    What to do: Take the batch size that the hint names, or the lower rate: both were tried out.
    Fires on: nntrain train --set training.batch_size=1 --set training.epochs=4
    Source: CS231n, "Neural Networks Part 3", section Loss function: the wiggle is highest with
    batches of one. Libraries and lectures begin with 32; up to half of that counts as small. How
    far a cost may rise is said by learning-rate-too-high.
    """

    type: Literal["noisy-cost"] = "noisy-cost"
    severity: Severe = "warn"
    small_batch: Annotated[
        int, Ge(0), doc("number of examples up to which a batch can be too small")
    ] = 16


@dataclass(frozen=True, kw_only=True)
class SlowStart:
    """The loss falls from the beginning, and is not flat for long before.

    Why: A loss that is flat and then falls was held up by its start: signals too small, or
    saturated units, which the first updates have to undo.
    What to do: Start with larger weights (init: he or xavier), put batch_norm behind every layer
    with weights, or use relu. The hint says so where the default init was tried and mends it.
    Fires on: nntrain train --set network.0.init='{type: normal, std: 1e-4}'
    --set network.2.init='{type: normal, std: 1e-4}'
    Source: CS231n, "Babysitting the learning process": bad initialization is a prime suspect. A
    straight line does a tenth of its fall in a tenth of the time, a healthy curve in less.
    """

    type: Literal["slow-start"] = "slow-start"
    severity: Severe = "warn"
    flat_share: Annotated[
        float,
        Gt(0),
        Lt(1),
        doc("share of the updates that the first tenth of the fall may take"),
    ] = 0.15

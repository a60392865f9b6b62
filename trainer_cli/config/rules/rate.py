"""Rules about the learning rate, that a short training judges."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class LearningRateUnstable:
    """The cost does not jump up and down where a lower rate would let it fall.

    Why: A rate a little below the one at which the cost explodes throws the weights about. The
    loss stays high, or comes down late and by luck.
    What to do: Take the lower rate that the message names, which was tried from the same start;
    or warm up, or take larger batches.
    Fires on: --set optimizer.learning_rate=1.5
    Source: CS231n, "Neural Networks Part 3", loss function: high learning rates get stuck at worse
    values of loss, because "there is too much energy in the optimization and the parameters are
    bouncing around chaotically". 0.3 is a choice: none of 72 healthy experiments, with three seeds
    each, reached it.
    """

    type: Literal["learning-rate-unstable"] = "learning-rate-unstable"
    severity: Severe = "warn"
    behind: Annotated[
        float,
        Gt(0),
        Lt(1),
        doc("share of what there is to gain that a lower rate must be ahead by after 100 updates"),
    ] = 0.3

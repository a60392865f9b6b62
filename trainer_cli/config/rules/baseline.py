"""Rules about the network that gets no inputs: one that gets them must do better."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class InputIndependence:
    """The network learns more from a few examples than it does with their inputs put to zero.

    Why: Without inputs a network can still learn how frequent each class is, and its loss falls to
    what these frequencies give. If the inputs do not take it any lower, they do not reach the
    scores: they are lost on the way, or all the same.
    What to do: Look at where the inputs get lost: preprocessing, weights at zero, dead units
    (nntrain check-activations).
    Fires on: --set network.0.bias_init='{type: constant, value: -100}'
    Source: Karpathy 2019, "A Recipe for Training Neural Networks": the input-independent baseline.
    The loss of a network without inputs cannot fall below that of the frequencies at all; 1 % of
    what lies below is what counts as learning in training too.
    """

    type: Literal["input-independence"] = "input-independence"
    severity: Severe = "fail"
    least: Annotated[
        float, Gt(0), Lt(1), doc("share of the loss of class frequencies that inputs must take off")
    ] = 0.01

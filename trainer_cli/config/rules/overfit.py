"""The rule about learning a few examples by heart."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class LearnsByHeart:
    """The network learns 20 examples by heart: accuracy 1.00, and a cost of almost 0.

    Why: Twenty examples are the easiest of all tasks. A network that cannot learn them has a fault,
    or too few units, and more data will not help it.
    What to do: The hint tells which usual causes there are and which were ruled out: equal examples
    with different labels, the rate, unscaled inputs, a layer that bounds the scores, dead units.
    Fires on: nntrain overfit --set overfit.learning_rate=0.05
    Source: CS231n, "Babysitting the learning process": overfit a very small portion of the data.
    Its run ends at 0.002. Below 0.01, softmax gives the right class more than 0.99 on average.
    A network that learns fewer than 100 numbers gets fewer examples, one for every five.
    """

    type: Literal["overfit"] = "overfit"
    severity: Severe = "fail"
    cost: Annotated[
        float,
        Gt(0),
        doc("cost to end below, in softmax; times the margin, or its square, in an svm"),
    ] = 0.01

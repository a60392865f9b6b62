"""The rule that a network has one score for every class."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainer_cli.config.problems import Key, Problem
from trainer_cli.nn.layers import Layer

if TYPE_CHECKING:
    from trainer_cli.config.load import Loaded

HINT = "the last layer with units gives one score per class"


def outputs_problem(loaded: "Loaded", classes: int) -> Problem | None:
    """Return what is wrong with the number of scores, for data of so many classes, or None.

    `load` applies the rule where the settings alone tell the number of classes; call it again
    once the data are read.
    """
    wrong = wrong_outputs(loaded.experiment.network, classes)
    return None if wrong is None else loaded.problem(*wrong)


def wrong_outputs(network: Sequence[Layer], classes: int) -> tuple[Key, str, str] | None:
    """Return key, message and hint if the network does not end with `classes` scores, else None.

    The last layer with `units` decides: what follows it keeps the shape.
    """
    for i in reversed(range(len(network))):
        units = getattr(network[i], "units", None)
        if units is not None:
            if units == classes:
                return None
            message = f"must equal the number of classes, {classes}, got {units}"
            return ("network", i, "units"), message, HINT
    hint = f"end it with {{type: dense, units: {classes}}}"
    return ("network",), "has no layer with units, so it gives no scores", hint

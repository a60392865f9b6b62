"""What a sweep tries, and what came of it: one record for each trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

# finished    trained to the end of its stage
# diverged    left its stack because the cost exploded
# halved      stopped by successive halving
# infeasible  never begun: its settings do not go together
State = Literal["finished", "diverged", "halved", "infeasible"]
Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One setting to try; `number` counts from 1 through all stages of a sweep."""

    number: int
    values: Values


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a trial: one line of `trials.jsonl`.

    trial, stage   numbers from 1
    values         what was drawn, by the path of each key
    state, reason  how it ended, and why where it did not finish
    epochs         number of epochs that were trained whole; `updates` that of updates
    original_cost  loss and penalty of the untrained network, `original_loss` without penalty
    learnable      how far training can take the loss down; to come down to what class
                   frequencies alone give is not counted
    learned        share of that which training took off; below 0 where the loss rose
    cost           loss and penalty at the end; the one that was judged, where it diverged
    The loss (without penalty) and accuracy are measured at the end on up to 2,000 training
    examples and on the validation split; None where a trial was not trained that far.
    """

    trial: int
    stage: int
    values: Values
    state: State
    reason: str | None = None
    epochs: int = 0
    updates: int = 0
    original_cost: float | None = None
    original_loss: float | None = None
    learnable: float | None = None
    learned: float | None = None
    cost: float | None = None
    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None


def rank(result: Result) -> tuple[float, float, int]:
    """Return what trials are sorted by, the best first: accuracy, then loss, of the validation."""
    accuracy, loss = result.validation_accuracy, result.validation_loss
    return inf if accuracy is None else -accuracy, inf if loss is None else loss, result.trial

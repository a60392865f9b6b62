"""Rules about how long, how fast and in what batches is trained."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class ScheduleEndsEarly:
    """The schedule leaves something of the learning rate for most of the training.

    Why: At a rate far below its peak the weights hardly move: the time is spent, and nothing is
    learned.
    What to do: Let the schedule lower the rate more slowly or later, or train for fewer epochs.
    Fires on: --set schedule='{type: exponential, factor: 0.1}'
    Source: CS231n, "Neural Networks Part 3", annealing the learning rate: "decay it too
    aggressively and the system will cool too quickly". The steps of He et al. 2016 end at a
    hundredth of the first rate.
    """

    type: Literal["schedule-ends-early"] = "schedule-ends-early"
    severity: Severe = "warn"
    least: Annotated[
        float, Gt(0), Lt(1), doc("share of the peak below which a learning rate is next to nothing")
    ] = 1e-3
    idle: Annotated[
        float, Gt(0), Le(1), doc("share of the updates that may go at less than that")
    ] = 0.5


@dataclass(frozen=True, kw_only=True)
class BatchLargerThanData:
    """A batch that is asked for can be filled from the training examples.

    Why: The batches will be as large as all training examples together, and there is one update in
    an epoch: not the training that the number promises.
    What to do: Lower training.batch_size, or look for the training examples that are missing.
    Fires on: --set training.batch_size=5000
    Source: Arithmetic. The batch size that is used where none is given is never reported.
    """

    type: Literal["batch-larger-than-data"] = "batch-larger-than-data"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class TooFewUpdates:
    """There are enough updates to learn something.

    Why: A network moves a little with every update. After a handful of them it is still the
    initialization, however good the settings are.
    What to do: Raise training.epochs, or lower training.batch_size.
    Fires on: --set training.epochs=1 --set training.batch_size=1000
    Source: Momentum of 0.9 alone takes ten updates to get up to speed; the lecture's 20 examples
    take 200 to be learned by heart (CS231n, "Babysitting the learning process").
    """

    type: Literal["too-few-updates"] = "too-few-updates"
    severity: Severe = "warn"
    fewest: Annotated[int, Ge(1), doc("number of updates that are enough")] = 20


@dataclass(frozen=True, kw_only=True)
class PatienceLongerThanRun:
    """Early stopping can happen before training ends by itself.

    Why: Training stops after so many epochs in a row without an improvement. As many as the whole
    training has never come together: nothing stops, and the best epoch is not gone back to.
    What to do: Lower training.early_stopping.patience, or raise training.epochs.
    Fires on: --set training.early_stopping='{patience: 50}'
    Source: Arithmetic.
    """

    type: Literal["patience-longer-than-run"] = "patience-longer-than-run"
    severity: Severe = "warn"

"""What one experiment file says, as settings that the rooms below understand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, MinLen, doc

from trainer_cli.config.space import Distribution
from trainer_cli.datasets.dataset import Data
from trainer_cli.nn.layers import Layer
from trainer_cli.nn.losses import Loss, Softmax
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Optimizer, Sgd
from trainer_cli.optim.schedules import Constant, Schedule


@dataclass(frozen=True, kw_only=True)
class Training:
    """The `training:` section: how long, in what batches, with what numbers."""

    epochs: Annotated[int, Ge(1), doc("number of passes over the training split")] = 10
    batch_size: Annotated[int, Ge(1), doc("number of examples in one update")] = 100
    precision: Annotated[
        Literal["float32", "float64"], doc("type of the numbers that are trained with")
    ] = "float32"


@dataclass(frozen=True, kw_only=True)
class Overfit:
    """The `overfit:` section: the sanity check that a network can learn a few examples by heart."""

    examples: Annotated[int, Ge(1), doc("number of training examples to learn by heart")] = 20
    updates: Annotated[int, Ge(1), doc("number of full-batch updates to do it in")] = 200
    learning_rate: Annotated[
        Annotated[float, Gt(0)] | None, doc("step size, found by itself unless given")
    ] = None
    balanced: Annotated[bool, doc("whether every class gets the same number of examples")] = False


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The `sweep:` section: what to search, and how much work to spend on it.

    It is validated and kept with a run; the command that searches is planned.

    `space` maps the path of a key, such as `optimizer.learning_rate` or `network.0.units`, to
    what it is drawn from.
    """

    trials: Annotated[int, Ge(1), doc("number of settings to try")] = 100
    epochs: Annotated[int, Ge(1), doc("number of epochs that a trial is trained for")] = 5
    stages: Annotated[
        int, Ge(1), doc("number of rounds, each searching closer around the best so far")
    ] = 2
    space: Annotated[
        Mapping[str, Distribution], MinLen(1), doc("paths of keys and what to draw each from")
    ]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A whole experiment file. Required: `data` and `network`; the rest has defaults.

    The defaults: seed 0, softmax, no penalty, plain gradient descent at 0.01, a constant rate,
    10 epochs in batches of 100, 20 examples to overfit in 200 updates, no sweep.
    """

    seed: Annotated[int, Ge(0), doc("number that all randomness grows from")] = 0
    data: Annotated[Data, doc("where the examples come from and what is done to them")]
    network: Annotated[tuple[Layer, ...], MinLen(1), doc("layers from the input to the scores")]
    loss: Annotated[Loss, doc("what training minimizes")] = field(default_factory=Softmax)
    regularization: Annotated[Regularization, doc("penalties that are added to the loss")] = field(
        default_factory=Regularization
    )
    optimizer: Annotated[Optimizer, doc("rule by which the weights move")] = field(
        default_factory=Sgd
    )
    schedule: Annotated[Schedule, doc("how the learning rate changes over the epochs")] = field(
        default_factory=Constant
    )
    training: Annotated[Training, doc("length and batches of the training")] = field(
        default_factory=Training
    )
    overfit: Annotated[Overfit, doc("settings of the check that overfits a few examples")] = field(
        default_factory=Overfit
    )
    sweep: Annotated[Sweep | None, doc("search for good settings")] = None

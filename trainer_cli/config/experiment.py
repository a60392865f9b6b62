"""What one experiment file says, as settings that the rooms below understand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MinLen, doc

from trainer_cli.config.rules import Rule
from trainer_cli.config.space import Distribution, LogUniform
from trainer_cli.datasets.dataset import Data
from trainer_cli.nn.layers import Layer
from trainer_cli.nn.losses import Loss, Softmax
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Optimizer, Sgd
from trainer_cli.optim.schedules import Constant, Schedule


@dataclass(frozen=True, kw_only=True)
class EarlyStopping:
    """The `training.early_stopping:` section: training ends when it no longer gets better.

    An epoch is an improvement if it is better than the last improvement by more than
    `min_improvement`; NaN never is. After `patience` epochs in a row without one training stops,
    and the parameters of the best epoch are the final ones.
    """

    on: Annotated[
        Literal["validation_accuracy", "validation_loss"], doc("what has to get better")
    ] = "validation_accuracy"
    patience: Annotated[
        int, Ge(1), doc("number of epochs in a row without an improvement to wait for one")
    ] = 10
    min_improvement: Annotated[float, Ge(0), doc("number that a gain must exceed to count")] = 0.0


@dataclass(frozen=True, kw_only=True)
class Training:
    """The `training:` section: how long, in what batches, with what numbers.

    Of several members the first is the network that is trained without `members`; each further
    one has the next seed, for its initial weights and the order of its batches, and the same data.
    `members`, `early_stopping`, `checkpoint_every` and `monitor_every` are for `nntrain train` and
    `nntrain crossval`; checks and sweeps leave them aside.
    """

    epochs: Annotated[int, Ge(1), doc("number of passes over the training split")] = 10
    batch_size: Annotated[int, Ge(1), doc("number of examples in one update")] = 100
    precision: Annotated[
        Literal["float32", "float64"], doc("type of the numbers that are trained with")
    ] = "float32"
    members: Annotated[int, Ge(1), doc("number of networks to train side by side")] = 1
    early_stopping: Annotated[
        EarlyStopping | None, doc("when to stop before the last epoch, never unless given")
    ] = None
    checkpoint_every: Annotated[
        Annotated[int, Ge(1)] | None,
        doc("number of epochs between checkpoints, some seconds of training unless given"),
    ] = None
    monitor_every: Annotated[
        Annotated[int, Ge(1)] | None,
        doc("number of updates between two looks at the layers, chosen unless given"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Overfit:
    """The `overfit:` section: the sanity check that a network can learn a few examples by heart."""

    examples: Annotated[int, Ge(1), doc("number of training examples to learn by heart")] = 20
    updates: Annotated[int, Ge(1), doc("number of full-batch updates to do it in")] = 200
    learning_rate: Annotated[
        Annotated[float, Gt(0)] | None, doc("step size, found by itself unless given")
    ] = None
    balanced: Annotated[bool, doc("whether every class gets the same number of examples")] = False


# "More than 3 times the original cost" is the lecture's rule for giving up on a learning rate
# (CS231n, "Babysitting the learning process").
ABORT_RATIO = 3.0
# All settings of a stage are drawn and checked before its first trial: a tenth of a minute for
# 10,000, and no search of this kind gains from more.
MOST_TRIALS = 10_000


def usual_space() -> Mapping[str, Distribution]:
    """Return what is searched unless a file says otherwise: learning rate and L2 penalty."""
    return {
        "optimizer.learning_rate": LogUniform(low=1e-6, high=1.0),
        "regularization.l2": LogUniform(low=1e-5, high=1e2),
    }


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The `sweep:` section: what to search, how, and how much work to spend on it.

    `space` maps the path of a key, such as `optimizer.learning_rate` or `network.0.units`, to
    what it is drawn from.

    Samplers: `random` draws every key by itself; `grid` takes all combinations of evenly spread
    values, both ends included, as many of every key as `trials` allow, and all values of a choice;
    `halton` is as free as `random` and fills the space more evenly (scrambled Halton points).

    From stage to stage a number's range shrinks, in log space for log_uniform and log_int. Of the
    finished trials the best quarter by validation accuracy is taken, at least 3. The new range goes
    from the smallest to the largest of their values and on either side further by the mean gap
    between them, rounded outwards; it never leaves the old one. A choice keeps the values that
    occur in that quarter. Seeds are not narrowed, as one is not better than another, and nothing is
    where fewer than 3 trials finished.
    """

    trials: Annotated[
        int, Ge(1), Le(MOST_TRIALS), doc("number of settings to try in every stage")
    ] = 100
    epochs: Annotated[
        int, Ge(1), doc("number of epochs that a trial of the first stage is trained for")
    ] = 5
    stages: Annotated[
        int, Ge(1), doc("number of rounds, each searching closer around the best so far")
    ] = 2
    growth: Annotated[
        int, Ge(1), doc("factor by which the epochs grow from one stage to the next")
    ] = 2
    sampler: Annotated[
        Literal["random", "grid", "halton"], doc("how settings are spread over the space")
    ] = "random"
    abort_ratio: Annotated[
        float, Gt(1), doc("multiple of its own original cost beyond which a trial is given up")
    ] = ABORT_RATIO
    halving: Annotated[
        Annotated[int, Ge(2)] | None,
        doc("factor η by which successive halving thins out the trials, unless left out"),
    ] = None
    stack: Annotated[
        Annotated[int, Ge(1)] | None,
        doc("number of trials trained as one network, chosen for the machine unless given"),
    ] = None
    space: Annotated[
        Mapping[str, Distribution], MinLen(1), doc("paths of keys and what to draw each from")
    ] = field(default_factory=usual_space)


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
    checks: Annotated[
        frozenset[Rule], doc("rules that weigh otherwise or have other thresholds than usual")
    ] = frozenset()

    @property
    def data_seed(self) -> int:
        """The seed that the data are split with: that of the split, or else the experiment's."""
        own = self.data.split.seed
        return self.seed if own is None else own

    def reseeded(self, seed: int) -> "Experiment":
        """Return the experiment with another seed, and the data divided as they are now."""
        split = replace(self.data.split, seed=self.data_seed)
        return replace(self, seed=seed, data=replace(self.data, split=split))

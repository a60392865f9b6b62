"""Rules about how long, how fast and in what batches is trained."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, doc

from trainer_cli.config.rules.ordered import require_at_least, require_at_most
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
    hundredth of the first rate, and the lecture's factor of 0.9 leaves less than a thousandth to
    the last third of 100 epochs.
    """

    type: Literal["schedule-ends-early"] = "schedule-ends-early"
    severity: Severe = "warn"
    least: Annotated[
        float, Gt(0), Lt(1), doc("share of the peak below which a learning rate is next to nothing")
    ] = 1e-3
    idle: Annotated[
        float, Gt(0), Le(1), doc("share of the updates that may go at less than that")
    ] = 0.4


@dataclass(frozen=True, kw_only=True)
class BatchLargerThanData:
    """A batch that is asked for can be filled from the training examples.

    Why: The batches will be as large as all training examples together, and there is one update in
    an epoch: not the training that the number promises. As many as there are examples in all
    splits is a way to ask for all of them, and is let be.
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


@dataclass(frozen=True, kw_only=True)
class MomentumTooHigh:
    """Momentum forgets within the training what the gradients were at its beginning.

    Why: A velocity lasts for about 1 / (1 - momentum) updates. Where that is as long as the
    training, nothing slows the weights down: they run past every minimum, and come back late.
    What to do: Lower it: 0.9 is usual, 0.99 the most. In the adam family it is beta1.
    Fires on: --set optimizer.momentum=0.9999
    Source: CS231n, "Neural Networks Part 3", momentum update, which tries 0.5, 0.9, 0.95 and 0.99.
    On the digits 0.999 brought 3 epochs to the accuracy of 0.9, and 20 epochs to diverge.
    """

    type: Literal["momentum-too-high"] = "momentum-too-high"
    severity: Severe = "warn"
    usual: Annotated[float, Ge(0), Lt(1), doc("largest momentum that is never judged")] = 0.99
    lifetimes: Annotated[
        float, Gt(0), doc("number of lifetimes of a velocity that the training must last for")
    ] = 3.0


@dataclass(frozen=True, kw_only=True)
class LabelSmoothing:
    """Label smoothing leaves most of the target to the right class.

    Why: What is smoothed away is spread over all classes. Near 1 nothing is left that tells the
    right one from the others, and the best that training can do is to give equal scores.
    What to do: Lower loss.label_smoothing: 0.1 is usual.
    Fires on: --set loss='{type: softmax, label_smoothing: 0.99}'
    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision",
    section 7: 0.1. Beyond a half more of a target is smoothing than label.
    """

    type: Literal["label-smoothing"] = "label-smoothing"
    severity: Severe = "fail"
    unusual: Annotated[
        float, Ge(0), Le(1), doc("share that is smoothed away above which it warns")
    ] = 0.5
    wrong: Annotated[
        float, Gt(0), Le(1), doc("share that is smoothed away from which on it fails")
    ] = 0.9

    def __post_init__(self) -> None:
        require_at_least(self, "wrong", "unusual")


@dataclass(frozen=True, kw_only=True)
class ClassWeights:
    """No class weight makes the loss pass over a class.

    Why: The loss is a weighted mean. A class that counts for next to nothing in it is not learned,
    however many examples it has; one whose weight is far above all others leaves them nothing.
    What to do: Bring the weights closer together. Those that make up for unequal numbers are the
    number of all examples / (classes x examples of the class).
    Fires on: --set loss='{type: softmax, class_weights: [1e-6, 1, 1, 1, 1, 1, 1, 1, 1, 1]}'
    Source: Arithmetic. A thousandth of an equal share is a choice: a class that is rare in the data
    is not reported where its weight does not make it rarer.
    """

    type: Literal["class-weights"] = "class-weights"
    severity: Severe = "warn"
    least: Annotated[
        float, Gt(0), Lt(1), doc("share of an equal part of the loss that a class must have")
    ] = 1e-3


@dataclass(frozen=True, kw_only=True)
class SvmMargin:
    """The margin of a hinge loss suits scores of a usual size.

    Why: Scores of an untrained network are about 1. A margin far below that is had as soon as a
    score is ahead at all, and nothing is asked for beyond; one far above it needs weights that
    rates and penalties of a usual size never reach.
    What to do: Leave loss.margin at 1. How far scores lie apart is a matter of the penalty.
    Fires on: --set loss='{type: svm, margin: 1e-4}'
    Source: CS231n, "Linear Classification", setting delta: 1.0 is safe in all cases.
    """

    type: Literal["svm-margin"] = "svm-margin"
    severity: Severe = "warn"
    smallest: Annotated[float, Ge(0), doc("smallest margin that is not odd")] = 0.01
    largest: Annotated[float, Gt(0), doc("largest margin that is not odd")] = 100.0

    def __post_init__(self) -> None:
        require_at_most(self, "smallest", "largest")


@dataclass(frozen=True, kw_only=True)
class BatchNormValues:
    """Batch normalization has enough values of a feature in a batch to measure them by.

    Why: Of two values one is always the larger: normalized they are 1 and -1, whatever they were.
    What the network has learned of an example is gone, and evaluation, which goes by running
    averages, sees other values than training.
    What to do: Raise training.batch_size, or take batch_norm out of the network.
    Fires on: --set network.1=batch_norm --set training.batch_size=2
    Source: Wu and He 2018, "Group Normalization", figure 1: the error rises as batches get small.
    """

    type: Literal["batch-norm-values"] = "batch-norm-values"
    severity: Severe = "warn"
    fewest: Annotated[int, Ge(1), doc("number of values of a feature below which it warns")] = 4


@dataclass(frozen=True, kw_only=True)
class WeightDecayTooStrong:
    """The optimizer's decay leaves the weights what many updates have made of them.

    Why: Every update makes the weights smaller by the share rate x decay, so that what a gradient
    has added is gone after 1 / (rate x decay) updates. Where these are a handful, the weights hold
    the last few batches, and nothing that it takes longer to learn.
    What to do: Lower optimizer.weight_decay: 1e-4 to 1e-2 is usual.
    Fires on: --set optimizer.weight_decay=5
    Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization". Usual settings
    take off less than a thousandth: 0.1 x 5e-4 of gradient descent, 1e-3 x 0.1 of AdamW.
    """

    type: Literal["weight-decay-too-strong"] = "weight-decay-too-strong"
    severity: Severe = "fail"
    unusual: Annotated[
        float, Gt(0), doc("share of the weights that an update may take off before it warns")
    ] = 0.1
    wrong: Annotated[
        float, Gt(0), doc("share of the weights taken off by an update from which on it fails")
    ] = 0.5

    def __post_init__(self) -> None:
        require_at_least(self, "wrong", "unusual")

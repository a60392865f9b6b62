"""Rules about accuracies: on training, validation and test examples, and from fold to fold."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class ValidationWorseThanChance:
    """What was learned from the training examples is worth something on the validation examples.

    Why: A network that knows its training examples and guesses the others has learned nothing that
    carries over: the two splits do not belong together, or labels do not follow from inputs.
    What to do: Compare validation with training examples: labels shifted or shuffled, other units,
    features in another order.
    Fires on: validation labels that are off by one.
    Source: chance is what naming the largest class, or any class, gives; 95 % interval of Wilson
    1927. Training accuracy must be above it by the gap that is big for overfitting.
    """

    type: Literal["validation-worse-than-chance"] = "validation-worse-than-chance"
    severity: Severe = "warn"
    gap: Annotated[
        float, Gt(0), Lt(1), doc("gap to the training accuracy without which nothing is said")
    ] = 0.2


@dataclass(frozen=True, kw_only=True)
class Underfitting:
    """The final network does about as well on its training examples as nearest neighbours would.

    Why: Low accuracy without a gap means too small a network, one held too tightly, or data that
    allow no more. The plainest classifier there is tells these apart, and what holds a network back
    (penalties, decay, noise) is left out in a trial. A network that names the largest class every
    time has learned nothing of the others.
    What to do: Less of what holds it back, else more units or layers, or more epochs; class_weights
    where one class is far larger than the others.
    Fires on: nntrain train --set network.0.units=1
    Source: CS231n, "Neural Networks Part 3", section Train/val accuracy, and "Image
    Classification" for k nearest neighbours, here 10. A tenth is more than two kinds of classifier
    differ by in most tasks.
    """

    type: Literal["underfitting"] = "underfitting"
    severity: Severe = "warn"
    margin: Annotated[
        float, Gt(0), Lt(1), doc("accuracy by which neighbours must do better than the network")
    ] = 0.1


@dataclass(frozen=True, kw_only=True)
class Overfitting:
    """The training accuracy is not far above the validation accuracy.

    Why: What a network knows of its training examples alone is learned by heart.
    What to do: More regularization (l2, dropout), augmentation, more training examples, a smaller
    network, or training.early_stopping.
    Fires on: nntrain train --set data.split='{train: 50, validation: 500, test: 500}'
    Source: CS231n, "Neural Networks Part 3", section Train/val accuracy. The gap counts as far as
    the validation examples are enough to be sure of it (95 %). The lecture's network on CIFAR-10
    has 0.1 after ten epochs; good runs on the digits, all but by heart, are sure of 0.02.
    """

    type: Literal["overfitting"] = "overfitting"
    severity: Severe = "warn"
    gap: Annotated[float, Gt(0), Lt(1), doc("gap that is big in any case")] = 0.2
    gap_by_heart: Annotated[
        float, Gt(0), Lt(1), doc("gap that is big where it is at least half of all errors")
    ] = 0.07


@dataclass(frozen=True, kw_only=True)
class AccuracyOnTest:
    """On the test set the network is better beyond doubt than naming the largest class every time.

    Why: An accuracy is worth what it is above that of knowing nothing.
    What to do: Look at what nntrain diagnose says of the run; at labels in another order than the
    examples; a larger test set gives a shorter interval.
    Fires on: the evaluation of a network that was trained at a rate of 1e-9.
    Source: 95 % interval of Wilson 1927, "Probable inference, the law of succession, and
    statistical inference".
    """

    type: Literal["test-accuracy"] = "test-accuracy"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class ReuseOfTest:
    """The run is evaluated on its test set for the first time.

    Why: Whoever chooses by the test score fits the test set, and it is a test no more.
    What to do: Choose by validation accuracy, and evaluate once, at the very end.
    Fires on: a second nntrain evaluate of the same run.
    Source: CS231n, "Image Classification", section Validation sets for hyperparameter tuning:
    "Evaluate on the test set only a single time, at the very end."
    """

    type: Literal["test-set-reuse"] = "test-set-reuse"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class UnfinishedRun:
    """Training has come to its end before a run is evaluated, or predicts.

    Why: The weights of a run that was interrupted or killed are not those that it would end with,
    and to look at the test set again once it has ended is one look too many.
    What to do: Go on with nntrain train --resume RUN, unless the run was given up on purpose.
    Fires on: the evaluation of a run that was stopped by Ctrl-C.
    Source: the last line of metrics.jsonl says why training stopped.
    """

    type: Literal["unfinished-run"] = "unfinished-run"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class Crossval:
    """Over all folds the network is better beyond doubt than naming the largest class every time.

    Why: An accuracy is worth what it is above that of knowing nothing.
    What to do: Look at one run first: nntrain train, and what it says.
    Fires on: nntrain crossval --set optimizer.learning_rate=1e-9 --set training.epochs=1
    Source: 95 % interval of Wilson 1927; every example is validated on once.
    """

    type: Literal["crossval"] = "crossval"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class FoldSpread:
    """The accuracies of the folds differ no more than chance makes them.

    Why: Where they do, the mean says little: one part of the data is unlike the rest, or training
    comes out differently from one time to the next.
    What to do: Train with another seed. If another fold is the worst then, train longer or at a
    lower rate; if not, look at the examples of that fold.
    Fires on: one of five folds with 100 errors more than the others in 400 examples.
    Source: if all folds are alike, their errors are dealt out to them blindly: multivariate
    hypergeometric law, 10,000 deals. One in a thousand is seldom enough for no false alarm.
    """

    type: Literal["fold-spread"] = "fold-spread"
    severity: Severe = "warn"
    chance: Annotated[
        float, Ge(1e-4), Le(0.5), doc("share of blind deals below which folds are no longer alike")
    ] = 1e-3


@dataclass(frozen=True, kw_only=True)
class StoppingLeftAside:
    """Cross-validation trains every fold to its last epoch; this is told, and never judged.

    Why: Early stopping would choose the epoch by the examples that the fold is judged by, which
    flatters.
    What to do: Set training.epochs to the number of epochs that nntrain train stops after.
    Fires on: nothing; it says so where the experiment has training.early_stopping.
    Source: Hastie et al. 2009, "The Elements of Statistical Learning", section 7.10.2: whatever
    chooses by the outcome belongs inside the folds.
    """

    type: Literal["early-stopping"] = "early-stopping"
    severity: Severe = "ignore"

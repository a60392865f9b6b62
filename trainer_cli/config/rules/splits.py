"""Rules about the splits of the data, and about what is fitted to one of them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class PreprocessingLeak:
    """Preprocessing is fitted to the training examples alone, and the same for every split.

    Why: A mean image that has seen the validation examples lets them into the training: what is
    measured on them is no longer what new examples will show. One fitted anew for each split
    changes what a value means.
    What to do: Split first, then fit mean and scale on the training examples, then apply both to
    all splits.
    Fires on: a mean image of all examples instead of those for training.
    Source: CS231n, "Neural Networks Part 2", section Data Preprocessing, "Common pitfall". The same
    examples give the same numbers but for rounding; one validation example in a thousand shifts
    them by more than the tolerance. It warns where stored features have mean 0 and deviation 1 over
    all examples to four decimals, which those for training alone do not have by chance.
    """

    type: Literal["preprocessing-leak"] = "preprocessing-leak"
    severity: Severe = "fail"
    tolerance: Annotated[
        float, Gt(0), Le(1), doc("difference from a fit to training alone, in standard deviations")
    ] = 1e-5


@dataclass(frozen=True, kw_only=True)
class SplitLeak:
    """No example is in two splits.

    Why: A network can remember what it was trained on. Accuracy on such examples says nothing about
    new ones, and makes an overfitted network look best.
    What to do: Drop duplicates before the data are split, and take out of training what is in the
    other splits.
    Fires on: validation examples appended to the training examples.
    Source: Barz and Denzler 2020, "Do we train on test data?": sound data sets hold some duplicates
    by accident. Digits has none; inputs that can take few values have many, and are then compared
    with the duplicates within the training split. Where there are none, copies with a little noise
    are looked for, which are far nearer than any second neighbour; it warns of them.
    """

    type: Literal["split-leak"] = "split-leak"
    severity: Severe = "fail"
    share: Annotated[
        float, Ge(0), Le(1), doc("share of a split's examples that may also be in another")
    ] = 0.01
    wrong_share: Annotated[
        float,
        Ge(0),
        Le(1),
        doc("share beyond that of duplicates within training from which on it fails"),
    ] = 0.1


@dataclass(frozen=True, kw_only=True)
class SplitScale:
    """Values vary by the same size in every split.

    Why: A network sees values that are ten or a hundred times too small as a constant, and those
    that are too large as what it has never been trained on. Accuracy on that split is then chance.
    What to do: Bring all files to the same units before they are saved: pixels from 0 to 255 or
    from 0 to 1, not one here and one there.
    Fires on: a test set whose pixels are divided by 255, beside a training set where they are not.
    Source: what years, places and cameras change is less than a factor of 4 (measured is the median
    over the features, so that a few of them may change by more); a unit forgotten is one of 10,
    16, 100, 255 or 1,000.
    """

    type: Literal["split-scale"] = "split-scale"
    severity: Severe = "fail"
    factor: Annotated[
        float, Gt(1), Le(1e9), doc("factor between the splits that is not yet another unit")
    ] = 4.0


@dataclass(frozen=True, kw_only=True)
class SplitDrift:
    """Validation and test examples are distributed and labelled like those for training.

    Why: A network learns what it is shown. Of images that are inverted, or of classes that have
    other numbers, it knows nothing, and accuracy on them says nothing about the network.
    What to do: Look at some examples of each split beside their labels; make all splits by the same
    code from the same data.
    Fires on: a test set whose labels start at 1, beside training labels that start at 0.
    Source: the means of splits that are drawn by lot are apart by 1/√n standard deviations, those
    of other years and cameras by some tenths. Nearest neighbours in training (Cover and Hart 1967)
    recognize examples of another split about as well as training examples; it warns where a quarter
    of what they recognize beyond chance is left.
    """

    type: Literal["split-drift"] = "split-drift"
    severity: Severe = "warn"
    distance: Annotated[
        float,
        Gt(0),
        Le(1000),
        doc("distance of the means, in standard deviations, that is not yet another distribution"),
    ] = 1.0
    kept: Annotated[
        float,
        Gt(0),
        Le(1),
        doc("share of what neighbours recognize beyond chance that is not too little"),
    ] = 0.25


@dataclass(frozen=True, kw_only=True)
class SmallSplit:
    """Validation and test splits are large enough to judge a network by, as far as data allow.

    Why: An accuracy counted on twenty examples is known to 20 percentage points either way: neither
    two networks nor two settings can be told apart by it.
    What to do: Give validation and test more of the data, or use nntrain crossval, which validates
    on every example in turn.
    Fires on: nntrain check-data --set data.split='{train: 1000, validation: 8}'
    Source: Wilson 1927, the 95 % interval of a share, here of one half, where it is widest: 20
    examples. A split that has a tenth of all examples is not blamed for there being few.
    """

    type: Literal["small-split"] = "small-split"
    severity: Severe = "warn"
    widest: Annotated[
        float, Gt(0), Le(1), doc("width of the 95 % interval of an accuracy that is not too wide")
    ] = 0.4

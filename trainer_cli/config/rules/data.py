"""Rules about the inputs of the data, their preprocessing and their splits."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class NonFiniteValues:
    """Every value is a finite number, as stored and after preprocessing.

    Why: One NaN in one example makes every weight NaN with the first batch that holds it.
    What to do: Fill or drop what is missing before the data are saved; where only preprocessing
    makes it, look for features that hardly vary and for values far out.
    Fires on: a NaN in the inputs. Files that hold one are refused before any check.
    Source: arithmetic alone, so there is no threshold.
    """

    type: Literal["non-finite-values"] = "non-finite-values"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class ConstantFeatures:
    """Most features differ from one training example to another.

    Why: A feature that is always the same tells nothing. Many of them point to a column that was
    read wrongly, to images in a corner of a large frame, or to preprocessing that flattens them.
    What to do: Look at the columns that the message names, and at data.preprocess.
    Fires on: nntrain check-data --set data='{source: synthetic, features: 1, classes: 10,
    preprocess: [per_image_mean]}'
    Source: the margin around an image is constant in MNIST (67 of 784 pixels) and harmless, so it
    is not counted; of what is left, less than half is constant in sparse but sound tables.
    """

    type: Literal["constant-features"] = "constant-features"
    severity: Severe = "fail"
    share: Annotated[
        float, Ge(0), Le(1), doc("share of constant features that is not yet suspicious")
    ] = 0.5


@dataclass(frozen=True, kw_only=True)
class UnscaledInputs:
    """The size of the inputs suits the weights that the network starts with.

    Why: Initializers take inputs of about 1 for granted. Pixels from 0 to 255 make scores a hundred
    times too far apart and gradients that explode at the usual rates; inputs of a thousandth make a
    network that hardly learns. Small weights, batch normalization or lsuv can make up for both.
    What to do: Add standardize, or scale by the largest value, to data.preprocess; once, not twice.
    Fires on: nntrain check-data --set data.preprocess='[]'
    Source: CS231n, "Neural Networks Part 2", section Data Preprocessing; He et al. 2015, whose
    derivation starts from inputs of variance 1. Judged is what reaches the first layer's
    nonlinearity: 1.4 with he and standardized inputs, 11 with digits from 0 to 16.
    """

    type: Literal["unscaled-inputs"] = "unscaled-inputs"
    severity: Severe = "warn"
    largest: Annotated[
        float, Gt(0), Le(1e6), doc("root mean square of inputs and signal that is not too large")
    ] = 5.0
    smallest: Annotated[
        float, Gt(0), Le(1), doc("root mean square of inputs and signal that is not too small")
    ] = 0.005


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
    them by more than the tolerance.
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
    with the duplicates within the training split.
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

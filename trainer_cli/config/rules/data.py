"""Rules about the inputs of the data: values, sizes, images."""

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
class ShuffledFeatures:
    """The order of the values within an example says something, where examples are images.

    Why: Where every image was shuffled or reshaped by itself, a pixel means another place in each.
    What a network can still learn is how bright and how varied an image is.
    What to do: Look at some examples as pictures. If they are noise on purpose, with labels that
    do not depend on where a value is, set checks.shuffled-features to ignore.
    Fires on: digits whose pixels are in a random order, another one for each image.
    Source: a permutation test (Good 2005, "Permutation, Parametric and Bootstrap Tests"): how far
    examples agree with each other, within a class and from place to place is compared with 20 new
    orders of the values of each example. Digits are some hundred standard deviations beyond them.
    """

    type: Literal["shuffled-features"] = "shuffled-features"
    severity: Severe = "warn"
    deviations: Annotated[
        float, Gt(0), Le(100), doc("standard deviations beyond random orders that are an order")
    ] = 6.0


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
    nonlinearity: 1.4 with he and standardized inputs, 11 with digits from 0 to 16. It fails where
    inputs and signal are ten times smaller still, and warns otherwise. Features of very different
    size are blamed where neighbours recognize more examples once they are of one size.
    """

    type: Literal["unscaled-inputs"] = "unscaled-inputs"
    severity: Severe = "fail"
    largest: Annotated[
        float, Gt(0), Le(1e6), doc("root mean square of inputs and signal that is not too large")
    ] = 5.0
    smallest: Annotated[
        float, Gt(0), Le(1), doc("root mean square of inputs and signal that is not too small")
    ] = 0.005
    columns: Annotated[
        float, Gt(1), Le(1e30), doc("ratio of two features' deviations that is not too large")
    ] = 1000.0


@dataclass(frozen=True, kw_only=True)
class ImageLayout:
    """Images have their channels last: height, width, channels.

    Why: Other tools keep the channels first, (N, C, H, W). Taken for (N, H, W, C), such an image
    has three rows and as many channels as it was wide, and convolution and pooling look for
    neighbours where there are none.
    What to do: Save X.transpose(0, 2, 3, 1).
    Fires on: an .npz file whose X is (1000, 3, 32, 32).
    Source: nobody has square images of 1 or 3 rows, with channels for columns, but by this mistake.
    """

    type: Literal["image-layout"] = "image-layout"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class BlankExamples:
    """Few examples are blank: one value, and nothing else.

    Why: Blank examples of all classes look the same. Nothing can be learned from them, and they
    hide behind other findings, such as equal examples with different labels.
    What to do: Look how the examples were made: an array of zeros that was filled only in part is
    the usual cause, and a file that was not found. Leave out what is blank.
    Fires on: images of which every second one is black.
    Source: one image in five is more than a camera's cap explains. Features that are often zero are
    zero together by chance: three times as many as that are blamed.
    """

    type: Literal["blank-examples"] = "blank-examples"
    severity: Severe = "warn"
    share: Annotated[
        float, Ge(0), Le(1), doc("share of the training examples that may be blank")
    ] = 0.2


@dataclass(frozen=True, kw_only=True)
class FarOutValues:
    """No value lies so far outside of all others that it can only be an error or a code.

    Why: Beside a cell of 1e7 all other values of its feature become the same number once they are
    standardized; a code such as -999 for what is missing is taken for a measurement.
    What to do: Correct or leave out errors; fill in what is missing before the data are saved, and
    add a column that tells where it was.
    Fires on: a table with -999 in some cells of columns that are between -3 and 3 otherwise.
    Source: a code is one exact value at an end, five times the range of all others away from them.
    Errors are a few cells 1,000 times further out than the next, for the sake of which the middle
    eight tenths are narrower than 1 % of a standard deviation; heavy tails have values in between.
    """

    type: Literal["far-out-values"] = "far-out-values"
    severity: Severe = "warn"
    narrow: Annotated[
        float,
        Gt(0),
        Le(1),
        doc("width of the middle values, in standard deviations, that is not yet too narrow"),
    ] = 0.01


@dataclass(frozen=True, kw_only=True)
class AugmentationChangesClass:
    """Mirrored images can still be recognized as what they are.

    Why: An augmentation promises that the label stays right. Mirrored, a 2 is no 2 and b is d; a
    network that is trained on them spends itself on examples that will never come.
    What to do: Take flip out of data.augment; random_crop, jitter and noise are made for any image.
    Fires on: nntrain check-data --set data.augment='[flip]'
    Source: CS231n lectures, "Data Augmentation"; Krizhevsky et al. 2012 mirror natural images,
    which their nearest neighbours recognize as well as the originals. Of digits they recognize
    30 % mirrored, and 97 % as they are.
    """

    type: Literal["augmentation-changes-class"] = "augmentation-changes-class"
    severity: Severe = "warn"
    lost: Annotated[
        float,
        Gt(0),
        Le(1),
        doc("share of what neighbours recognize beyond chance that may be lost by mirroring"),
    ] = 0.5

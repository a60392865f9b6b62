"""Rules about the labels of the data, alone and together with the inputs."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class LabelRange:
    """Labels are the whole numbers 0 to C - 1, from 0 on.

    Why: A label is the number of the score that should be largest. Labels from 1 to C make a
    network with an output too many, which is never right; others belong to no output.
    What to do: Subtract 1 from labels that start at 1, and give the output layer one unit less.
    Fires on: an .npz file whose labels are 1 to 10: the output layer then needs 11 units.
    Source: the definition of the losses, so there is no threshold. It warns where the experiment
    file says itself how many classes there are, and fails where that was found in the labels.
    """

    type: Literal["label-range"] = "label-range"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class MissingClasses:
    """Every class has examples for training, and for validation and test where it should.

    Why: A class without training examples is never learned; one without validation examples is
    never judged.
    What to do: Leave data.split.stratified at true, look how the files were made, or set
    data.classes to the number of classes there are.
    Fires on: an .npz file of 10 classes with data.classes=12, and as many units.
    Source: of ten examples expected by the class's share of the training split, none is left by
    chance in e^-10 = 1 of 22,000 splits (Poisson).
    """

    type: Literal["missing-classes"] = "missing-classes"
    severity: Severe = "warn"
    expected: Annotated[
        float,
        Gt(0),
        Le(1e6),
        doc("number of examples of a class expected in a split that must have some"),
    ] = 10.0


@dataclass(frozen=True, kw_only=True)
class ClassImbalance:
    """No class of the training split has very many times the examples of another.

    Why: Whoever always names the largest class is nearly always right then, so that accuracy says
    little, and the rare classes have next to no weight in the loss.
    What to do: Set loss.class_weights, collect more of the rare classes, and judge each class by
    its own accuracy (nntrain evaluate shows them).
    Fires on: an .npz file with 980 examples of one class and 10 of the other.
    Source: He and Garcia 2009, "Learning from imbalanced data", call ratios of 100 to 1 and beyond
    imbalanced; at 50 to 1 between two classes the larger one alone makes 98 % accuracy.
    """

    type: Literal["class-imbalance"] = "class-imbalance"
    severity: Severe = "warn"
    ratio: Annotated[
        float, Gt(1), Le(1e9), doc("multiple of the smallest class that the largest may be")
    ] = 50.0


@dataclass(frozen=True, kw_only=True)
class ClassSpelling:
    """No class is written in two ways.

    Why: What differs by a space or a capital letter becomes two classes, which no network can tell
    apart, as they are one.
    What to do: Write each class in one way before the data are saved.
    Fires on: a CSV file with the labels cat and Cat.
    Source: names are compared without spaces and case; those of one letter are left alone.
    """

    type: Literal["class-spelling"] = "class-spelling"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class ContradictoryLabels:
    """The same example has the same label wherever it occurs.

    Why: Of two labels for one input at most one is right. No network can learn both, and the cost
    cannot reach 0.
    What to do: Look at the examples that the message names; keep the right label or drop both.
    Fires on: training examples appended once more, with other labels.
    Source: Northcutt, Athalye and Mueller 2021, "Pervasive label errors in test sets", find 0.15 to
    10 % wrong labels in well-known data, exact duplicates with two labels being a small part. Where
    inputs can take few values, equal ones with different labels are noise and not counted.
    """

    type: Literal["contradictory-labels"] = "contradictory-labels"
    severity: Severe = "warn"
    share: Annotated[
        float, Ge(0), Le(1), doc("share of examples that may have a twin with another label")
    ] = 0.01


@dataclass(frozen=True, kw_only=True)
class UnrelatedLabels:
    """Labels depend on the inputs: something predicts them better than shuffled labels.

    Why: Where inputs and labels were put in different orders, a network can still learn the
    training examples by heart, its cost falls, and validation stays at chance.
    What to do: Look whether inputs and labels were shuffled, sorted or filtered apart, and at some
    examples beside their labels.
    Fires on: nntrain check-data --set data='{source: synthetic, kind: gaussian, classes: 10}'
    Source: a permutation test (Ojala and Garriga 2010), here of five probes: neighbours, twins, and
    ridge regression on the features, their products, and a Gaussian kernel. Each compares its
    success with that on 100 shuffled labels; the best of them is beyond 2.5 standard deviations by
    chance in 2 of 100 cases (measured), and labels that weakly depend on inputs seldom below it.
    It warns too where neighbours share their labels in one part of the file and not in another,
    and where sorted labels are told by the place in the file alone.
    """

    type: Literal["unrelated-labels"] = "unrelated-labels"
    severity: Severe = "warn"
    deviations: Annotated[
        float, Gt(0), Le(100), doc("standard deviations above shuffled labels that are enough")
    ] = 2.5
    examples: Annotated[
        int,
        Ge(10),
        Le(1_000_000),
        doc("number of training examples without which it is not judged"),
    ] = 200


@dataclass(frozen=True, kw_only=True)
class LabelAmongFeatures:
    """No column of a table is the label over again.

    Why: A network that is given the answer learns to copy it, and nothing else. On new data, where
    nobody knows the answer yet, it fails.
    What to do: Leave out the column that the message names, and whatever else is made from the
    label or known only after it.
    Fires on: a table in which the column of labels stands among the features too.
    Source: Kaufman, Rosset and Perlich 2012, "Leakage in data mining". Judged are tables whose
    other features vary within the classes and take more values than there are classes; images and
    tables of bits are not. The label is looked for in one column, in the other columns of its
    one-hot code, and in row numbers of a table that is sorted by class.
    """

    type: Literal["label-among-features"] = "label-among-features"
    severity: Severe = "warn"

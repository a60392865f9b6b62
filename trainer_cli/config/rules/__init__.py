"""The rules that nntrain judges by: what each means, how much it weighs, and its thresholds."""

from collections.abc import Iterable
from typing import TypeVar, get_args

from trainer_cli.config.rules.accuracy import (
    AccuracyOnTest,
    Crossval,
    FoldSpread,
    Overfitting,
    ReuseOfTest,
    StoppingLeftAside,
    Underfitting,
    UnfinishedRun,
    ValidationWorseThanChance,
)
from trainer_cli.config.rules.baseline import InputIndependence
from trainer_cli.config.rules.curve import NoisyCost, Plateau, SlowStart
from trainer_cli.config.rules.data import (
    ConstantFeatures,
    NonFiniteValues,
    PreprocessingLeak,
    SmallSplit,
    SplitLeak,
    UnscaledInputs,
)
from trainer_cli.config.rules.gradient import (
    GradientAtStart,
    GradientTrained,
    PenaltyGradientAtStart,
    PenaltyGradientTrained,
)
from trainer_cli.config.rules.independence import BatchIndependence
from trainer_cli.config.rules.initial_loss import InitialLoss, LossAtZeroScores
from trainer_cli.config.rules.labels import (
    ClassImbalance,
    ContradictoryLabels,
    LabelRange,
    MissingClasses,
    UnrelatedLabels,
)
from trainer_cli.config.rules.learning_rate import (
    LearningRateTooHigh,
    LearningRateTooLow,
    UpdateRatio,
)
from trainer_cli.config.rules.network import (
    Bottleneck,
    ConstantInitialization,
    DropoutPlacement,
    MissingNonlinearity,
    OutputActivation,
    OutputUnits,
)
from trainer_cli.config.rules.overfit import LearnsByHeart
from trainer_cli.config.rules.rate import LearningRateUnstable
from trainer_cli.config.rules.regularization import (
    MaxNorm,
    RegularizationGradient,
    RegularizationLoss,
)
from trainer_cli.config.rules.settings import (
    BatchLargerThanData,
    PatienceLongerThanRun,
    ScheduleEndsEarly,
    TooFewUpdates,
)
from trainer_cli.config.rules.severity import SEVERITIES, Weight
from trainer_cli.config.rules.signals import (
    DeadUnits,
    ExplodingActivations,
    ExplodingGradient,
    IdenticalUnits,
    SaturatedUnits,
    VanishingActivations,
    VanishingGradient,
)
from trainer_cli.config.rules.sweep import (
    AllDiverged,
    AllTooLow,
    BestAtEdge,
    FewTrials,
    Flat,
    LearningRateRegions,
    MostlyInfeasible,
    WinnerWithinNoise,
)

Rule = (
    AccuracyOnTest
    | AllDiverged
    | AllTooLow
    | BatchIndependence
    | BatchLargerThanData
    | BestAtEdge
    | Bottleneck
    | ClassImbalance
    | ConstantFeatures
    | ConstantInitialization
    | ContradictoryLabels
    | Crossval
    | DeadUnits
    | DropoutPlacement
    | ExplodingActivations
    | ExplodingGradient
    | FewTrials
    | Flat
    | FoldSpread
    | GradientAtStart
    | GradientTrained
    | IdenticalUnits
    | InitialLoss
    | InputIndependence
    | LabelRange
    | LearningRateRegions
    | LearningRateTooHigh
    | LearningRateTooLow
    | LearningRateUnstable
    | LearnsByHeart
    | LossAtZeroScores
    | MaxNorm
    | MissingClasses
    | MissingNonlinearity
    | MostlyInfeasible
    | NoisyCost
    | NonFiniteValues
    | OutputActivation
    | OutputUnits
    | Overfitting
    | PatienceLongerThanRun
    | PenaltyGradientAtStart
    | PenaltyGradientTrained
    | Plateau
    | PreprocessingLeak
    | RegularizationGradient
    | RegularizationLoss
    | ReuseOfTest
    | SaturatedUnits
    | ScheduleEndsEarly
    | SlowStart
    | SmallSplit
    | SplitLeak
    | StoppingLeftAside
    | TooFewUpdates
    | Underfitting
    | UnfinishedRun
    | UnrelatedLabels
    | UnscaledInputs
    | UpdateRatio
    | ValidationWorseThanChance
    | VanishingActivations
    | VanishingGradient
    | WinnerWithinNoise
)

RULES: tuple[type[Rule], ...] = get_args(Rule)

R = TypeVar("R", bound=Rule)

__all__ = [
    "RULES",
    "SEVERITIES",
    "AccuracyOnTest",
    "AllDiverged",
    "AllTooLow",
    "BatchIndependence",
    "BatchLargerThanData",
    "BestAtEdge",
    "Bottleneck",
    "ClassImbalance",
    "ConstantFeatures",
    "ConstantInitialization",
    "ContradictoryLabels",
    "Crossval",
    "DeadUnits",
    "DropoutPlacement",
    "ExplodingActivations",
    "ExplodingGradient",
    "FewTrials",
    "Flat",
    "FoldSpread",
    "GradientAtStart",
    "GradientTrained",
    "IdenticalUnits",
    "InitialLoss",
    "InputIndependence",
    "LabelRange",
    "LearningRateRegions",
    "LearningRateTooHigh",
    "LearningRateTooLow",
    "LearningRateUnstable",
    "LearnsByHeart",
    "LossAtZeroScores",
    "MaxNorm",
    "MissingClasses",
    "MissingNonlinearity",
    "MostlyInfeasible",
    "NoisyCost",
    "NonFiniteValues",
    "OutputActivation",
    "OutputUnits",
    "Overfitting",
    "PatienceLongerThanRun",
    "PenaltyGradientAtStart",
    "PenaltyGradientTrained",
    "Plateau",
    "PreprocessingLeak",
    "RegularizationGradient",
    "RegularizationLoss",
    "ReuseOfTest",
    "Rule",
    "SaturatedUnits",
    "ScheduleEndsEarly",
    "SlowStart",
    "SmallSplit",
    "SplitLeak",
    "StoppingLeftAside",
    "TooFewUpdates",
    "Underfitting",
    "UnfinishedRun",
    "UnrelatedLabels",
    "UnscaledInputs",
    "UpdateRatio",
    "ValidationWorseThanChance",
    "VanishingActivations",
    "VanishingGradient",
    "Weight",
    "WinnerWithinNoise",
    "rule_of",
]


def rule_of(given: Iterable[Rule], kind: type[R]) -> R:
    """Return the settings of a rule: those that an experiment gives, or its own."""
    return next((rule for rule in given if isinstance(rule, kind)), kind())

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
    AugmentationChangesClass,
    BlankExamples,
    ConstantFeatures,
    FarOutValues,
    ImageLayout,
    NonFiniteValues,
    ShuffledFeatures,
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
    ClassSpelling,
    ContradictoryLabels,
    LabelAmongFeatures,
    LabelRange,
    MissingClasses,
    UnrelatedLabels,
)
from trainer_cli.config.rules.learning_rate import (
    LearningRateTooHigh,
    LearningRateTooLow,
    LearningRateUnstable,
    UpdateRatio,
)
from trainer_cli.config.rules.network import (
    Bottleneck,
    ConstantInitialization,
    DropoutPlacement,
    DropoutRate,
    MissingNonlinearity,
    OutputActivation,
    OutputUnits,
    UnregisteredParameters,
    UnusedInputs,
)
from trainer_cli.config.rules.overfit import LearnsByHeart
from trainer_cli.config.rules.regularization import (
    MaxNorm,
    PenaltyOutweighsLoss,
    RegularizationGradient,
    RegularizationLoss,
)
from trainer_cli.config.rules.repeated import (
    DropoutScale,
    NoiseAtTestTime,
    RunningAverages,
    SideEffects,
)
from trainer_cli.config.rules.settings import (
    BatchLargerThanData,
    BatchNormValues,
    ClassWeights,
    LabelSmoothing,
    MomentumTooHigh,
    PatienceLongerThanRun,
    ScheduleEndsEarly,
    SvmMargin,
    TooFewUpdates,
    WeightDecayTooStrong,
)
from trainer_cli.config.rules.severity import SEVERITIES as SEVERITIES
from trainer_cli.config.rules.severity import Weight as Weight
from trainer_cli.config.rules.signals import (
    DeadUnits,
    ExplodingActivations,
    ExplodingGradient,
    IdenticalUnits,
    SaturatedUnits,
    VanishingActivations,
    VanishingGradient,
)
from trainer_cli.config.rules.splits import (
    PreprocessingLeak,
    SmallSplit,
    SplitDrift,
    SplitLeak,
    SplitScale,
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
from trainer_cli.config.rules.updates import (
    BatchContents,
    FrozenParameters,
    MemberIndependence,
    UpdateDirection,
    UpdateFormula,
)

Rule = (
    AccuracyOnTest
    | AllDiverged
    | AllTooLow
    | AugmentationChangesClass
    | BatchContents
    | BatchIndependence
    | BatchLargerThanData
    | BatchNormValues
    | BestAtEdge
    | BlankExamples
    | Bottleneck
    | ClassImbalance
    | ClassSpelling
    | ClassWeights
    | ConstantFeatures
    | ConstantInitialization
    | ContradictoryLabels
    | Crossval
    | DeadUnits
    | DropoutPlacement
    | DropoutRate
    | DropoutScale
    | ExplodingActivations
    | ExplodingGradient
    | FarOutValues
    | FewTrials
    | Flat
    | FoldSpread
    | FrozenParameters
    | GradientAtStart
    | GradientTrained
    | IdenticalUnits
    | ImageLayout
    | InitialLoss
    | InputIndependence
    | LabelAmongFeatures
    | LabelRange
    | LabelSmoothing
    | LearningRateRegions
    | LearningRateTooHigh
    | LearningRateTooLow
    | LearningRateUnstable
    | LearnsByHeart
    | LossAtZeroScores
    | MaxNorm
    | MemberIndependence
    | MissingClasses
    | MissingNonlinearity
    | MomentumTooHigh
    | MostlyInfeasible
    | NoiseAtTestTime
    | NoisyCost
    | NonFiniteValues
    | OutputActivation
    | OutputUnits
    | Overfitting
    | PatienceLongerThanRun
    | PenaltyGradientAtStart
    | PenaltyGradientTrained
    | PenaltyOutweighsLoss
    | Plateau
    | PreprocessingLeak
    | RegularizationGradient
    | RegularizationLoss
    | ReuseOfTest
    | RunningAverages
    | SaturatedUnits
    | ScheduleEndsEarly
    | ShuffledFeatures
    | SideEffects
    | SlowStart
    | SmallSplit
    | SplitDrift
    | SplitLeak
    | SplitScale
    | StoppingLeftAside
    | SvmMargin
    | TooFewUpdates
    | Underfitting
    | UnfinishedRun
    | UnregisteredParameters
    | UnrelatedLabels
    | UnscaledInputs
    | UnusedInputs
    | UpdateDirection
    | UpdateFormula
    | UpdateRatio
    | ValidationWorseThanChance
    | VanishingActivations
    | VanishingGradient
    | WeightDecayTooStrong
    | WinnerWithinNoise
)

RULES: tuple[type[Rule], ...] = get_args(Rule)

R = TypeVar("R", bound=Rule)


def rule_of(given: Iterable[Rule], kind: type[R]) -> R:
    """Return the settings of a rule: those that an experiment gives, or its own."""
    return next((rule for rule in given if isinstance(rule, kind)), kind())

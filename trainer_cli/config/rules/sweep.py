"""Rules about sweeps: is the best trial to be trusted, and where to search next?"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Le, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class AllDiverged:
    """Of the trials that could be trained not nearly all exploded.

    Why: Where all explode, the search tells only that it has to go elsewhere.
    What to do: Search the lower rates, or weaker penalties, that the hint names; where the cost is
    not finite before the first update, look at inputs and initial weights (nntrain check-loss).
    Fires on: nntrain sweep --trials 12 --stages 1 --epochs 1
    --range optimizer.learning_rate=1e3:1e6
    Source: CS231n, "Babysitting the learning process", section Hyperparameter optimization: a cost
    above 3 times the original has exploded (sweep.abort_ratio).
    """

    type: Literal["all-diverged"] = "all-diverged"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class AllTooLow:
    """Of the trials that did not explode at least one learned something.

    Why: The best of many trials that learned nothing is the best by luck alone.
    What to do: Search the higher rates, or those between, that the hint names; where rates of 0.1
    do nothing either, look for inputs of a small scale, dead units, weights that start equal.
    Fires on: nntrain sweep --trials 12 --stages 1 --epochs 1
    --range optimizer.learning_rate=1e-9:1e-7
    Source: CS231n, "Babysitting the learning process", a cost that barely changes; as for a single
    run. A little accuracy says nothing: while the loss barely moves it may rise from 10 to 20 %.
    """

    type: Literal["all-too-low"] = "all-too-low"
    severity: Severe = "fail"
    progress: Annotated[
        float, Gt(0), Lt(1), doc("share of what training can take off the loss that is progress")
    ] = 0.01


@dataclass(frozen=True, kw_only=True)
class MostlyInfeasible:
    """Less than half of the first stage exploded or could not be trained.

    Why: Trials that explode are spent on nothing but the knowledge of where not to search.
    What to do: Search the range that the hint names, where trials survive; leave out of sweep.space
    what does not go together.
    Fires on: nntrain sweep --trials 12 --stages 1 --epochs 1
    --range optimizer.learning_rate=1e-2:1e6
    Source: Godbole et al. 2023, "Deep Learning Tuning Playbook", section Extracting insight from
    experimental results. It warns; where not one trial of the sweep could be trained, it fails.
    """

    type: Literal["mostly-infeasible"] = "mostly-infeasible"
    severity: Severe = "fail"
    most: Annotated[
        float, Gt(0), Lt(1), doc("share of the first stage up to which trials may be lost")
    ] = 0.5


@dataclass(frozen=True, kw_only=True)
class BestAtEdge:
    """The best values do not lie at an end of what was searched.

    Why: Where accuracy still rises at the end of a range, better values may lie beyond it.
    What to do: Search the range that the hint names.
    Fires on: nntrain sweep --trials 24 --stages 1 --epochs 1
    --range optimizer.learning_rate=1e-4:1e-2
    Source: CS231n, "Neural Networks Part 3", section Hyperparameter optimization: be careful with
    best values on border. It warns where the best tenth lies in the outer 30 % of the range and
    accuracy rises over those beyond chance (95 %) without a turn.
    """

    type: Literal["best-at-edge"] = "best-at-edge"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class Flat:
    """It matters which values of the searched keys are taken.

    Why: Where all trials are equally good, the best one is so by luck, and the search has told only
    that the keys do not matter within these ranges.
    What to do: Search wider ranges or other keys; of these values any will do.
    Fires on: nntrain sweep --trials 12 --stages 1 --epochs 1 --range regularization.l2=1e-9:1e-7
    Source: interval of Newcombe 1998, method 10, for the difference of two accuracies. Of 100 equal
    trials some 60 cannot be told from the best, and hardly ever less than a quarter.
    """

    type: Literal["flat"] = "flat"
    severity: Severe = "warn"
    equal_share: Annotated[
        float, Gt(0), Lt(1), doc("share of trials as good as the best from which on it warns")
    ] = 0.25


@dataclass(frozen=True, kw_only=True)
class FewTrials:
    """The first stage has enough trials to come into the best tenth of the space.

    Why: Too few trials miss the region that is worth searching, and later stages search around
    whatever was found.
    What to do: Take as many trials as the hint says; in place of a coarse grid, sampler halton.
    Fires on: nntrain sweep --trials 5 --stages 1 --epochs 1
    Source: Bergstra & Bengio 2012, "Random search for hyper-parameter optimization": n trials come
    into the best tenth with a chance of 1 - 0.9ⁿ, whatever it looks like; 22 make it 90 %.
    """

    type: Literal["few-trials"] = "few-trials"
    severity: Severe = "warn"
    chance: Annotated[
        float, Gt(0), Lt(1), doc("chance to come into the best tenth that is enough")
    ] = 0.9


@dataclass(frozen=True, kw_only=True)
class WinnerWithinNoise:
    """The validation examples are enough to rank trials, and the best one beats the largest class.

    Why: The best of many trials looks better than it is. What cannot be told from it on so many
    examples may as well be better.
    What to do: Give more examples to data.split.validation, or train the best few with several
    seeds.
    Fires on: nntrain sweep --trials 12 --stages 1 --epochs 1 --range regularization.l2=1e-9:1e-7
    --set data.split='{train: 1000, validation: 30, test: 500}'
    Source: 95 % intervals of Wilson 1927 and Newcombe 1998. Between the first and the second half
    of a usual search lie less than 5 points.
    """

    type: Literal["winner-within-noise"] = "winner-within-noise"
    severity: Severe = "warn"
    half_width: Annotated[
        float,
        Gt(0),
        Le(0.5),
        doc("width of half an interval of accuracy that is too coarse to rank trials"),
    ] = 0.05


@dataclass(frozen=True, kw_only=True)
class LearningRateRegions:
    """Which learning rates are too low, usable, and exploding; this is told, and never judged.

    Why: The usable rates, from the lowest to the highest, are what a search for the rate is for.
    What to do: Choose a rate well within the usable ones.
    Fires on: nothing; it is told where the learning rate alone is searched.
    Source: CS231n, "Babysitting the learning process". A rate that takes off a tenth of what the
    best one does would need ten times as many epochs to do as much.
    """

    type: Literal["learning-rate-regions"] = "learning-rate-regions"
    severity: Severe = "ignore"
    too_little: Annotated[
        float,
        Gt(0),
        Lt(1),
        doc("share of what the best rate takes off the loss that is too little"),
    ] = 0.1

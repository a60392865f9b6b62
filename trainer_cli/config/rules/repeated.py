"""Rules about asking a network twice: what must come out the same, and what may be random."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class DropoutScale:
    """Dropout makes the activations no larger or smaller on average than they are at test time.

    Why: Where a share p of the units is silenced, the rest has to make up for it: in training by
    1 / (1 - p), or at test time by 1 - p. Otherwise every layer behind gets values of another size
    at test time than those it was trained on.
    What to do: Divide the mask by the share that is kept, and do nothing at test time.
    Fires on: a mask of zeros and ones without 1 / (1 - p).
    Source: CS231n, "Neural Networks Part 2", section Regularization, inverted dropout. The mean
    over some thousand masks is known to about 1 %.
    """

    type: Literal["dropout-scale"] = "dropout-scale"
    severity: Severe = "fail"
    tolerance: Annotated[
        float, Gt(0), Lt(1), doc("share by which training and evaluation may differ on average")
    ] = 0.05


@dataclass(frozen=True, kw_only=True)
class NoiseAtTestTime:
    """Asked twice for the scores of the same examples, a network gives the same.

    Why: Dropout and other noise belong to training. At test time they cost accuracy, and answers
    change from one call to the next.
    What to do: Draw noise only in training: in loss(X, y) and not in loss(X), or with dropout's
    training=self.training in PyTorch.
    Fires on: dropout that is active at test time too.
    Source: Srivastava et al. 2014, "Dropout", section 1: at test time a single network without
    dropout is used.
    """

    type: Literal["noise-at-test-time"] = "noise-at-test-time"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class RunningAverages:
    """Evaluation goes by averages of the batches that training has normalized.

    Why: At test time there may be no batch to normalize by. Averages that stay as they began let
    every layer behind have values of another size and place than those it was trained on.
    What to do: In training set running = momentum * running + (1 - momentum) * that of the batch,
    and keep it from call to call.
    Fires on: running averages that are computed, and lost at the end of the call.
    Source: Ioffe & Szegedy 2015, "Batch Normalization", algorithm 2.
    """

    type: Literal["running-averages"] = "running-averages"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class SideEffects:
    """Asked twice for loss and gradients, a network gives the same, and leaves its weights alone.

    Why: Gradients that are added to those of the call before make every update a sum over all
    updates so far. Weights that loss changes itself are updated behind the optimizer's back.
    What to do: Begin with new gradients in every call, and leave the update to the optimizer.
    Fires on: gradients that are kept from call to call and added to.
    Source: docs/your-own-network.md: what loss(X, y) returns depends on params, X and y alone, but
    for what dropout draws and for running averages.
    """

    type: Literal["side-effects"] = "side-effects"
    severity: Severe = "fail"

"""Does the network learn more from its inputs than it does without any?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.memorize import choose
from trainer_cli.checks.untrained import root_mean_square
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import InputIndependence, rule_of
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.nn.regularization import Regularization, without_own
from trainer_cli.optim.optimizers import Adam
from trainer_cli.optim.schedules import Constant
from trainer_cli.training.findings import Finding, counted, loss_text
from trainer_cli.training.memory import in_stacks
from trainer_cli.training.noiseless import without_noise
from trainer_cli.training.stack import Stack, assemble
from trainer_cli.training.threads import one_thread

# E examples, F features.
# Few examples can be learned by heart whatever their labels are, so that nothing but the way from
# the inputs to the scores is judged. Adam's steps do not depend on the size of the gradient.
EXAMPLES, UPDATES = 50, 300
RATES = (1e-3, 1e-2, 1e-1)
# Inputs that are smaller than this get lost by themselves.
TINY_INPUTS = 1e-2


@dataclass(frozen=True, kw_only=True)
class _Learned:
    """The lowest loss of all rates and updates, and how many updates it took."""

    loss: float
    updates: int


def check_baseline(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return one finding: on a few examples the loss falls below what class frequencies give.

    The experiment's network learns at most 50 examples, as many of each class, with Adam at three
    rates side by side, until the loss is clearly below that of the best constant scores. If that
    does not happen in 300 updates, the same is done with all inputs put to zero, for comparison.
    Off are regularization, dropout, augmentation and label smoothing.
    Source: Karpathy 2019, "A Recipe for Training Neural Networks", input-independent baseline.
    """
    begun, rule = perf_counter(), rule_of(experiment.checks, InputIndependence)
    chosen = choose(dataset.train.labels, EXAMPLES, balanced=True)
    shares = class_shares(dataset.train.labels[chosen], dataset.classes)
    bare = _bare(experiment)
    constant = bare.loss.at_best_constant(shares)
    if np.count_nonzero(shares) < 2:
        return [_skip("all training examples have the same label", begun)]
    enough = (1 - rule.least) * constant
    with one_thread(), np.errstate(all="ignore"):
        seeing = _learn(bare, dataset, chosen, enough)
        if not np.isfinite(seeing.loss):
            return [_skip("the loss is not finite at any rate", begun)]
        good = seeing.loss < enough
        blind = None if good else _learn(bare, dataset, chosen, enough, without_inputs=True)
    who = counted(len(chosen), "example")
    took = counted(seeing.updates, "update")
    return [
        Finding(
            rule=rule.type,
            status="pass" if blind is None else "fail",
            measured=seeing.loss,
            expected=constant,
            threshold=constant - enough,
            message=f"the network looks at its inputs: after {took} on {who} the loss is "
            f"{loss_text(seeing.loss)}, below what class frequencies alone give, {constant:.4g}"
            if blind is None
            else f"the network learns no more than without inputs: on {who} the loss comes down to "
            f"{loss_text(seeing.loss)}, with all inputs at zero to {loss_text(blind.loss)}, and "
            f"class frequencies alone give {constant:.4g}",
            hint=None if blind is None else _hint(dataset, chosen),
            seconds=perf_counter() - begun,
        )
    ]


def _hint(dataset: Dataset, chosen: NDArray[np.intp]) -> str:
    x, _ = Feed(dataset.train, len(chosen), dtype=np.float64).fill(chosen)
    if (x == x[:1]).all():
        return "the inputs of all these examples are the same: look at the file and data.preprocess"
    size = root_mean_square(x)
    if 0 < size < TINY_INPUTS:
        return (
            f"the inputs are next to 0, with a root mean square of {size:.3g}: look whether "
            f"data.preprocess scales twice, or add standardize to it"
        )
    return (
        "look for where the inputs get lost: weights at zero or too small, dead or saturated units "
        "(nntrain check-activations)"
    )


def _skip(why: str, begun: float) -> Finding:
    return Finding(
        rule="input-independence",
        status="skip",
        message=f"not judged: {why}",
        seconds=perf_counter() - begun,
    )


def _bare(experiment: Experiment) -> Experiment:
    quiet = without_noise(experiment)
    return replace(
        quiet,
        network=without_own(quiet.network),
        regularization=Regularization(),
        schedule=Constant(),
    )


def _learn(
    bare: Experiment,
    dataset: Dataset,
    chosen: NDArray[np.intp],
    enough: float,
    *,
    without_inputs: bool = False,
) -> _Learned:
    """Train until a loss falls below `enough`, as many rates side by side as memory allows."""
    experiments = [replace(bare, optimizer=Adam(learning_rate=rate)) for rate in RATES]
    best = _Learned(loss=np.inf, updates=0)
    for some in in_stacks(experiments, dataset.shape, len(chosen)):
        stack = assemble(some, dataset, capacity=len(chosen))
        feed = Feed(dataset.train, len(chosen), dtype=stack.dtype)
        found = _descend(stack, feed, chosen, enough, by=0.0 if without_inputs else 1.0)
        best = min(best, found, key=lambda each: each.loss)
        if best.loss < enough:
            break
    return best


def _descend(
    stack: Stack, feed: Feed, chosen: NDArray[np.intp], enough: float, *, by: float
) -> _Learned:
    """Train on the chosen examples, their inputs times `by`."""
    best = _Learned(loss=np.inf, updates=0)
    for update in range(UPDATES + 1):
        x, labels = feed.fill(chosen)
        costs = stack.forward(x if by == 1 else np.multiply(x, by, out=x), labels)
        lowest = float(np.nanmin(costs, initial=np.inf))
        if lowest < best.loss:
            best = _Learned(loss=lowest, updates=update)
        if lowest < enough:
            break
        stack.step()
    return best

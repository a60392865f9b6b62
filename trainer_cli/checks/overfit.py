"""Can the network learn 20 examples by heart? If not, more data will not help it."""

from __future__ import annotations

from time import perf_counter

from trainer_cli.checks.memorize import COST_LIMIT, Memorized, contradictions, memorize
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.divergence import ABORT_RATIO
from trainer_cli.training.findings import Finding, counted

# A cost that fell by less than this share has not begun to fall.
BARELY_MOVED = 0.01
# The cost still falls if the last tenth of the updates took off at least this share of it.
STILL_FALLING = 0.02


def overfit(experiment: Experiment, dataset: Dataset) -> tuple[Finding, Memorized]:
    """Train on the first 20 training examples; return the judgement and how it went.

    Regularization is off, the rate is constant and every update sees all the examples. Passes
    with accuracy 1.00 and a cost below 0.01 after the last of 200 updates.
    Source: CS231n, "Babysitting the learning process": overfit a very small portion of the data.
    """
    begun = perf_counter()
    run = memorize(experiment, dataset)
    return (
        Finding(
            rule="overfit",
            status="pass" if run.succeeded else "fail",
            measured=run.cost,
            expected=0.0,
            threshold=COST_LIMIT,
            message=_message(run),
            hint=None if run.succeeded else _hint(run, dataset),
            seconds=perf_counter() - begun,
            evidence={
                "accuracy": run.accuracy,
                "original_cost": run.costs[0],
                "cost": run.cost,
                "updates": run.updates,
                "examples": len(run.chosen),
                "learning_rate": run.learning_rate,
                "rate_found": run.rate_found,
                "diverged_at": run.diverged_at,
            },
        ),
        run,
    )


def _message(run: Memorized) -> str:
    found = " (found by trying 1e-06 to 100)" if run.rate_found else ""
    at = f"at learning rate {run.learning_rate:.3g}{found}"
    who = counted(len(run.chosen), "training example")
    if run.diverged_at is not None:
        return (
            f"the cost on {who} left {ABORT_RATIO:g} times the original {run.costs[0]:.4g} "
            f"behind after {counted(run.diverged_at, 'update')} {at}"
        )
    updates = counted(run.updates, "update")
    went = f"the cost went from {run.costs[0]:.4g} to {run.cost:.4g} in {updates} {at}"
    short = []
    if run.accuracy < 1:
        short.append(f"accuracy is {run.accuracy:.2f}, not 1.00")
    if not run.cost < COST_LIMIT:
        short.append(f"the cost is not below {COST_LIMIT:g}")
    if not short:
        return f"{who} learned by heart: accuracy 1.00; {went}"
    return f"{who} not learned by heart: {' and '.join(short)}; {went}"


def _hint(run: Memorized, dataset: Dataset) -> str:
    twins = contradictions(dataset, run.chosen)
    if twins is not None:
        return (
            f"training examples {twins[0]} and {twins[1]} are equal but have different labels: "
            f"no network can learn both"
        )
    if run.diverged_at is not None:
        if run.rate_found:
            return "every rate explodes: look at the scale of inputs and weights (check-loss)"
        return (
            f"the rate is too high: try overfit.learning_rate={run.learning_rate / 10:.2g}, "
            f"or leave it out and a rate is found"
        )
    if run.costs[0] - run.cost < BARELY_MOVED * run.costs[0]:
        if run.rate_found:
            return (
                "the cost hardly moves at any rate: look for weights that start equal, "
                "dead or saturated units, and inputs that are all zero"
            )
        return (
            f"the cost hardly moves: try overfit.learning_rate={run.learning_rate * 10:.2g}, "
            f"or leave it out and a rate is found"
        )
    if _still_falling(run):
        more = "" if run.rate_found else " or a higher overfit.learning_rate"
        return f"the cost is still falling: try overfit.updates={2 * run.updates}{more}"
    return (
        "the cost has stopped falling: try more units, another init, or another rate; "
        "look for dead or saturated units"
    )


def _still_falling(run: Memorized) -> bool:
    before = run.costs[-1 - max(1, run.updates // 10)]
    return before - run.cost > STILL_FALLING * before

"""The recipe in order for a network of one's own, and what of it cannot be done there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from trainer_cli.checks.data import check_data
from trainer_cli.checks.own.activations import check_activations
from trainer_cli.checks.own.baseline import check_baseline
from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.gradient import check_grad
from trainer_cli.checks.own.independence import check_independence
from trainer_cli.checks.own.initial_loss import check_loss
from trainer_cli.checks.own.input_scale import unscaled_inputs
from trainer_cli.checks.own.loading import load
from trainer_cli.checks.own.overfit import check_overfit
from trainer_cli.checks.own.rate import check_rate
from trainer_cli.checks.own.regularization import check_reg
from trainer_cli.checks.own.scores import check_scores
from trainer_cli.checks.own.wiring import check_wiring
from trainer_cli.checks.recipe import Check, Step
from trainer_cli.checks.settings import check_settings
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.imported import Imported
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers import Dense
from trainer_cli.training.findings import Finding, verdict
from trainer_cli.training.threads import one_thread

SCALE = "unscaled-inputs"
# What only layers that are known can be asked for.
OF_LAYERS = ("batch-norm-values", "running-averages")


def own_steps(own: Imported) -> Sequence[Step]:
    """Import what the experiment names, and return the checks of what it builds.

    Raises ExperimentError, with the user's own file and line, where that fails.
    """
    build = load(own)

    def on_bench(check: Callable[[Bench], list[Finding]]) -> Check:
        def checked(experiment: Experiment, dataset: Dataset) -> list[Finding]:
            with one_thread():
                return check(Bench(own=own, build=build, experiment=experiment, dataset=dataset))

        return checked

    return (
        Step(name="data", rules=("non-finite-values",), check=on_bench(_check_data)),
        Step(name="network", rules=("output-units",), check=on_bench(_check_network)),
        Step(
            name="loss",
            rules=(
                "loss-at-zero-scores",
                "initial-loss",
            ),
            check=on_bench(check_loss),
            needs=("data", "network"),
            drawn=True,
        ),
        Step(
            name="independence",
            rules=("batch-independence",),
            check=on_bench(check_independence),
            needs=("network", "loss"),
        ),
        Step(
            name="grad",
            rules=("gradient-at-start",),
            check=on_bench(check_grad),
            needs=("network", "loss", "independence"),
        ),
        Step(
            name="reg",
            rules=(
                "regularization-loss",
                "regularization-gradient",
            ),
            check=on_bench(check_reg),
            needs=("network", "loss", "grad"),
        ),
        Step(
            name="activations",
            rules=("vanishing-activations",),
            check=on_bench(check_activations),
            needs=("network",),
            drawn=True,
        ),
        Step(
            name="baseline",
            rules=("input-independence",),
            check=on_bench(check_baseline),
            needs=("network", "loss", "grad"),
        ),
        Step(
            name="overfit",
            rules=("overfit",),
            check=on_bench(check_overfit),
            needs=("network", "loss", "grad", "activations", "baseline", "independence"),
            drawn=True,
            tuned=True,
        ),
        Step(
            name="rate",
            rules=(
                "learning-rate-too-high",
                "learning-rate-too-low",
                "learning-rate-unstable",
            ),
            check=on_bench(check_rate),
            needs=("network", "loss", "grad", "activations", "baseline"),
            drawn=True,
        ),
        Step(name="settings", rules=("schedule-ends-early",), check=_check_settings),
    )


def _check_data(bench: Bench) -> list[Finding]:
    """Check the data; whether their scale suits the weights, the network itself is asked."""
    experiment, dataset = bench.experiment, bench.dataset
    found = check_data(_with_layers(experiment, dataset), dataset)
    broken = any(each.rule == "non-finite-values" and each.status == "fail" for each in found)
    scale = skipped(SCALE, "some values are not finite") if broken else unscaled_inputs(bench)
    return [scale if each.rule == SCALE else each for each in found]


def _check_network(bench: Bench) -> list[Finding]:
    """Check the scores and how they come about; of two findings by a rule one tells more."""
    found = check_scores(bench)
    if verdict(found) == "fail":
        return found
    seen = {each.rule: each for each in check_wiring(bench)}
    for k, each in enumerate(found):
        other = seen.pop(each.rule, each)
        found[k] = each if each.status != "pass" and other.status == "pass" else other
    return [*found, *seen.values()]


def _check_settings(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    found = check_settings(_with_layers(experiment, dataset), dataset)
    return [each for each in found if each.rule not in OF_LAYERS]


def _with_layers(experiment: Experiment, dataset: Dataset) -> Experiment:
    """Return the experiment with a layer for those that are not known: it is asked of nothing."""
    return replace(experiment, network=(Dense(units=dataset.classes),))

"""The recipe in order for a network of one's own, and what of it cannot be done there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from trainer_cli.checks.data import check_data
from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.gradient import check_grad
from trainer_cli.checks.own.independence import check_independence
from trainer_cli.checks.own.initial_loss import check_loss
from trainer_cli.checks.own.loading import load
from trainer_cli.checks.own.overfit import check_baseline, check_overfit
from trainer_cli.checks.own.rate import check_rate
from trainer_cli.checks.own.regularization import check_reg
from trainer_cli.checks.own.scores import check_scores
from trainer_cli.checks.preflight import Check, Step
from trainer_cli.checks.settings import check_settings
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.imported import Imported
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers import Dense
from trainer_cli.training.findings import Finding
from trainer_cli.training.threads import one_thread

OPAQUE = "the layers of a network of your own cannot be looked into"


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
        Step(name="data", rule="non-finite-values", check=_check_data),
        Step(name="network", rule="output-units", check=on_bench(check_scores)),
        Step(
            name="loss",
            rule="initial-loss",
            check=on_bench(check_loss),
            needs=("data", "network"),
            drawn=True,
        ),
        Step(
            name="reg",
            rule="regularization-loss",
            check=on_bench(check_reg),
            needs=("network", "loss"),
        ),
        Step(
            name="grad",
            rule="gradient-at-start",
            check=on_bench(check_grad),
            needs=("network", "loss"),
        ),
        Step(
            name="activations",
            rule="vanishing-activations",
            check=lambda experiment, dataset: [skipped("vanishing-activations", OPAQUE)],
        ),
        Step(
            name="baseline",
            rule="input-independence",
            check=on_bench(check_baseline),
            needs=("network", "loss", "grad"),
        ),
        Step(
            name="independence",
            rule="batch-independence",
            check=on_bench(check_independence),
            needs=("network",),
        ),
        Step(
            name="overfit",
            rule="overfit",
            check=on_bench(check_overfit),
            needs=("network", "loss", "grad", "baseline"),
            drawn=True,
        ),
        Step(
            name="rate",
            rule="learning-rate-too-high",
            check=on_bench(check_rate),
            needs=("network", "loss", "grad"),
        ),
        Step(name="settings", rule="schedule-ends-early", check=_check_settings),
    )


def _check_data(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Check the data; of what depends on the weights, say that it is not judged."""
    found = check_data(_with_layers(experiment, dataset), dataset)
    unscaled = skipped("unscaled-inputs", OPAQUE, "see initial-loss, which they would raise")
    return [unscaled if each.rule == unscaled.rule else each for each in found]


def _check_settings(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    return list(check_settings(_with_layers(experiment, dataset), dataset))


def _with_layers(experiment: Experiment, dataset: Dataset) -> Experiment:
    """Return the experiment with a layer for those that are not known: it is asked of nothing."""
    return replace(experiment, network=(Dense(units=dataset.classes),))

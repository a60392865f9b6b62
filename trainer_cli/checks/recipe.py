"""The checks of the recipe, in its order, with what each depends on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainer_cli.checks import activations, gradient, initial_loss, overfit, regularization
from trainer_cli.checks.architecture import check_architecture
from trainer_cli.checks.baseline import check_baseline
from trainer_cli.checks.batches import check_batches
from trainer_cli.checks.data import check_data
from trainer_cli.checks.independence import check_independence
from trainer_cli.checks.noise import check_noise
from trainer_cli.checks.penalty_strength import check_strength
from trainer_cli.checks.rate import check_rate
from trainer_cli.checks.settings import check_settings
from trainer_cli.checks.updates import check_updates
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding

Check = Callable[[Experiment, Dataset], Sequence[Finding]]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One check of the recipe.

    name   what --only and --skip call it
    rules  what it always judges by, for saying that it was left out
    needs  the checks whose failure leaves this one nothing to say
    drawn  whether its verdict hangs on random draws, and is worth repeating with other seeds
    tuned  whether it looks for settings until it passes, so that a pass is always a close one
    """

    name: str
    rules: tuple[str, ...]
    check: Check
    needs: tuple[str, ...] = ()
    drawn: bool = False
    tuned: bool = False


STEPS = (
    Step(name="data", rules=("non-finite-values",), check=check_data),
    Step(name="batches", rules=("batch-contents",), check=check_batches),
    Step(name="network", rules=("output-units",), check=check_architecture),
    Step(
        name="loss",
        rules=(
            "loss-at-zero-scores",
            "initial-loss",
        ),
        check=initial_loss.check_loss,
        needs=("data",),
        drawn=True,
    ),
    Step(
        name="reg",
        rules=(
            "regularization-loss",
            "regularization-gradient",
        ),
        check=lambda experiment, dataset: [
            *regularization.check_reg(experiment, dataset),
            *check_strength(experiment, dataset),
        ],
        needs=("loss",),
    ),
    Step(
        name="grad",
        rules=(
            "gradient-at-start",
            "penalty-gradient-at-start",
            "gradient-trained",
            "penalty-gradient-trained",
        ),
        check=gradient.check_grad,
        needs=("loss",),
    ),
    Step(
        name="activations",
        rules=("vanishing-activations",),
        check=lambda experiment, dataset: (
            activations.check_activations(experiment, dataset).findings
        ),
        drawn=True,
    ),
    Step(
        name="baseline",
        rules=("input-independence",),
        check=check_baseline,
        needs=("network", "loss"),
        drawn=True,
    ),
    Step(
        name="independence",
        rules=(
            "noise-at-test-time",
            "dropout-scale",
            "batch-independence",
        ),
        check=lambda experiment, dataset: [
            *check_noise(experiment, dataset),
            *check_independence(experiment, dataset),
        ],
        needs=("loss",),
    ),
    Step(
        name="overfit",
        rules=("overfit",),
        check=lambda experiment, dataset: [overfit.overfit(experiment, dataset)[0]],
        needs=("network", "loss", "grad"),
        drawn=True,
        tuned=True,
    ),
    Step(name="updates", rules=("update-direction",), check=check_updates),
    Step(
        name="rate",
        rules=(
            "learning-rate-too-high",
            "learning-rate-too-low",
            "learning-rate-unstable",
            "update-ratio",
        ),
        check=check_rate,
        needs=("network", "loss", "grad", "activations", "baseline", "updates"),
        drawn=True,
    ),
    Step(name="settings", rules=("schedule-ends-early",), check=check_settings),
)
NAMES = tuple(step.name for step in STEPS)

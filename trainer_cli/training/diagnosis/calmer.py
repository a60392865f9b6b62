"""The same experiment with larger batches: is it the noise of small ones that keeps it up?"""

from __future__ import annotations

from dataclasses import replace

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import NoisyCost, rule_of

# Lectures and libraries start with 32. 16 times as large a batch, or the usual one, has at most a
# quarter of the noise.
TIMES, USUAL_BATCH = 16, 32


def calmer(experiment: Experiment, examples: int) -> Experiment | None:
    """Return the experiment with larger batches, None where they are no small ones."""
    training, small = experiment.training, rule_of(experiment.checks, NoisyCost).small_batch
    larger = min(max(training.batch_size * TIMES, USUAL_BATCH), examples)
    if training.batch_size > small or larger <= training.batch_size:
        return None
    return replace(experiment, training=replace(training, batch_size=larger))

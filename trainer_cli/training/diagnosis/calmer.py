"""The same experiment with larger batches: is it the noise of small ones that keeps it up?"""

from __future__ import annotations

from dataclasses import replace

from trainer_cli.config.experiment import Experiment

# Batches up to here are small; lectures and libraries start with 32 ("Neural Networks Part 3",
# loss function: the wiggle is highest with batches of one). 16 times as large a batch, or the usual
# one, has at most a quarter of the noise.
SMALL_BATCH, TIMES, USUAL_BATCH = 16, 16, 32


def calmer(experiment: Experiment, examples: int) -> Experiment | None:
    """Return the experiment with larger batches, None where they are no small ones."""
    training = experiment.training
    larger = min(max(training.batch_size * TIMES, USUAL_BATCH), examples)
    if training.batch_size > SMALL_BATCH or larger <= training.batch_size:
        return None
    return replace(experiment, training=replace(training, batch_size=larger))

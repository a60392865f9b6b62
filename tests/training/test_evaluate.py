"""What an evaluation measures does not depend on the batches that it is made in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import blobs, data_of
from trainer_cli.config.experiment import Training
from trainer_cli.datasets import Feed
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.training.stack import assemble

LOSSES = [
    [Softmax(), Softmax(label_smoothing=0.2), Softmax(class_weights=(1.0, 5.0, 0.1))],
    [Svm(class_weights=(0.5, 1.0, 9.0)), Svm(margin=3), Svm()],
    [SquaredSvm(margin=0.2), SquaredSvm(), SquaredSvm(class_weights=(7.0, 1.0, 2.0))],
]


def evaluated(experiments, dataset, capacity: int) -> np.ndarray:
    """Return losses and accuracies over the training split, (2, M)."""
    stack = assemble(experiments, dataset, capacity=capacity)
    feed = Feed(dataset.train, capacity, dtype=np.float64)
    figures = stack.evaluate(feed, np.arange(len(dataset.train)))
    return np.array([figures.loss, figures.accuracy])


@pytest.mark.parametrize("losses", LOSSES, ids=lambda losses: losses[0].type)
def test_the_partition_does_not_matter_and_members_are_as_alone(losses) -> None:
    plain = replace(blobs(), training=Training(precision="float64"))
    dataset = data_of(plain)
    order = np.argsort(dataset.train.labels)  # so that batches differ in what they hold
    dataset = replace(dataset, train=dataset.train.select(order))
    experiments = [replace(plain, loss=loss, seed=m) for m, loss in enumerate(losses)]
    n = len(dataset.train)
    whole = evaluated(experiments, dataset, n)
    for capacity in (1, 7, n // 2 + 1):
        np.testing.assert_allclose(evaluated(experiments, dataset, capacity), whole, rtol=1e-12)
    for m, experiment in enumerate(experiments):
        alone = evaluated([experiment], dataset, 11)
        np.testing.assert_allclose(alone[:, 0], whole[:, m], rtol=1e-12)

"""What the checks of a network of one's own work on: the network built anew, and examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.own.loading import Build, built
from trainer_cli.checks.own.network import Inputs, OwnNetwork, Reference
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.imported import Imported
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.losses import Labels, Softmax, SquaredSvm, Svm
from trainer_cli.training.findings import Finding

# Examples that a network is asked about where nothing is trained.
LOOKED_AT = 200
# A loss within this share of another is that one.
SAME = 1e-6


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One experiment with a network of one's own."""

    own: Imported
    build: Build
    experiment: Experiment
    dataset: Dataset

    def network(self) -> OwnNetwork:
        """Build the network anew, as it is before training, without its penalty."""
        network = self.as_built()
        if network.strength:
            network.set_strength(0.0)
        return network

    def as_built(self) -> OwnNetwork:
        """Build the network anew, as it is before training."""
        given = Reference(loss=self.experiment.loss, classes=self.dataset.classes)
        return built(self.own, self.build, self.dataset.shape, self.experiment.seed, given)

    def examples(self, positions: NDArray[np.intp]) -> tuple[Inputs, Labels]:
        """Return training examples, preprocessed, in float64 and laid out as the file says."""
        feed = Feed(self.dataset.train, len(positions), dtype=np.float64)
        x, y = feed.fill(positions)
        inputs = x[..., 0, :]  # (N, 1, F) -> (N, F), (N, H, W, 1, C) -> (N, H, W, C)
        if self.own.layout == "channels_first" and inputs.ndim == 4:
            inputs = np.moveaxis(inputs, -1, 1)
        return np.ascontiguousarray(inputs), y[:, 0].copy()

    def evenly(self, most: int = LOOKED_AT) -> tuple[Inputs, Labels]:
        """Return at most so many training examples, spread evenly over the split."""
        return self.examples(self.dataset.train.evenly(most))

    @cached_property
    def reference(self) -> Reference:
        """The loss that is computed: the experiment's, or another that fits the numbers."""
        given = self.experiment.loss
        first = Reference(loss=given, classes=self.dataset.classes)
        network = self.network()
        if not network.loss_is_own:
            return first
        x, y = self.evenly()
        scores, cost = network.scores(x), network.cost(x, y)
        if not is_scores(scores, len(x), self.dataset.classes):
            return first
        for loss in (given, Softmax(), Svm(), SquaredSvm()):
            each = Reference(loss=loss, classes=self.dataset.classes)
            if abs(each.of(scores, y) - cost) <= SAME * abs(cost):
                return each
        return self._by_equal_scores(first)

    def _by_equal_scores(self, given: Reference) -> Reference:
        """Return the hinge loss where that is what equal scores cost: the rest may be wrong."""
        network = self.network()
        for each in network.parameters.values():
            each[...] = 0
        x, y = self.evenly()
        with np.errstate(all="ignore"):
            cost, scores = network.cost(x, y), network.scores(x)
        hinge = Svm().at_zero_scores(self.dataset.classes)
        if given.loss.type == "softmax" and not scores.any() and abs(cost - hinge) <= SAME * hinge:
            return Reference(loss=Svm(), classes=self.dataset.classes)
        return given


def is_scores(scores: NDArray[Any], examples: int, classes: int) -> bool:
    """Whether there is one row of real scores for each example, one score for each class."""
    return scores.shape == (examples, classes) and scores.dtype.kind == "f"


def skipped(rule: str, why: str, hint: str | None = None, begun: float | None = None) -> Finding:
    """Return that a rule was not judged, and why."""
    seconds = 0.0 if begun is None else perf_counter() - begun
    return Finding(
        rule=rule, status="skip", message=f"not judged: {why}", hint=hint, seconds=seconds
    )

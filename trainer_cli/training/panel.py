"""Lets the networks of several runs answer together: who they are, and what they say.

N examples of a split, M members, C classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer_cli.config.problems import visible
from trainer_cli.datasets import Examples
from trainer_cli.nn.network import Network
from trainer_cli.training.confusion import taken_for
from trainer_cli.training.ensemble import Kind, Labels, Mean, Values, loss_of, mean_for, outputs
from trainer_cli.training.runs import RunError
from trainer_cli.training.threads import threads_for
from trainer_cli.training.trained import Choice, TrainedRun


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A file of weights with its networks: one, or several members of a run."""

    run: TrainedRun
    file: Path
    members: tuple[int, ...]
    network: Network

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.file)


def seats(runs: Sequence[TrainedRun], choice: Choice) -> Iterator[Seat]:
    """Yield the chosen weights of all runs, one file after another, as networks.

    Raises RunError for weights that are missing, damaged or do not fit.
    """
    for run in runs:
        shape = run.interface.pipeline.shape
        for file in run.weight_files(choice):
            weights = run.weights(file)
            network = run.network_of(weights, shape)
            yield Seat(run=run, file=file, members=weights.members, network=network)


class Answers:
    """What networks say about the examples of one split, averaged as they come.

    labels  (N,) the classes of the examples
    """

    def __init__(self, runs: Sequence[TrainedRun], labels: Labels, classes: int) -> None:
        """Begin with nothing said; raises RunError for losses that have no common unit."""
        self.labels = labels
        losses = [run.experiment.loss for run in runs]
        self._loss = losses[0] if len(set(losses)) == 1 else None
        self._mean: Mean = mean_for(losses, len(labels), classes)

    def add(self, seat: Seat, examples: Examples) -> list[float]:
        """Let the networks of a seat answer; return the accuracy of each, (M,)."""
        right = np.zeros(len(seat.members), np.intp)
        with threads_for(seat.network.stack[0]):
            for rows, scores in outputs(seat.network, examples, seat.name):
                own = self.labels[rows, None]  # (B, 1)
                right += (taken_for(scores, own) == own).sum(axis=0)
                self._mean.add(rows, scores)
        return [float(share) for share in right / len(self.labels)]

    @property
    def networks(self) -> int:
        """Number of networks that have answered."""
        return self._mean.networks

    @property
    def kind(self) -> Kind:
        """What is averaged: probabilities or scores."""
        return self._mean.kind

    def values(self) -> Values:
        """Return the averages, (N, C)."""
        return self._mean.values()

    def predicted(self) -> Labels:
        """Return the class with the largest average, (N,)."""
        found: Labels = self._mean.scores().argmax(axis=-1)
        return found

    def taken(self) -> Labels:
        """Return the class that each example is taken for, (N,): in a tie one that is wrong."""
        return taken_for(self._mean.scores(), self.labels)

    def accuracy(self) -> float:
        """Return the share of the examples for which that is the right one."""
        return float((self.taken() == self.labels).mean())

    def loss(self) -> float | None:
        """Return the loss of the averages, without penalty; None where the runs' differ."""
        return None if self._loss is None else loss_of(self._loss, self._mean.scores(), self.labels)


def require_same_classes(runs: Sequence[TrainedRun]) -> None:
    """Raise RunError unless all runs answer with the same classes and none is given twice."""
    first = runs[0]
    for i, run in enumerate(runs[1:], start=1):
        if any(run.folder.resolve() == other.folder.resolve() for other in runs[:i]):
            raise RunError(f"{run.folder} is given twice", "give every run once")
        for name in ("classes", "class_names"):
            one, other = getattr(first.interface, name), getattr(run.interface, name)
            if one != other:
                message = (
                    f"{run.folder} tells other classes apart than {first.folder}: "
                    f"{_classes(run)} instead of {_classes(first)}"
                )
                raise RunError(message, "take runs with the same data together")


def _classes(run: TrainedRun) -> str:
    names = run.interface.class_names
    if names is None:
        return f"{run.interface.classes} without names"
    shown = ", ".join(map(visible, names[:5])) + (", ..." if len(names) > 5 else "")
    return f"{len(names)} ({shown})"

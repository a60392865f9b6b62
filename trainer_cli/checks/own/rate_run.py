"""The first updates of a network of one's own as training would do them, and trials beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import process_time

import numpy as np

from trainer_cli.checks.own.bench import Bench
from trainer_cli.checks.own.learning import updates_by
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.losses import Labels
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.nn.streams import stream
from trainer_cli.optim.optimizers import Optimizer
from trainer_cli.training.diagnosis.probe import Trial
from trainer_cli.training.divergence import DivergenceWatch, cost_limits
from trainer_cli.training.history import Epoch, History, Setting, Start
from trainer_cli.training.pace import factor

UPDATES, FEWEST = 100, 20
# Batches come from so many training examples.
EXAMPLES = 1000
# Updates take no longer than this together, if they are more than the fewest. Where 100 of them are
# not quick, trials are few.
SECONDS, QUICK, TIMED = 0.5, 0.1, 3


@dataclass(frozen=True, kw_only=True)
class Course:
    """How some updates went.

    `costs` holds that of the batch before each update, `loss` and `penalty` are those after the
    last. `exploded` is the cost that left all bounds, None if none did.
    """

    costs: Sequence[float]
    loss: float
    penalty: float
    exploded: float | None


@dataclass(frozen=True)
class Trainer:
    """Trains the network of a bench from its start, again and again."""

    bench: Bench

    @cached_property
    def start(self) -> Start:
        """The untrained network; its accuracy is not asked for."""
        bench = self.bench
        loss, penalty = self.measured(bench.as_built())
        _, y = bench.evenly()
        given, shares = bench.reference.loss, class_shares(y, bench.dataset.classes)
        equal = given.at_zero_scores(bench.dataset.classes)
        limits = cost_limits(np.array([loss + penalty]), np.array([penalty]), equal)
        return Start(
            loss=loss,
            cost=loss + penalty,
            accuracy=0.0,
            limit=float(limits[0]),
            constant=given.at_best_constant(shares),
            floor=given.floor(shares),
        )

    @cached_property
    def setting(self) -> Setting:
        """What it is trained on, and for how long."""
        dataset, training = self.bench.dataset, self.bench.experiment.training
        batch = min(training.batch_size, len(dataset.train))
        counts = np.bincount(dataset.validation.labels)
        return Setting(
            classes=dataset.classes,
            examples=len(dataset.train),
            validation_examples=len(dataset.validation),
            majority=float(counts.max() / len(dataset.validation)),
            batch_size=batch,
            steps_per_epoch=-(-len(dataset.train) // batch),
            epochs=training.epochs,
            best_by="validation_accuracy",
        )

    @cached_property
    def _pool(self) -> tuple[Inputs, Labels]:
        return self.bench.evenly(EXAMPLES)

    @cached_property
    def seconds(self) -> float:
        """How much of the processor's time an update takes, whatever else it is busy with."""
        network, (x, y) = self.bench.as_built(), next(self._batches(1))
        times = []
        for _ in range(TIMED):
            begun = process_time()
            network.gradients(x, y)
            times.append(process_time() - begun)
        return max(min(times), 1e-9)

    @property
    def affordable(self) -> int:
        """How many updates are made: 100, or fewer of a network that takes long."""
        return int(min(UPDATES, max(FEWEST, SECONDS / self.seconds)))

    @property
    def slow(self) -> bool:
        """Whether trials at many rates would take long."""
        return self.seconds * UPDATES > QUICK

    def _batches(self, count: int) -> Iterator[tuple[Inputs, Labels]]:
        x, y = self._pool
        rng = stream(self.bench.experiment.seed, "check-own-rate")
        size = min(self.setting.batch_size, len(y))
        for _ in range(count):
            some = rng.choice(len(y), size, replace=False)
            yield x[some], y[some]

    def measured(self, network: OwnNetwork) -> tuple[float, float]:
        """Return loss and penalty on examples that stay the same; without `reg` all is loss."""
        x, y = self.bench.evenly()
        network.noise = 0
        cost, strength = network.cost(x, y), network.strength
        if not strength:
            return cost, 0.0
        network.set_strength(0.0)
        loss = network.cost(x, y)
        network.set_strength(strength)
        return loss, cost - loss

    def train(
        self,
        optimizer: Optimizer,
        updates: int,
        share: Callable[[int], float] = lambda _: 1.0,
        network: OwnNetwork | None = None,
    ) -> Course:
        """Make so many updates from the start, or of another network; stop where it explodes."""
        network, update = network or self.bench.as_built(), updates_by(optimizer, share)
        watch = DivergenceWatch(np.array([self.start.limit]))
        costs: list[float] = []
        for k, (x, y) in enumerate(self._batches(updates)):
            network.noise = k
            cost, grads = network.gradients(x, y)
            high = watch.diverged(np.array([cost]), len(y)).any()
            if high and (k or not np.isfinite(cost)):  # a first batch may be hard
                return Course(costs=costs, loss=cost, penalty=0.0, exploded=cost)
            costs.append(cost)
            update(network, grads)
        loss, penalty = self.measured(network)
        within = loss + penalty <= self.start.limit
        last = None if within else loss + penalty
        return Course(costs=costs, loss=loss, penalty=penalty, exploded=last)

    def trials(
        self,
        experiment: Experiment,
        dataset: Dataset,
        rates: Sequence[float],
        stop: Callable[[], bool],
        *,
        updates: int,
    ) -> list[Trial]:
        """Train shortly from the same start at each rate, as `probe` does with layers."""
        count, highest = min(updates, self.affordable), min(self.start.loss, self.start.constant)
        found = []
        for rate in rates:
            ran = self.train(replace(experiment.optimizer, learning_rate=rate), count)
            found.append(
                Trial(
                    learning_rate=rate,
                    decrease=-np.inf if ran.exploded is not None else highest - ran.loss,
                    start=self.start.loss,
                    end=ran.loss,
                    updates=count,
                )
            )
        return found

    def beginning(self) -> History:
        """Return how the training begins, at the rate and by the schedule of the file."""
        experiment, setting = self.bench.experiment, self.setting
        planned = setting.epochs * setting.steps_per_epoch

        def share(update: int) -> float:
            return factor(experiment, setting.steps_per_epoch, update)

        ran = self.train(experiment.optimizer, min(self.affordable, planned), share)
        made, begun = len(ran.costs), self.start.cost - self.start.loss
        penalties = np.linspace(begun, ran.penalty if ran.exploded is None else begun, made)
        whole, rest = divmod(made, setting.steps_per_epoch)
        epochs = whole + (rest > 0 and ran.exploded is None)
        rate = experiment.optimizer.learning_rate
        return History(
            member=0,
            setting=setting,
            start=self.start,
            losses=np.array(ran.costs) - penalties,
            penalties=penalties,
            rates=rate * np.array([share(k) for k in range(made)]),
            epochs=tuple(_epoch(k, ran, rate) for k in range(1, epochs + 1)),
            looks=(),
            stopped="finished" if ran.exploded is None else "diverged",
            last_cost=ran.costs[-1] if ran.exploded is None else ran.exploded,
        )


def _epoch(number: int, ran: Course, rate: float) -> Epoch:
    """Return an epoch with what there is after the last update; nothing is validated."""
    return Epoch(
        epoch=number,
        updates=len(ran.costs),
        cost=float(np.mean(ran.costs)),
        penalty=ran.penalty,
        train_loss=ran.loss,
        train_accuracy=0.0,
        validation_loss=ran.loss,
        validation_accuracy=0.0,
        learning_rate=rate,
    )

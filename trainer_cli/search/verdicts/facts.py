"""A sweep as its verdicts look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.paths import is_seed
from trainer_cli.config.rules import Rule
from trainer_cli.config.space import Distribution, Range
from trainer_cli.search.sweep import Swept
from trainer_cli.search.trials import Result, rank

RATE = "optimizer.learning_rate"
# Who names so much of what the largest class leaves open has learned, whatever the loss: at too
# high a rate the few examples that are wrong cost more than all did before. The 15 to 20 % that
# digits reach at a rate that does nothing are far below.
HALFWAY = 0.5


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What came of a sweep.

    examples  number of validation examples
    majority  validation accuracy of naming the largest class every time
    """

    swept: Swept
    examples: int
    majority: float

    @property
    def rules(self) -> frozenset[Rule]:
        """The rules that the experiment sets, which are those of every trial."""
        return next((each.checks for each in self.swept.experiments.values()), frozenset())

    @property
    def space(self) -> dict[str, Distribution]:
        """The whole space, which the first stage searched, without seeds."""
        whole = self.swept.stages[0].space
        return {path: each for path, each in whole.items() if not is_seed(path)}

    @property
    def ranges(self) -> dict[str, Range]:
        """Those of its keys whose values have an order."""
        return {path: each for path, each in self.space.items() if isinstance(each, Range)}

    @property
    def trained(self) -> list[Result]:
        """The results of all trials that could be trained."""
        return [result for result in self.swept.results if result.state != "infeasible"]

    def stage(self, number: int) -> list[Result]:
        """Return the results of a stage, counted from 1."""
        return [result for result in self.swept.results if result.stage == number]

    def experiment(self, result: Result) -> Experiment:
        """Return the experiment of a trial that could be trained."""
        return self.swept.experiments[result.trial]

    def rate(self, result: Result) -> float:
        """Return the learning rate of a trial that could be trained."""
        return self.experiment(result).optimizer.learning_rate

    def learned(self, result: Result) -> float | None:
        """Return what share of what can be learned a trial did, by its loss or by its accuracy.

        Accuracy counts from halfway between that of the largest class and 1. It is None where
        the trial exploded, or where the loss has nothing to tell.
        """
        measured = [result.train_accuracy, result.validation_accuracy]
        accuracy = max((each for each in measured if each is not None), default=0.0)
        if result.learned is None or self.majority >= 1:
            return result.learned
        by_accuracy = (accuracy - self.majority) / (1 - self.majority)
        return max(result.learned, by_accuracy) if by_accuracy >= HALFWAY else result.learned

    def accuracy_or_chance(self, result: Result) -> float:
        """Return the validation accuracy of a trial, that of chance where it exploded."""
        measured = result.validation_accuracy
        return self.majority if measured is None else measured


def finished(results: Sequence[Result]) -> list[Result]:
    """Return those that finished, the best first."""
    return sorted((result for result in results if result.state == "finished"), key=rank)


def accuracy_of(result: Result) -> float:
    """Return the validation accuracy of a trial that finished."""
    assert result.validation_accuracy is not None
    return result.validation_accuracy

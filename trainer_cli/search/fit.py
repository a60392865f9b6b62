"""Whether a trial's settings suit its data and the memory, before anything is trained."""

from __future__ import annotations

from trainer_cli.config.data_rules import wrong_for_data
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.problems import key_text
from trainer_cli.datasets import DataError
from trainer_cli.nn.layers.place import Shape
from trainer_cli.search.work import DataKey, DataOfTasks, data_key
from trainer_cli.training.material import capacity
from trainer_cli.training.memory import gibibytes, stack_bytes


class Fit:
    """Judges experiments, and knows the shape of an example for each way to preprocess."""

    def __init__(self, data: DataOfTasks, memory: int) -> None:
        """Take data that are read for every way once; `memory` is what a network may take."""
        self._data, self._memory = data, memory
        self._known: dict[DataKey, tuple[Shape, int, int] | str] = {}

    def misfit(self, experiment: Experiment) -> str | None:
        """Return what is wrong with an experiment for its data and the memory, or None."""
        known = self._facts(experiment)
        if isinstance(known, str):
            return known
        shape, classes, examples = known
        for key, message, _ in wrong_for_data(experiment, shape, classes, examples):
            return f"{key_text(key)}: {message}"
        batch = capacity(experiment.training.batch_size, examples)
        needed = stack_bytes(experiment, shape, batch)
        if needed > self._memory:
            return f"the network needs about {gibibytes(needed)} of memory"
        return None

    def inputs(self, experiment: Experiment) -> tuple[Shape, int]:
        """Return the shape and number of training examples, where the data can be used."""
        known = self._facts(experiment)
        assert not isinstance(known, str)
        shape, _, examples = known
        return shape, examples

    def _facts(self, experiment: Experiment) -> tuple[Shape, int, int] | str:
        """Return shape, classes and training examples; or why the data cannot be used."""
        key = data_key(experiment)
        if key not in self._known:
            try:
                dataset = self._data.of(experiment)
                self._known[key] = dataset.shape, dataset.classes, len(dataset.train)
            except DataError as error:
                place = f"{key_text(error.key)}: " if error.key else ""
                self._known[key] = f"{place}{error.message}"
        return self._known[key]

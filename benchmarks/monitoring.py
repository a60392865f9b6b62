"""Measures what it costs to record and to monitor a training run, against bare training.

Usage: python benchmarks/monitoring.py [--data data/cifar-10-batches-py] [--rounds 9]

Bare training keeps its figures in memory and looks at no layer. Beside it: looks inside the network
at their default interval; and all that `nntrain train` does until its diagnosis, that is looks, a
line for every update, epoch and look, best and final weights, checkpoints and the summary. The
built-in digits, for so many epochs that the files written once do not count; and where --data names
the folder the lecture's network on CIFAR-10. On one thread.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from _measure import interleaved, mode, ratio, table, use_threads, verdict

if TYPE_CHECKING:
    from trainer_cli.config.experiment import Experiment
    from trainer_cli.datasets import Dataset
    from trainer_cli.training.history import Look
    from trainer_cli.training.stack import Stack

CONFIGS = Path(__file__).parent.parent / "configs"
EPOCHS = {"digits": 800, "lecture": 10}
BARE, LOOKS, ALL = "bare", "with looks", "recorded and monitored"
MOST = 1.05  # of the time of bare training
CLOCKS = {"seconds": perf_counter, "processor": process_time}


class Blind:
    """A monitor that never looks."""

    def due(self, since: int, *, last: bool) -> bool:
        """Return that it is not yet time to look."""
        return False

    def before_update(self, stack: Stack) -> None:
        """Remember nothing."""

    def look(self, stack: Stack, m: int, member: int, update: int, epoch: int) -> Look:
        """Return a look that sees nothing."""
        from trainer_cli.training.history import Look

        return Look(update=update, epoch=epoch, parameters=(), layers=())


def main() -> None:
    """Measure and print a table for each network."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder cifar-10-batches-py")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--clock", choices=CLOCKS, default="seconds", help="processor: where others are at work too"
    )
    given = parser.parse_args()
    use_threads(1)
    for number, name in enumerate(EPOCHS if given.data else ["digits"]):
        taken = measured(name, given.data, given.rounds, given.clock)
        if number == 0:
            print(mode(["numpy"]))
        rows = [
            (way, f"{median(seconds):.3f}", f"{ratio(seconds, taken[BARE]):.3f}")
            for way, seconds in taken.items()
        ]
        print("", table((f"{name}, {EPOCHS[name]} epochs", "seconds", "over bare"), rows), sep="\n")
        print(verdict(f"{LOOKS} over {BARE}", ratio(taken[LOOKS], taken[BARE]), MOST))


def measured(name: str, data: Path | None, rounds: int, clock: str) -> dict[str, list[float]]:
    """Return the seconds of every way to train in each round."""
    from trainer_cli.config.load import load  # NumPy comes with it: the threads are set by now
    from trainer_cli.training.data import read

    overrides = [f"training.epochs={EPOCHS[name]}"]
    path = CONFIGS / "digits.yaml"
    if name == "lecture":
        path = CONFIGS / "cifar10_two_layer.yaml"
        overrides += [f"data.path={data.absolute()}", "optimizer.learning_rate=1e-4"]
    experiment = load(path, overrides).experiment
    dataset = read(experiment)
    return interleaved(
        {
            BARE: lambda: kept_in_memory(experiment, dataset, clock, looks=False),
            LOOKS: lambda: kept_in_memory(experiment, dataset, clock, looks=True),
            ALL: lambda: recorded(experiment, dataset, clock),
        },
        rounds,
    )


def kept_in_memory(experiment: Experiment, dataset: Dataset, clock: str, *, looks: bool) -> float:
    """Return the seconds of training that nobody records."""
    import numpy as np

    from trainer_cli.training.loop import go_on
    from trainer_cli.training.outcome import Watchers
    from trainer_cli.training.run import Run
    from trainer_cli.training.threads import threads_for

    begun = CLOCKS[clock]()
    with threads_for(experiment.network), np.errstate(all="ignore"):
        run = Run([experiment], dataset)
        if not looks:
            run.monitor = Blind()
        run.begin()
        go_on(run, Watchers())
    return CLOCKS[clock]() - begun


def recorded(experiment: Experiment, dataset: Dataset, clock: str) -> float:
    """Return the seconds of a run in a folder, the diagnosis at its end left out."""
    from trainer_cli.config.dump import to_yaml
    from trainer_cli.training.outcome import Watchers
    from trainer_cli.training.recorded import train_recorded
    from trainer_cli.training.taking_up import begin

    with TemporaryDirectory() as place:
        folder = begin(Path(place) / "run", to_yaml(experiment), dataset)
        begun = CLOCKS[clock]()
        judge = lambda experiment, dataset, history, stop: []  # noqa: E731
        train_recorded(experiment, dataset, folder, watchers=Watchers(), judge=judge)
        seconds = CLOCKS[clock]() - begun
        folder.close()
    return seconds


if __name__ == "__main__":
    main()

"""Measures M networks trained as one stack against the same M networks trained one after another.

Usage: python benchmarks/ensemble.py [--data data/cifar-10-batches-py] [--rounds 7]

Ensembles (`training.members`: other seeds, the same data) and cross-validation (the same seed,
other data), on the built-in digits and, where --data names the folder, with the lecture's network
on CIFAR-10. A turn is everything that training is, validation and looks at the layers included, but
no run folder. On one thread.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from _measure import Turn, interleaved, mode, ratio, table, use_threads

if TYPE_CHECKING:
    from trainer_cli.config.experiment import Experiment
    from trainer_cli.datasets import Dataset

CONFIGS = Path(__file__).parent.parent / "configs"
EPOCHS = {"digits": 20, "lecture": 2}
STACK, ALONE = "as one stack", "one after another"


def main() -> None:
    """Measure and print a table for each network."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder cifar-10-batches-py")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args()
    use_threads(1)
    for number, name in enumerate(EPOCHS if given.data else ["digits"]):
        jobs = jobs_of(name, given.data, given.members, given.folds)
        turns = {
            f"{job}, {way}": turn
            for job, (experiments, datasets) in jobs.items()
            for way, turn in turns_of(experiments, datasets).items()
        }
        taken = interleaved(turns, given.rounds)
        if number == 0:
            print(mode(["numpy"]))
        rows = [
            (
                f"{job}, {way}",
                f"{median(taken[f'{job}, {way}']):.3f}",
                f"{ratio(taken[f'{job}, {way}'], taken[f'{job}, {ALONE}']):.2f}",
            )
            for job in jobs
            for way in (STACK, ALONE)
        ]
        print("", table((name, "seconds", f"over {ALONE}"), rows), sep="\n")


def jobs_of(
    name: str, data: Path | None, members: int, count: int
) -> dict[str, tuple[Sequence[Experiment], Sequence[Dataset]]]:
    """Return what is trained: experiments, and a data set for each."""
    from trainer_cli.config.load import load  # NumPy comes with it: the threads are set by now
    from trainer_cli.datasets import folds
    from trainer_cli.nn.streams import stream
    from trainer_cli.training.data import read
    from trainer_cli.training.recorded import members_of

    overrides = [f"training.epochs={EPOCHS[name]}"]
    path = CONFIGS / "digits.yaml"
    if name == "lecture":
        path = CONFIGS / "cifar10_two_layer.yaml"
        overrides += [f"data.path={data.absolute()}", "optimizer.learning_rate=1e-4"]
    experiment = load(path, overrides).experiment
    dataset = read(experiment)
    several = replace(experiment, training=replace(experiment.training, members=members))
    made = folds(dataset, experiment.data, count, stream(experiment.data_seed, "folds"))
    return {
        f"{members} members": (members_of(several), [dataset] * members),
        f"{count} folds": ([experiment] * count, made),
    }


def turns_of(experiments: Sequence[Experiment], datasets: Sequence[Dataset]) -> dict[str, Turn]:
    """Return the two ways to train them: side by side, and each alone."""
    from trainer_cli.training.loop import train

    shared = all(dataset is datasets[0] for dataset in datasets)

    def together() -> float:
        begun = perf_counter()
        train(experiments, datasets[0] if shared else datasets)
        return perf_counter() - begun

    def alone() -> float:
        begun = perf_counter()
        for experiment, dataset in zip(experiments, datasets, strict=True):
            train(experiment, dataset)
        return perf_counter() - begun

    return {STACK: together, ALONE: alone}


if __name__ == "__main__":
    main()

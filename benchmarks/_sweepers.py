"""A program that trains the trials of a search in one of the ways that are compared.

Usage: python _sweepers.py CONTENDER FOLDER [PART PARTS]

Says "ready" once it has read everything and is warm. Then it goes through all trials for every
line on standard input, or through every PARTS-th one, and answers with the number of updates.
The folder is what `_searches.py` has written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

Search = Callable[[int | None], int]  # on so many batches an epoch; returns the updates
WARM_UP_BATCHES = 3  # make every worker, view and buffer
RATE, PENALTY = "optimizer.learning_rate", "regularization.l2"


def stacked(folder: Path) -> Search:
    """Return nntrain's own way: stacks planned for this machine, and a worker per processor."""
    from trainer_cli.search.executors.processes import Processes
    from trainer_cli.search.stack_size import this_machine

    tasks, workers = planned(folder), Processes(this_machine().processors)
    return lambda batches: updates(workers.run(shortened(tasks, batches)))


def one_after_another(folder: Path) -> Search:
    """Return nntrain's way without stacks: each trial alone, on as many threads as suit it."""
    import numpy as np

    from trainer_cli.search.stacked import train_stack
    from trainer_cli.search.work import DataOfTasks
    from trainer_cli.training.threads import threads_for

    tasks, data = planned(folder, stack=1), DataOfTasks()

    def search(batches: int | None) -> int:
        count = 0
        for task in shortened(tasks, batches):
            experiment = task.experiments[0]
            with threads_for(experiment.network), np.errstate(all="ignore"):
                count += updates(train_stack(task, data.of(experiment)))
        return count

    return search


def planned(folder: Path, stack: int | None = None) -> Any:
    """Return the stacks of the search, of so many trials each or as suits this machine."""
    from trainer_cli.config.load import load
    from trainer_cli.search.plan import plan_stage
    from trainer_cli.search.stack_size import stack_size, this_machine

    loaded, facts = load(folder / "experiment.yaml"), facts_of(folder)
    settings, machine = loaded.experiment.sweep, this_machine()
    assert settings is not None
    return plan_stage(
        loaded,
        replace(settings, stack=stack),
        number=1,
        first_trial=1,
        space=settings.space,
        stack=lambda group: stack_size(machine, group, tuple(facts["shape"]), facts["examples"]),
        misfit=lambda experiment: None,
    ).tasks


def shortened(tasks: Iterable[Any], batches: int | None) -> list[Any]:
    """Return the tasks with epochs of no more than so many batches."""
    return [replace(task, batches_per_epoch=batches) for task in tasks]


def updates(messages: Iterable[Any]) -> int:
    """Return the updates of all results; one that did not finish would spoil the comparison."""
    from trainer_cli.search.trials import Result

    results = [message for message in messages if isinstance(message, Result)]
    for result in results:
        if result.state != "finished":
            raise RuntimeError(f"trial {result.trial} {result.state}: {result.reason}")
    return sum(result.updates for result in results)


def pytorch(folder: Path, part: int, parts: int) -> Search:
    """Return PyTorch's way, eager: the usual loop over examples in memory, nothing superfluous."""
    import numpy as np
    import torch
    from torch import nn

    facts = facts_of(folder)
    x, y, x_val, y_val = (
        torch.from_numpy(np.load(folder / f"{split}_{kind}.npy"))
        for split in ("training", "validation")
        for kind in ("inputs", "labels")
    )

    def search(batches: int | None) -> int:
        return sum(train(trial, batches) for trial in facts["trials"][part::parts])

    def train(trial: dict[str, float], most: int | None) -> int:
        model = nn.Sequential(nn.Linear(x.shape[1], 50), nn.ReLU(), nn.Linear(50, 10))
        weights, biases = ([p for p in model.parameters() if p.ndim == n] for n in (2, 1))
        for each in weights:
            nn.init.normal_(each, std=facts["std"])
        optimizer = torch.optim.SGD(
            [{"params": weights, "weight_decay": trial[PENALTY]}, {"params": biases}],
            lr=trial[RATE],
            momentum=facts["momentum"],
        )
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, facts["decay"])
        count = 0
        for _ in range(facts["epochs"]):
            for index in torch.randperm(len(x)).split(facts["batch"])[:most]:
                optimizer.zero_grad(set_to_none=True)
                nn.functional.cross_entropy(model(x[index]), y[index]).backward()
                optimizer.step()
                count += 1
            schedule.step()
        with torch.no_grad():
            scores = model(x_val)
            cost = nn.functional.cross_entropy(scores, y_val).item()
            right = (scores.argmax(1) == y_val).sum().item()
        if not (cost < 10 and right):
            raise RuntimeError(f"{trial} exploded: cost {cost:g}, {right} right")
        return count

    return search


def facts_of(folder: Path) -> Any:
    """Return what `_searches.py` says of the search."""
    return json.loads((folder / "search.json").read_text(encoding="utf-8"))


def main() -> None:
    """Get ready, then search whenever asked."""
    contender, folder, *part = sys.argv[1:]
    ways: dict[str, Callable[..., Search]] = {
        "stacked": stacked,
        "one-after-another": one_after_another,
        "pytorch": pytorch,
    }
    search = ways[contender](Path(folder), *(int(number) for number in part))
    search(WARM_UP_BATCHES)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(search(None), flush=True)


if __name__ == "__main__":
    main()

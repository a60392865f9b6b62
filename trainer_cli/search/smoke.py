"""A rehearsal of a sweep for CI: every part once, on a few trials and batches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from trainer_cli.config.dump import to_yaml
from trainer_cli.config.experiment import Sweep
from trainer_cli.config.load import Loaded, load
from trainer_cli.datasets import Dataset
from trainer_cli.search.executors.serial import Serial
from trainer_cli.search.folder import SweepFolder
from trainer_cli.search.recorded import BEST, sweep_recorded
from trainer_cli.search.stack_size import this_machine
from trainer_cli.search.sweep import SweepWatch
from trainer_cli.search.work import DataOfTasks
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.smoke import BATCHES_PER_EPOCH

TRIALS = 4


def smoke_sweep(loaded: Loaded, settings: Sweep, dataset: Dataset) -> Finding:
    """Sweep a few trials of one epoch of five batches in a temporary folder and read it back.

    Judged is that every trial has a result that can be read back, and that one of them finished
    whose experiment is written and can be read.
    """
    begun = perf_counter()
    # A grid needs as many trials as it has points.
    few = replace(
        settings,
        trials=min(TRIALS, settings.trials),
        growth=1,
        sampler="random" if settings.sampler == "grid" else settings.sampler,
    )
    data = DataOfTasks()
    data.keep(loaded.experiment, dataset)
    with TemporaryDirectory(prefix="nntrain-smoke-") as temporary:
        place = Path(temporary) / "run"
        config = to_yaml(replace(loaded.experiment, sweep=few))
        folder = SweepFolder.create(place, config, dataset, this_machine())
        try:
            recorded = sweep_recorded(
                loaded,
                few,
                dataset,
                folder,
                Serial(data),
                data=data,
                watch=SweepWatch(),
                batches_per_epoch=BATCHES_PER_EPOCH,
            )
        finally:
            folder.close()
        swept = recorded.swept
        again = SweepFolder.resume(place, config, dataset)
        again.close()
        if again.results != {result.trial: result for result in swept.results}:
            return _finding(
                "fail",
                "the journal, read back, is not what was measured",
                "report this: it is a fault of nntrain itself",
                begun,
            )
        if swept.best is None:
            reasons = ", ".join(sorted({result.state for result in swept.results}))
            return _finding(
                "fail",
                f"none of {counted(len(swept.results), 'trial')} finished: {reasons}",
                "search lower rates, for instance --range optimizer.learning_rate=1e-6:1e-2",
                begun,
            )
        load(place / BEST)
    trials = counted(len(swept.results), "trial")
    stages = counted(len(swept.stages), "stage")
    return _finding("pass", f"{trials} in {stages}, journal and {BEST} work", None, begun)


def _finding(status: str, message: str, hint: str | None, begun: float) -> Finding:
    return Finding(
        rule="smoke",
        status=status,  # type: ignore[arg-type]
        message=message,
        hint=hint,
        seconds=perf_counter() - begun,
    )

"""A sweep with all that it leaves behind: plan, journal, verdicts, the best experiment, summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from trainer_cli.config.dump import to_yaml
from trainer_cli.config.experiment import Sweep
from trainer_cli.config.load import Loaded
from trainer_cli.datasets import Dataset
from trainer_cli.search.fit import Fit
from trainer_cli.search.folder import SweepFolder
from trainer_cli.search.messages import Executor
from trainer_cli.search.sweep import SweepWatch, Swept, sweep
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts import judge
from trainer_cli.search.work import DataOfTasks
from trainer_cli.training.findings import Finding, verdict

BEST = "best.yaml"
ALONE = """\
# Trained alone, its last bits may differ from those in a stack, and at a high learning rate the
# accuracy with them.
"""


@dataclass(frozen=True, kw_only=True)
class RecordedSweep:
    """A sweep that is over, and what was found."""

    swept: Swept
    findings: Sequence[Finding]


def sweep_recorded(
    loaded: Loaded,
    settings: Sweep,
    dataset: Dataset,
    folder: SweepFolder,
    executor: Executor,
    *,
    data: DataOfTasks,
    watch: SweepWatch,
    batches_per_epoch: int | None = None,
) -> RecordedSweep:
    """Search, judge and record: `best.yaml` is the best trial's experiment, as it was trained."""
    swept = sweep(
        loaded,
        settings,
        folder,
        executor,
        fit=Fit(data, folder.machine.memory),
        watch=watch,
        batches_per_epoch=batches_per_epoch,
    )
    examples = len(dataset.validation)
    majority = float(np.bincount(dataset.validation.labels).max() / examples)
    findings = judge(swept, examples, majority)
    best = swept.best
    if best is not None:
        experiment = swept.experiments[best.trial]
        folder.run.write(BEST, f"# {describe(best)}\n{ALONE}{to_yaml(experiment)}")
    folder.run.write_summary(summarize(swept, findings))
    return RecordedSweep(swept=swept, findings=findings)


def describe(best: Result) -> str:
    """Say how well the best trial did."""
    epochs = f"{best.epochs} epoch" + ("" if best.epochs == 1 else "s")
    return f"trial {best.trial}: validation accuracy {best.validation_accuracy:.1%} after {epochs}"


def summarize(swept: Swept, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what `summary.json` holds: verdict, findings, the best trial, why it stopped."""
    best = swept.best
    return {
        "verdict": verdict(findings),
        "findings": [asdict(finding) for finding in findings],
        "stopped": swept.stopped,
        "seconds": swept.seconds,
        "trials": len(swept.results),
        "best": None if best is None else asdict(best),
    }

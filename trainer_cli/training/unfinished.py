"""Says how far runs are that have not come to their end, so that nobody takes them for whole."""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.config.rules import UnfinishedRun
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.trained import Choice, TrainedRun

RULE = UnfinishedRun().type


def unfinished_run(runs: Sequence[TrainedRun], choice: Choice) -> Finding | None:
    """Return a warning for the runs that were interrupted or killed, or that go on; None if none.

    Where the history of a run cannot be read, the finding is that it is not judged.
    """
    begun = [run for run in runs if {None, "interrupted"} & set(run.ends)]
    unknown = [run for run in runs if not run.ends]
    if not begun:
        if not unknown:
            return None
        why = f"not judged: the history of {unknown[0].folder} cannot be read"
        return Finding(rule=RULE, status="skip", message=why)
    lag = ""
    if choice == "best" and any(None in run.ends for run in begun):
        lag = "; best.safetensors is written once a second at most, and may lack the last epochs"
    they = "it was" if len(begun) == 1 else "they were"
    resume = ", ".join(f"nntrain train --resume {run.folder}" for run in begun)
    return Finding(
        rule=RULE,
        status="warn",
        message=f"{'; '.join(map(_how_far, begun))}: the weights are those so far{lag}",
        hint=f"unless {they} given up on purpose, go on first: {resume}",
        evidence={"runs": [str(run.folder) for run in begun]},
    )


def _how_far(run: TrainedRun) -> str:
    left = [h for h in run.histories if h.stopped in (None, "interrupted")]
    goes_on = any(history.stopped is None for history in left)
    done, planned = max(len(history.epochs) for history in left), left[0].setting.epochs
    how = "was killed, or goes on," if goes_on else "was interrupted"
    return f"{run.folder} {how} after {done:,} of {counted(planned, 'epoch')}"

"""Did a loss begin far above that of equal scores, and stay there?"""

from __future__ import annotations

from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.names import INITIAL_LOSS
from trainer_cli.training.findings import Finding, counted

# Fitting initial weights and inputs of a usual scale begin within a few tenths of equal scores.
TWICE = 2.0
# A loss that rises above its start has another fault as well.
HARDLY = 0.01


def far_start(case: Case) -> Finding | None:
    """Return the finding on a loss that began above twice that of equal scores, and is still there.

    Source: CS231n, "Neural Networks Part 3", sanity checks: the loss at chance performance.
    """
    start, end = case.history.start.loss, case.end.train_loss
    equal = case.experiment.loss.at_zero_scores(case.history.setting.classes)
    if not (start > TWICE * equal and TWICE * equal < end <= (1 + HARDLY) * start):
        return None
    updates = counted(case.history.updates, "update")
    return Finding(
        rule=INITIAL_LOSS,
        status="warn",
        measured=start,
        expected=equal,
        threshold=TWICE * equal,
        message=f"the loss began at {start:.6g}, far above that of equal scores, {equal:.4g}, and "
        f"{updates} only took it to {end:.6g}: the inputs or the initial weights are too large",
        hint="bring the inputs to a usual scale (standardize) or start with smaller weights, and "
        "look at the first loss again (nntrain check-loss)",
        evidence={"from_start": True},
    )

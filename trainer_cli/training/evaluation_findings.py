"""What an evaluation on the test set means: is anything learned, and is it still a test?"""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.training.evaluation import Evaluation
from trainer_cli.training.findings import Finding, Status, counted
from trainer_cli.training.proportions import Interval

SOURCE = "whoever chooses by the test score fits the test set, and it is a test no more"


def judge(evaluation: Evaluation) -> list[Finding]:
    """Return the findings test-accuracy and test-set-reuse, behind one on unfinished runs."""
    unfinished = [] if evaluation.unfinished is None else [evaluation.unfinished]
    return [*unfinished, _accuracy(evaluation), _reuse(evaluation)]


def _accuracy(evaluation: Evaluation) -> Finding:
    """Judge whether the accuracy is beyond doubt better than naming the largest class."""
    status: Status
    low, high = evaluation.interval
    majority, count = evaluation.majority, len(evaluation.networks)
    whose = "the network" if count == 1 else f"the average of {count:,} networks"
    of_majority = f"the {majority:.1%} of naming the largest class every time"
    message = (
        f"{whose} classifies {evaluation.accuracy:.1%} of "
        f"{counted(evaluation.examples, 'test example')} rightly, "
        f"95% interval {interval_text(evaluation.interval)}"
    )
    if low > majority:
        status, verdict, hint = "pass", f"above {of_majority}", None
    elif high < majority:
        status, verdict = "warn", f"below {of_majority}"
        hint = "look for labels in another order than the examples; nntrain diagnose says more"
    else:
        status, verdict = "warn", f"which does not exclude {of_majority}"
        hint = (
            "see what nntrain diagnose says of the run; a larger test set gives a shorter interval"
        )
    return Finding(
        rule="test-accuracy",
        status=status,
        measured=evaluation.accuracy,
        expected=majority,
        message=f"{message}, {verdict}",
        hint=hint,
        evidence={"interval": list(evaluation.interval), "examples": evaluation.examples},
    )


def _reuse(evaluation: Evaluation) -> Finding:
    """Judge whether this is the first look at the test set."""
    times = dict(zip(evaluation.runs, evaluation.times, strict=True))
    again = {run: count for run, count in times.items() if count > 1}
    evidence = {"evaluations": times}
    if not again:
        whose = next(iter(times)) if len(times) == 1 else f"any of the {len(times)} runs"
        message = f"this is the first evaluation of {whose} on its test set"
        return Finding(rule="test-set-reuse", status="pass", message=message, evidence=evidence)
    told = ", ".join(f"the {_ordinal(count)} of {run}" for run, count in again.items())
    return Finding(
        rule="test-set-reuse",
        status="warn",
        measured=float(max(again.values())),
        expected=1.0,
        message=f"this is not the first evaluation on the test set, but {told}",
        hint=f"choose by validation accuracy, and evaluate once, at the very end: {SOURCE}",
        evidence=evidence,
    )


def validation_line(evaluation: Evaluation) -> str | None:
    """Return how the test accuracy compares with that on validation examples; None if unknown."""
    found = evaluation.validation
    if found is None:
        return None
    beside = (
        f"on {counted(found.examples, 'validation example')} the accuracy is "
        f"{found.accuracy:.1%}, test less validation {found.difference:+.1%} "
        f"(95% interval {interval_text(found.interval, signed=True)})"
    )
    if found.interval[1] < 0:
        return f"{beside}: {_flattered(found.chosen_by)}"
    return (
        f"{beside}: no difference that chance does not explain"
        if found.interval[0] <= 0
        else beside
    )


def _flattered(chosen_by: Sequence[str]) -> str:
    """Return why networks are likely to do worse on test examples than on validation examples."""
    if not chosen_by:
        return "settings chosen by the validation examples flatter it, or the two sets differ"
    figures = " or ".join(each.removeprefix("validation_") for each in chosen_by)
    what = "it" if figures == "accuracy" else "the accuracy"
    return f"the networks were chosen by the validation {figures}, which flatters {what}"


def interval_text(interval: Interval, *, signed: bool = False) -> str:
    """Return an interval of shares: 94.3% to 98.5%."""
    low, high = (f"{bound:+.1%}" if signed else f"{bound:.1%}" for bound in interval)
    return f"{low} to {high}"


def _ordinal(count: int) -> str:
    suffix = (
        "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    )
    return f"{count}{suffix}"

"""The figures of a run in words: what is said at its head and beside those of other runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean, stdev
from typing import Any

from trainer_cli.report.page.facts import NOT_ENDED, RunFacts
from trainer_cli.training.findings import counted
from trainer_cli.training.history import Epoch, History
from trainer_cli.training.proportions import wilson

NOTHING = "–"


@dataclass(frozen=True)
class Figure:
    """A figure with its name and, in smaller letters, what has to be known to read it."""

    name: str
    value: str
    remark: str = ""


def verdict_of(facts: RunFacts) -> str:
    """Return the verdict of a run; one that has not ended is skipped."""
    verdict = str(facts.summary.get("verdict", "skip"))
    return verdict if verdict in ("pass", "warn", "fail") else "skip"


def figures_of(facts: RunFacts) -> list[Figure]:
    """Return the figures of a run that come first: how good, when, how long, why it ended."""
    histories = facts.histories
    bests = bests_of(histories)
    updates = max(history.updates for history in histories)
    epochs = max(len(history.epochs) for history in histories)
    planned = histories[0].setting.epochs
    return [
        Figure("Validation accuracy", accuracy_text(facts), _interval_text(histories, bests)),
        Figure("Best epoch", _epochs_text(bests), f"of {planned}, by {_measure(histories[0])}"),
        Figure("Training accuracy", _mean_text([b.train_accuracy for b in bests]), _gap(bests)),
        Figure("Updates", f"{updates:,}", f"{counted(epochs, 'epoch')} of {planned}"),
        Figure("Time", time_text(facts.summary.get("seconds")), ""),
        Figure("Ended", stopped_text(histories), ended_why(histories)),
    ]


def bests_of(histories: Sequence[History]) -> list[Epoch]:
    """Return the best epoch of every member that has one."""
    return [history.best for history in histories if history.best is not None]


def accuracy_text(facts: RunFacts) -> str:
    """Return the validation accuracy of the best epoch, the mean of all members'."""
    return _mean_text([best.validation_accuracy for best in bests_of(facts.histories)])


def stopped_text(histories: Sequence[History]) -> str:
    """Return why training ended; of several members, how many ended so."""
    reasons = [history.stopped or "not ended" for history in histories]
    kinds = list(dict.fromkeys(reasons))
    if len(kinds) == 1:
        return kinds[0]
    return ", ".join(f"{reasons.count(kind)} {kind}" for kind in kinds)


def ended_why(histories: Sequence[History]) -> str:
    """Return what lies behind it, for the first member that did not simply finish."""
    first = next((h for h in histories if h.stopped != "finished"), histories[0])
    at = f"after {counted(first.updates, 'update')}"
    if first.stopped == "diverged":
        cost = f"{first.last_cost:.4g}" if isfinite(first.last_cost) else "no number any more"
        return f"cost {cost} {at}, the limit was {first.start.limit:.4g}"
    if first.stopped == "early-stopping":
        best = first.best
        return f"{at}, nothing better since epoch {best.epoch}" if best else at
    if first.stopped == "interrupted":
        return f"by a signal {at}"
    if first.stopped is None:
        return f"{NOT_ENDED}: so far {counted(first.updates, 'update')}"
    return "all epochs"


def time_text(seconds: Any) -> str:
    """Return a time as people say it.

    >>> [time_text(s) for s in (None, 0.204, 12.34, 125.0, 4_000.0)]
    ['–', '0.20 s', '12.3 s', '2 min 5 s', '1 h 6 min']
    """
    if not isinstance(seconds, int | float) or not isfinite(seconds):
        return NOTHING
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _mean_text(values: Sequence[float]) -> str:
    if not values:
        return NOTHING
    spread = f" ± {100 * stdev(values):.1f}" if len(values) > 1 else ""
    return f"{100 * fmean(values):.1f}{spread}%"


def _interval_text(histories: Sequence[History], bests: Sequence[Epoch]) -> str:
    examples = histories[0].setting.validation_examples
    if not bests:
        return f"no epoch was finished; {counted(examples, 'example')}"
    if len(bests) > 1:
        return f"mean ± sd of {len(bests)} members, {counted(examples, 'example')}"
    low, high = wilson(bests[0].validation_accuracy, examples)
    return f"95% interval {low:.1%} to {high:.1%}, {counted(examples, 'example')}"


def _epochs_text(bests: Sequence[Epoch]) -> str:
    epochs = sorted(best.epoch for best in bests)
    if not epochs:
        return NOTHING
    return str(epochs[0]) if epochs[0] == epochs[-1] else f"{epochs[0]} to {epochs[-1]}"


def _measure(history: History) -> str:
    return history.setting.best_by.replace("_", " ")


def _gap(bests: Sequence[Epoch]) -> str:
    if not bests:
        return ""
    gap = fmean(best.train_accuracy - best.validation_accuracy for best in bests)
    return f"in the best epoch; gap {100 * gap:.1f} points"

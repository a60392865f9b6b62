"""What a sweep means: is the best trial to be trusted, and where to search next?"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from trainer_cli.search.sweep import Swept
from trainer_cli.search.verdicts.all_diverged import all_diverged
from trainer_cli.search.verdicts.all_too_low import all_too_low
from trainer_cli.search.verdicts.best_at_edge import best_at_edge
from trainer_cli.search.verdicts.facts import Facts
from trainer_cli.search.verdicts.few_trials import few_trials
from trainer_cli.search.verdicts.flat import flat
from trainer_cli.search.verdicts.mostly_infeasible import mostly_infeasible
from trainer_cli.search.verdicts.rate_regions import learning_rate_regions
from trainer_cli.search.verdicts.winner import winner_within_noise
from trainer_cli.training.findings import Finding

__all__ = ["judge"]


def judge(swept: Swept, validation_examples: int, majority: float) -> list[Finding]:
    """Return the findings on a sweep, at least one.

    `majority` is the validation accuracy of naming the largest class every time. Where nothing
    was learned at all, nothing but that is said.
    """
    begun = perf_counter()
    facts = Facts(swept=swept, examples=validation_examples, majority=majority)
    findings = _interrupted(facts) if swept.stopped == "interrupted" else _judge(facts)
    seconds = perf_counter() - begun
    return [replace(finding, seconds=seconds / len(findings)) for finding in findings]


def _judge(facts: Facts) -> list[Finding]:
    failed = all_diverged(facts) or all_too_low(facts)
    if failed:
        return [failed]
    found = [
        mostly_infeasible(facts),
        *best_at_edge(facts),
        flat(facts),
        few_trials(facts),
        learning_rate_regions(facts),
        None if facts.swept.best is None else winner_within_noise(facts),
    ]
    return [finding for finding in found if finding is not None]


def _interrupted(facts: Facts) -> list[Finding]:
    """Compare the trials that finished: that stays true, while all else may still change."""
    skipped = Finding(
        rule="best-at-edge",
        status="skip",
        message="what the ranges are worth is not judged: the sweep was interrupted",
        hint="go on with it: nntrain sweep --resume and the run's folder",
    )
    return [skipped] if facts.swept.best is None else [skipped, winner_within_noise(facts)]

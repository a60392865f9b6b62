"""What the outcomes of all cases come down to: found, named rightly, false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainer_cli.checks.selftest.case import NOTHING, Case, Outcome
from trainer_cli.training.findings import Finding, counted

# Of the faults this share must be named rightly; of the sound runs this share may warn. What tools
# for the same purpose reach is far below the first: of 52 faulty programs UMLAUT names 14 and
# DeepFD 27 (Cao et al., "DeepFD: Automated Fault Diagnosis and Localization for Deep Learning
# Programs", ICSE 2022).
RIGHTLY, WARNED = 0.95, 0.01


@dataclass(frozen=True, kw_only=True)
class FaultTried:
    """A fault, and what `check` said of it."""

    case: Case
    outcome: Outcome

    @property
    def found(self) -> bool:
        """Whether anything fails or warns."""
        return self.outcome.verdict != "pass"

    @property
    def named(self) -> bool:
        """Whether what a reader takes for the name is a right one."""
        return self.outcome.rule in self.case.rules


@dataclass(frozen=True, kw_only=True)
class SoundTried:
    """A sound experiment, and what `check` said of it with each seed."""

    case: Case
    outcomes: Sequence[Outcome]

    @property
    def alarms(self) -> list[Outcome]:
        """Where something fails or warns."""
        return [each for each in self.outcomes if each.verdict != "pass"]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """All faults and all sound experiments that were tried."""

    faults: Sequence[FaultTried]
    sound: Sequence[SoundTried]

    @property
    def rightly(self) -> bool:
        """Whether as many faults are named rightly as must be."""
        named = sum(each.named for each in self.faults)
        return named >= RIGHTLY * sum(each.found for each in self.faults)

    @property
    def quiet(self) -> bool:
        """Whether no more sound runs warn than may."""
        warned = sum(o.verdict == "warn" for each in self.sound for o in each.outcomes)
        return warned <= WARNED * sum(len(each.outcomes) for each in self.sound)


def gathered(cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Tried:
    """Put outcomes that came in any order to their cases, and seeds in order."""
    of: dict[str, list[Outcome]] = {case.name: [] for case in cases}
    for each in sorted(outcomes, key=lambda outcome: outcome.seed):
        of[each.case].append(each)
    return Tried(
        faults=[
            FaultTried(case=case, outcome=of[case.name][0])
            for case in cases
            if case.kind != "sound"
        ],
        sound=[
            SoundTried(case=case, outcomes=of[case.name]) for case in cases if case.kind == "sound"
        ],
    )


def judge(tried: Tried) -> list[Finding]:
    """Return a finding for each fault, for each quiet sound experiment, and for each false alarm.

    A fault that is not found fails. One with a wrong name warns, and so does a false warning; they
    fail where there are more of them than RIGHTLY and WARNED admit. A false failure fails.
    """
    findings = [_of_fault(each, tried.rightly) for each in tried.faults]
    for each in tried.sound:
        findings += [_of_alarm(alarm, tried.quiet) for alarm in each.alarms] or [_quiet(each)]
    return findings


def names(tried: Tried) -> list[str]:
    """Return what each of these findings is about."""
    found = [each.case.name for each in tried.faults]
    for each in tried.sound:
        found += [f"{o.case}, seed {o.seed}" for o in each.alarms] or [each.case.name]
    return found


def _of_fault(tried: FaultTried, rightly: bool) -> Finding:
    case, said = tried.case, tried.outcome
    rule, what = case.rules[0], f"{case.name} ({case.kind})"
    seconds = said.seconds
    if not tried.found:
        message = f"{what}: not found"
        return Finding(
            rule=rule, status="fail", message=message, hint=f"{rule} should", seconds=seconds
        )
    found = f"{what}: found by {said.rule}"
    if tried.named:
        return Finding(rule=rule, status="pass", message=found, seconds=seconds)
    return Finding(
        rule=rule,
        status="warn" if rightly else "fail",
        message=f"{found}: {said.message}",
        hint=f"it should be named by {' or '.join(case.rules)}",
        seconds=seconds,
    )


def _quiet(tried: SoundTried) -> Finding:
    seeds = counted(len(tried.outcomes), "seed")
    return Finding(
        rule=NOTHING,
        status="pass",
        message=f"{tried.case.name} is sound, and nothing found with {seeds}",
        seconds=sum(outcome.seconds for outcome in tried.outcomes),
    )


def _of_alarm(said: Outcome, quiet: bool) -> Finding:
    assert said.rule is not None
    return Finding(
        rule=said.rule,
        status="warn" if quiet and said.verdict == "warn" else "fail",
        message=f"{said.case}, seed {said.seed}, is sound: {said.message}",
        hint=f"a {said.verdict} here is a false alarm",
        seconds=said.seconds,
    )

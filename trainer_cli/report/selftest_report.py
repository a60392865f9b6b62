"""The report of `selftest`: what is not as it should be, the table of all cases, and the sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from trainer_cli.checks.selftest.case import KINDS
from trainer_cli.checks.selftest.judged import FaultTried, SoundTried, Tried, judge
from trainer_cli.report.aligned import aligned
from trainer_cli.report.report import Report
from trainer_cli.training.findings import counted


def selftest_report(tried: Tried) -> Report:
    """Return the report of all cases that were tried."""
    findings = judge(tried)
    return Report(
        findings=findings,
        results={
            "totals": _totals(tried),
            "faults": [_fault(each) for each in tried.faults],
            "sound": [_sound(each) for each in tried.sound],
        },
        table=[*_table_of_faults(tried.faults), *_table_of_sound(tried.sound)],
        lines=list(_sums(tried)),
        told=[finding for finding in findings if finding.status != "pass"],
    )


def _table_of_faults(faults: Sequence[FaultTried]) -> list[str]:
    rows = [
        (
            each.case.kind,
            each.case.name,
            each.outcome.verdict if each.found else "NOT FOUND",
            each.outcome.rule or "",
            "yes" if each.named else "NO",
        )
        for each in faults
    ]
    return aligned([("fault", "", "found", "by", "rightly named"), *rows], 4) if rows else []


def _table_of_sound(sound: Sequence[SoundTried]) -> list[str]:
    rows = [
        (
            "sound",
            each.case.name,
            f"{len(each.outcomes) - len(each.alarms)} of {len(each.outcomes)} seeds pass",
            ", ".join(dict.fromkeys(f"{o.verdict} {o.rule}" for o in each.alarms)),
        )
        for each in sound
    ]
    return aligned(rows, 4) if rows else []


def _sums(tried: Tried) -> Iterator[str]:
    """Yield what all of it comes down to."""
    for kind in KINDS:
        of_kind = [each for each in tried.faults if each.case.kind == kind]
        if of_kind:
            yield f"{kind}: {_found_and_named(of_kind)}"
    if tried.faults:
        yield f"all faults: {_found_and_named(tried.faults)}"
    if tried.sound:
        totals = _totals(tried)
        runs = counted(totals["sound_runs"], "run")
        yield (
            f"sound: {counted(len(tried.sound), 'experiment')}, {runs}: "
            f"{totals['false_fails']} with a false fail, {totals['false_warns']} with a false warn"
        )


def _found_and_named(faults: Sequence[FaultTried]) -> str:
    found, named = sum(each.found for each in faults), sum(each.named for each in faults)
    return f"{found} of {len(faults)} found, {named} named rightly"


def _totals(tried: Tried) -> dict[str, int]:
    runs = [outcome for each in tried.sound for outcome in each.outcomes]
    return {
        "faults": len(tried.faults),
        "found": sum(each.found for each in tried.faults),
        "rightly_named": sum(each.named for each in tried.faults),
        "sound_runs": len(runs),
        "false_fails": sum(each.verdict == "fail" for each in runs),
        "false_warns": sum(each.verdict == "warn" for each in runs),
    }


def _fault(each: FaultTried) -> dict[str, Any]:
    said = each.outcome
    return {
        "fault": each.case.name,
        "kind": each.case.kind,
        "expected": list(each.case.rules),
        "found": each.found,
        "named": each.named,
        "verdict": said.verdict,
        "rule": said.rule,
        "message": said.message,
        "others": list(said.others),
        "seconds": said.seconds,
    }


def _sound(each: SoundTried) -> dict[str, Any]:
    return {
        "experiment": each.case.name,
        "seeds": len(each.outcomes),
        "alarms": [
            {"seed": o.seed, "verdict": o.verdict, "rule": o.rule, "message": o.message}
            for o in each.alarms
        ],
        "seconds": sum(outcome.seconds for outcome in each.outcomes),
    }

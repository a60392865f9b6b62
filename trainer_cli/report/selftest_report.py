"""The report of `selftest`: what is not as it should be, the table of all cases, and the sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from trainer_cli.checks.selftest.case import KINDS
from trainer_cli.checks.selftest.judged import FaultTried, SoundTried, Tried, judge, names
from trainer_cli.report.aligned import aligned
from trainer_cli.report.report import Report
from trainer_cli.training.findings import counted

PLACES = {
    "data": "data",
    "experiment file": "experiment files",
    "layer code": "layer code",
    "training loop": "the training loop",
}


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
        cases=names(tried),
    )


def _table_of_faults(faults: Sequence[FaultTried]) -> list[str]:
    """Return a line for each fault, under the kinds."""
    if not faults:
        return []
    rows = [
        (
            each.case.name,
            "yes" if each.found else "NO",
            each.outcome.rule or "-",
            "yes" if each.named else "NO",
        )
        for each in faults
    ]
    head, *lines = aligned([("", "found", "by", "named rightly"), *rows], 4)
    told = [head.rstrip()]
    for kind in KINDS:
        of_kind = [
            f"  {line.rstrip()}"
            for each, line in zip(faults, lines, strict=True)
            if each.case.kind == kind
        ]
        told += [kind, *of_kind] if of_kind else []
    told[0] = f"  {told[0]}"
    return told


def _table_of_sound(sound: Sequence[SoundTried]) -> list[str]:
    """Return a line for each sound experiment: with how many seeds nothing fails or warns."""
    rows = [
        (
            f"  {each.case.name}",
            f"{len(each.outcomes) - len(each.alarms)} of {len(each.outcomes)}",
            ", ".join(dict.fromkeys(f"{o.verdict} by {o.rule}" for o in each.alarms)),
        )
        for each in sound
    ]
    if not rows:
        return []
    return [line.rstrip() for line in aligned([("sound", "pass", ""), *rows], 3)]


def _sums(tried: Tried) -> Iterator[str]:
    """Yield what all of it comes down to."""
    for kind in KINDS:
        of_kind = [each for each in tried.faults if each.case.kind == kind]
        if of_kind:
            yield f"faults in {PLACES[kind]}: {_found_and_named(of_kind)}"
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

"""The head of a run: its verdict and first figures, and the findings they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainer_cli.nn.network import parameter_count
from trainer_cli.report.page.facts import NOT_ENDED, RunFacts
from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.section import Section, folded, left_out
from trainer_cli.report.page.told import figures_of
from trainer_cli.training.findings import counted

STATUSES = ("fail", "warn", "skip", "pass")
LOUD = ("fail", "warn")
FEW = 3  # findings that need not be folded away


def pill(status: str) -> Markup:
    """Return a status as a coloured word."""
    known = status if status in STATUSES else "skip"
    return tag("span", status, class_=f"pill {known}")


def tiles(facts: RunFacts) -> Markup:
    """Return the first figures of a run."""
    return tag(
        "dl",
        joined(
            tag("div", tag("dt", each.name), tag("dd", each.value), tag("dd", each.remark))
            for each in figures_of(facts)
        ),
        class_="tiles",
    )


def subject(facts: RunFacts) -> str:
    """Return in a line what was trained on what."""
    setting, experiment = facts.histories[0].setting, facts.experiment
    parts = [
        experiment.data.source.type,
        f"{setting.examples:,} training and {setting.validation_examples:,} validation examples",
        f"{setting.classes} classes",
    ]
    if not isinstance(facts.dataset, Missing):
        shape = facts.dataset.shape
        parts[1] += " of " + " × ".join(map(str, shape))
        parts.append(counted(parameter_count(experiment.network, shape), "parameter"))
    if len(facts.histories) > 1:
        parts.append(f"{len(facts.histories)} members")
    return " · ".join([*parts, f"batches of {setting.batch_size}", f"seed {experiment.seed}"])


def findings_section(facts: RunFacts) -> Section:
    """Return the findings, the worst first; much that needs no attention is folded away."""
    found = facts.summary.get("findings")
    findings = [each for each in found if isinstance(each, Mapping)] if found else []
    if not findings:
        why = "none were made" if facts.summary else NOT_ENDED
        return Section(name="findings", title="Findings", body=left_out("findings", Missing(why)))
    by_status = sorted(findings, key=lambda each: _rank(str(each.get("status"))))
    loud = [each for each in by_status if each.get("status") in LOUD]
    quiet = [each for each in by_status if each.get("status") not in LOUD]
    if len(quiet) <= FEW:
        return Section(name="findings", title="Findings", body=_list(by_status))
    passed = sum(each.get("status") == "pass" for each in quiet)
    counts = {"passed": passed, "not judged": len(quiet) - passed}
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    body = joined([_list(loud) if loud else None, folded(told, _list(quiet))])
    return Section(name="findings", title="Findings", body=body)


def _list(findings: Sequence[Mapping[str, Any]]) -> Markup:
    return tag("ul", joined(_finding(each) for each in findings), class_="findings")


def _finding(finding: Mapping[str, Any]) -> Markup:
    hint = finding.get("hint")
    return tag(
        "li",
        pill(str(finding.get("status"))),
        tag(
            "div",
            tag("code", str(finding.get("rule"))),
            tag("p", str(finding.get("message"))),
            None if not hint else tag("p", tag("b", "Hint: "), str(hint), class_="hint"),
        ),
    )


def _rank(status: str) -> int:
    return STATUSES.index(status) if status in STATUSES else len(STATUSES)

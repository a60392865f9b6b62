"""A report as a JUnit file, the form in which CI systems take the results of tests.

Jenkins holds such files against a schema, junit-10.xsd of its xUnit plugin, and GitLab reads a part
of it; this is the part that both know. Whatever is not ASCII stands as a character reference, so
that the file is whole whatever the encoding of the terminal or pipe it goes through.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from trainer_cli.report.report import Report
from trainer_cli.training.findings import Finding

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# What XML 1.0 cannot hold, section 2.2, not even as a character reference.
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
STAND_IN = "\ufffd"


def report_junit(command: str, config: str, report: Report, *, strict: bool) -> str:
    """Return the file: a suite for the command, a case for each finding.

    What fails is a failure, and so is a warning if `strict`; JUnit knows no other warnings, so that
    they pass and say in their output what they have to say.
    """
    suite = Element("testsuite", name=f"nntrain {command}")
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="config", value=_holdable(config))
    class_name = _class_name(command, config)
    names = _names(report.findings) if report.cases is None else map(_holdable, report.cases)
    for name, finding in zip(names, report.findings, strict=True):
        case = SubElement(suite, "testcase", classname=class_name, name=name, time=_time([finding]))
        _tell(case, finding, strict=strict)
    lines = [*report.table, *report.lines]
    if lines:
        SubElement(suite, "system-out").text = _holdable("\n".join(lines))
    return _document(suite, _time(report.findings))


def errors_junit(command: str, config: str, text: str) -> str:
    """Return the file of a command that could not start: one case, with the error in it."""
    suite = Element("testsuite", name=f"nntrain {command}")
    case = SubElement(
        suite, "testcase", classname=_class_name(command, config), name="start", time=_time([])
    )
    error = SubElement(case, "error", type="error", message=_holdable(text.partition("\n")[0]))
    error.text = _holdable(text)
    return _document(suite, _time([]))


def _tell(case: Element, finding: Finding, *, strict: bool) -> None:
    """Put into a case what its finding says."""
    text = f"{finding.message}\nhint: {finding.hint}" if finding.hint else finding.message
    kind = {"fail": "failure", "skip": "skipped"}.get(finding.status)
    if finding.status == "warn" and strict:
        kind = "failure"
    if kind is None:
        SubElement(case, "system-out").text = _holdable(f"{finding.status}: {text}")
        return
    message = _holdable(finding.message)
    SubElement(case, kind, type=finding.status, message=message).text = _holdable(text)


def _document(suite: Element, time: str) -> str:
    """Return the text of a file with one suite, which says how many cases of which kind it has."""
    cases = suite.findall("testcase")
    counts = {
        "tests": len(cases),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
    }
    whole = Element("testsuites", name="nntrain", time=time)
    for element in (whole, suite):
        element.attrib.update({name: str(count) for name, count in counts.items()})
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("time", time)
    whole.append(suite)
    indent(whole)
    text: bytes = tostring(whole, encoding="us-ascii", xml_declaration=False)
    return HEAD + text.decode("ascii") + "\n"


def _class_name(command: str, config: str) -> str:
    """Return the class that the cases belong to: CI systems group and compare by it.

    It has the experiment in it, so that the same rule of two experiments is two cases; what stands
    before its last point is the package, so that Jenkins shows the commands as packages.
    """
    return f"{command}.{_holdable(re.sub('[.]ya?ml$', '', config))}"


def _names(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the names of the cases, the rules: GitLab drops all but the first of a name."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.rule] += 1
        number = seen[finding.rule]
        yield finding.rule if number == 1 else f"{finding.rule} ({number})"


def _time(findings: Sequence[Finding]) -> str:
    """Return how long the findings took, in seconds."""
    return f"{sum(finding.seconds for finding in findings):.3f}"


def _holdable(text: str) -> str:
    """Return the text with a stand-in for each character that XML cannot hold."""
    return FORBIDDEN.sub(STAND_IN, text)

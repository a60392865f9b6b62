"""The rules of junit-10.xsd, by which the xUnit plugin of Jenkins judges a file, in short form.

Source: jenkinsci/xunit-plugin, org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd. Of each
element: the attributes that it must have, those that it may have, the elements that may stand in
it, and whether text may.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

SECONDS = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")  # its SUREFIRE_TIME


@dataclass(frozen=True)
class Rule:
    must: str = ""
    may: str = ""
    children: str = ""
    text: bool = False


SAID = Rule(may="type message", text=True)
RULES = {
    "testsuites": Rule(may="name time tests failures errors", children="testsuite"),
    "testsuite": Rule(
        must="name tests failures errors",
        may="group time skipped timestamp hostname id package file log url",
        children="testsuite properties testcase system-out system-err",
    ),
    "properties": Rule(children="property"),
    "property": Rule(must="name value"),
    "testcase": Rule(
        must="name",
        may="time classname group",
        children="skipped error failure system-out system-err",
    ),
    "skipped": SAID,
    "error": SAID,
    "failure": SAID,
    "system-out": Rule(text=True),
    "system-err": Rule(text=True),
}


def broken(element: Element) -> list[str]:
    """Return what in an element, or below it, is against the schema."""
    rule, name = RULES[element.tag], element.tag
    given = set(element.attrib)
    found = [f"{name} has no {each}" for each in set(rule.must.split()) - given]
    allowed = {*rule.must.split(), *rule.may.split()}
    found += [f"{name} has an attribute {each}" for each in given - allowed]
    if "time" in given and name != "testcase" and not SECONDS.fullmatch(element.attrib["time"]):
        found.append(f"{name} takes {element.attrib['time']}")
    if not rule.text and (element.text or "").strip():
        found.append(f"{name} has text")
    for child in element:
        if child.tag in rule.children.split():
            found += broken(child)
        else:
            found.append(f"{name} has a {child.tag}")
        if (child.tail or "").strip():
            found.append(f"{name} has text")
    return found

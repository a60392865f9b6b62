"""A JUnit file has a case for each rule, follows the schema of Jenkins, and reads back whole."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.junit_schema import broken
from trainer_cli.report.junit_report import errors_junit, report_junit
from trainer_cli.report.report import Report
from trainer_cli.training.findings import Finding

PASS = Finding(rule="initial-loss", status="pass", message="the loss is ln 10", seconds=0.25)
WARN = Finding(rule="plateau", status="warn", message="it is flat", hint="wait", seconds=1)
FAIL = Finding(rule="overfit", status="fail", message="0.5 < 1 & so", hint="use √2", seconds=1234.5)
SKIP = Finding(rule="max-norm", status="skip", message="not judged: no bound")
ALL = Report(findings=[PASS, WARN, FAIL, SKIP])


def read(text: str) -> Element:
    root = fromstring(text)
    assert broken(root) == []
    return root


def test_the_whole_file():
    assert report_junit("check", "configs/a.yaml", ALL, strict=False) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="nntrain" time="1235.750" tests="4" failures="1" errors="0">\n'
        '  <testsuite name="nntrain check" tests="4" failures="1" errors="0" skipped="1"'
        ' time="1235.750">\n'
        "    <properties>\n"
        '      <property name="config" value="configs/a.yaml" />\n'
        "    </properties>\n"
        '    <testcase classname="check.configs/a" name="initial-loss" time="0.250">\n'
        "      <system-out>pass: the loss is ln 10</system-out>\n"
        "    </testcase>\n"
        '    <testcase classname="check.configs/a" name="plateau" time="1.000">\n'
        "      <system-out>warn: it is flat\nhint: wait</system-out>\n"
        "    </testcase>\n"
        '    <testcase classname="check.configs/a" name="overfit" time="1234.500">\n'
        '      <failure type="fail" message="0.5 &lt; 1 &amp; so">0.5 &lt; 1 &amp; so\n'
        "hint: use &#8730;2</failure>\n"
        "    </testcase>\n"
        '    <testcase classname="check.configs/a" name="max-norm" time="0.000">\n'
        '      <skipped type="skip" message="not judged: no bound">not judged: no bound</skipped>\n'
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_a_warning_is_a_failure_under_strict():
    root = read(report_junit("check", "a.yaml", ALL, strict=True))
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    (failure,) = root.findall(".//testcase[@name='plateau']/failure")
    assert failure.attrib == {"type": "warn", "message": "it is flat"}
    assert failure.text == "it is flat\nhint: wait"


def test_cases_of_one_name_are_numbered():
    root = read(
        report_junit("evaluate", "a.yaml", Report(findings=[PASS, FAIL, PASS]), strict=True)
    )
    names = [case.get("name") for case in root.iter("testcase")]
    assert names == ["initial-loss", "overfit", "initial-loss (2)"]


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ("../a.yaml", "check.../a"),
        ("runs/one/config.yml", "check.runs/one/config"),
        ("built-in digits experiment", "check.built-in digits experiment"),
    ],
)
def test_the_class_is_the_command_and_the_experiment(config, name):
    root = read(report_junit("check", config, ALL, strict=False))
    assert {case.get("classname") for case in root.iter("testcase")} == {name}


def test_results_of_the_command_are_its_output():
    report = Report(findings=[PASS], table=["a  b", "1  2"], lines=["run: runs/x"])
    root = read(report_junit("train", "a.yaml", report, strict=False))
    assert [each.text for each in root.findall("testsuite/system-out")] == [
        "a  b\n1  2\nrun: runs/x"
    ]


def test_a_command_that_could_not_start():
    root = read(errors_junit("train", "a.yaml", "a.yaml:1:1: wrong\n  |\n1 | <&\n\n1 problem"))
    assert root.attrib == {
        "name": "nntrain",
        "time": "0.000",
        "tests": "1",
        "failures": "0",
        "errors": "1",
    }
    (case,) = root.iter("testcase")
    assert case.attrib == {"classname": "train.a", "name": "start", "time": "0.000"}
    (error,) = case
    assert error.attrib == {"type": "error", "message": "a.yaml:1:1: wrong"}
    assert error.text == "a.yaml:1:1: wrong\n  |\n1 | <&\n\n1 problem"


def test_what_xml_cannot_hold_is_replaced():
    message = "\x00 \x1b[31m \ud800 \uffff \t 日本 \U0001f600 ]]>"
    finding = Finding(rule="overfit", status="fail", message=message)
    text = report_junit("check", "\udcff.yaml", Report(findings=[finding]), strict=False)
    assert text.isascii()
    (failure,) = read(text).iter("failure")
    assert failure.get("message") == "\ufffd \ufffd[31m \ufffd \ufffd \t 日本 \U0001f600 ]]>"
    assert read(text).find(".//property").get("value") == "\ufffd.yaml"


@given(
    text=st.text(st.characters(categories=["L", "M", "N", "P", "S", "Z", "Cc", "Cs", "Cn"])),
    status=st.sampled_from(["pass", "warn", "fail", "skip"]),
)
def test_any_text_gives_a_file_that_follows_the_schema(text, status):
    finding = Finding(rule="overfit", status=status, message=text, hint=text)
    report = Report(findings=[finding], lines=[text])
    (case,) = read(report_junit("check", text, report, strict=True)).iter("testcase")
    assert len(case) == 1
    read(errors_junit("check", text, text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<testsuites><testcase name='a'/></testsuites>", ["testsuites has a testcase"]),
        ("<testcase/>", ["testcase has no name"]),
        ("<testcase name='a' file='b'/>", ["testcase has an attribute file"]),
        ("<testcase name='a'>b</testcase>", ["testcase has text"]),
        ("<testsuites time='1 s'/>", ["testsuites takes 1 s"]),
    ],
)
def test_the_schema_refuses(text, found):
    assert broken(fromstring(text)) == found

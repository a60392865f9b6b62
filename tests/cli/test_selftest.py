"""`nntrain selftest` as a user runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest

from tests.cli.running import PROGRAM, run
from trainer_cli.checks.selftest.catalogue import CATALOGUE

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals as Unix has them")
FEW = ["selftest", "--only", "log2 for log", "--only", "digits", "--seeds", "2"]


def test_text(empty_folder):
    ran = run(*FEW, "--workers", "1")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "nntrain selftest  built-in catalogue",
        "                found  by                   named rightly",
        "layer code",
        "  log2 for log  yes    loss-at-zero-scores  yes",
        "sound     pass",
        "  digits  2 of 2",
        "faults in layer code: 1 of 1 found, 1 named rightly",
        "all faults: 1 of 1 found, 1 named rightly",
        "sound: 1 experiment, 2 runs: 0 with a false fail, 0 with a false warn",
        "verdict: pass  (2 pass)",
    ]
    assert ran.err == ""
    assert not list(empty_folder.iterdir())


def test_several_processes_say_the_same():
    alone, together = (run(*FEW, "--workers", n, "--format", "json").json for n in ("1", "2"))
    for each in (alone, together):
        for finding in each["findings"]:
            finding["seconds"] = 0
        for tried in (*each["faults"], *each["sound"]):
            tried["seconds"] = 0
    assert alone == together
    assert alone["verdict"] == "pass"


def test_junit():
    ran = run(*FEW, "--workers", "1", "--format", "junit")
    suite = ElementTree.fromstring(ran.out.split("\n", 1)[1]).find("testsuite")
    assert [each.get("name") for each in suite.iter("testcase")] == ["log2 for log", "digits"]


def test_a_kind_is_a_pattern():
    ran = run("selftest", "--only", "training loop", "--format", "json")
    kinds = {each["kind"] for each in ran.json["faults"]}
    assert kinds == {"training loop"}
    assert ran.json["totals"]["faults"] == sum(c.kind == "training loop" for c in CATALOGUE)
    assert ran.json["sound"] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only", "tea"], "no case matches 'tea'"),
        (["--seeds", "0"], "greater than or equal to 1"),
        (["--workers", "0"], "greater than or equal to 1"),
    ],
)
def test_what_it_refuses(options, message):
    ran = run("selftest", *options)
    assert ran.code == 2
    assert message in ran.err


def begin():
    """Start it with two workers, in a process group of its own."""
    return subprocess.Popen(
        [*PROGRAM, "selftest", "--workers", "2"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def group_of(child):
    """Return the processes of its group, but for those that have ended."""
    told = subprocess.run(["ps", "-eo", "pid=,pgid=,stat="], capture_output=True, text=True).stdout
    rows = [line.split() for line in told.splitlines()]
    return [int(pid) for pid, group, state in rows if int(group) == child.pid and state[0] != "Z"]


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_leaves_no_process(number, code):
    child = begin()
    wait_until(lambda: len(group_of(child)) >= 4)  # itself, a tracker of resources, two workers
    os.kill(child.pid, number)
    _, told = child.communicate(timeout=120)
    assert child.returncode == code
    assert "Traceback" not in told
    wait_until(lambda: not group_of(child))


@POSIX
def test_a_worker_that_is_killed():
    child = begin()
    wait_until(lambda: len(group_of(child)) >= 4)
    os.kill(max(group_of(child)), signal.SIGKILL)
    _, told = child.communicate(timeout=120)
    assert (child.returncode, told) == (
        2,
        "a process that checks was killed\nhint: if memory is short, use fewer --workers\n",
    )


@POSIX
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_workers_end_with_it(number):
    child = begin()
    wait_until(lambda: len(group_of(child)) >= 4)
    os.kill(child.pid, number)
    child.communicate(timeout=120)
    wait_until(lambda: not group_of(child))

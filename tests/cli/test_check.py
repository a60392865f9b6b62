"""`nntrain check`: one command for the whole recipe."""

from tests.cli.running import run


def test_the_built_in_digits_pass():
    ran = run("check")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "nntrain check  built-in digits experiment"
    assert all(line.split()[1] == "pass" for line in lines[1:-1])
    assert lines[-1].startswith("verdict: pass  (")


def test_json():
    document = run("check", "--format", "json").json
    assert document["verdict"] == "pass"
    names = [each["check"] for each in document["checks"]]
    assert names[0] == "loss" or "loss" in names
    rules = [rule for each in document["checks"] for rule in each["rules"]]
    assert rules == [finding["rule"] for finding in document["findings"]]


def test_a_failure_is_told_in_full_and_what_depends_on_it_left_out():
    ran = run("check", "--set", "network.0.init={type: normal, std: 30}", "--seeds", "1")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[1].startswith("fail  initial-loss: the initial loss is 120.8356, ")
    assert lines[2].startswith("      hint: ")
    told = next(line for line in lines if line.startswith("grad"))
    assert "skip  not checked: loss failed, and it depends on that" in told


def test_a_check_that_does_not_exist():
    ran = run("check", "--only", "gradient")
    assert ran.code == 2
    assert "no check is called 'gradient'" in ran.err


def test_only_and_skip():
    ran = run("check", "--only", "loss", "--only", "reg", "--skip", "reg", "--format", "json")
    assert [each["check"] for each in ran.json["checks"]] == ["loss"]


def test_a_severity_of_the_experiment_decides():
    wild = ["check", "--only", "loss", "--set", "network.0.init={type: normal, std: 30}"]
    assert run(*wild, "--seeds", "1").code == 1
    assert run(*wild, "--seeds", "1", "--set", "checks.initial-loss=warn").code == 0
    assert run(*wild, "--seeds", "1", "--set", "checks.initial-loss=ignore").code == 0

"""Commands over run folders: one run or several, opened once, and declared like all others."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.cli.known_runs import known_run
from tests.cli.running import run
from tests.runs_on_disk import trained
from trainer_cli.cli.command import RunOptions, run_command
from trainer_cli.cli.run_session import RunSession
from trainer_cli.report.report import Report
from trainer_cli.training.runs import RunError


def test_runs_are_opened_once_and_in_order(empty_folder):
    for name in "ab":
        trained(empty_folder / name)
    session = RunSession(RunOptions(runs=[Path("b"), Path("a")]))
    assert [each.folder for each in session.runs] == [Path("b"), Path("a")]
    assert session.name == str(Path("b") / "config.yaml")
    assert session.runs[0].dataset is session.runs[1].dataset


def test_a_command_that_takes_one_run(empty_folder):
    trained(empty_folder / "a")
    session = RunSession(RunOptions(runs=[Path("a")]))
    assert session.run is session.runs[0]
    with pytest.raises(typer.BadParameter) as caught:
        RunSession(RunOptions(runs=[Path("a"), Path("a")])).run  # noqa: B018
    assert caught.value.message == "takes one run, got 2"


def test_nothing_is_opened_before_it_is_asked_for():
    session = RunSession(RunOptions(runs=[Path("nope")]))
    with pytest.raises(RunError):
        session.runs  # noqa: B018


def test_a_command_is_declared_with_the_shared_options():
    app = typer.Typer()
    app.callback()(lambda: None)

    def look(session: RunSession, times: int = 1) -> Report:
        """Look at runs."""
        names = " ".join(str(folder) for folder in session.options.runs)
        return Report(findings=(), text=f"{names} {times}\n")

    run_command(app, "look")(look)
    ran = CliRunner().invoke(app, ["look", "a", "b", "--times", "3"])
    assert (ran.exit_code, ran.stdout) == (0, "a b 3\n")
    said = CliRunner().invoke(app, ["look", "--help"]).stdout
    for option in ("--format", "--output", "--strict", "--quiet", "--debug", "--times"):
        assert option in said
    assert "--seed" not in said
    assert "--set" not in said


def test_the_shared_options_of_experiments_are_all_there():
    said = run("check-loss", "--help").out
    for option in ("--set", "--seed", "--format", "--output", "--strict", "--quiet", "--debug"):
        assert option in said


@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.parametrize("command", ["evaluate", "report", "diagnose", "predict"])
def test_output_never_overwrites_the_data_of_a_run(empty_folder, command, format):
    known_run(empty_folder / "one")
    data, new = empty_folder / "animals.csv", ["new.csv"] if command == "predict" else []
    (empty_folder / "new.csv").write_text("a,b,c\n0,1,0\n")
    before = data.read_bytes()
    ran = run(command, "one", *new, "--output", "animals.csv", "--format", format)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "animals.csv: is read by this command: choose another --output\n"
    assert data.read_bytes() == before


@pytest.mark.parametrize("runs", [("blobs", "one"), ("one", "blobs"), ("nope", "one")])
def test_the_data_of_every_run_are_kept(empty_folder, runs):
    known_run(empty_folder / "one")
    trained(empty_folder / "blobs")
    before = (empty_folder / "animals.csv").read_bytes()
    ran = run("evaluate", *runs, "--output", "animals.csv", "--format", "json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "animals.csv: is read by this command: choose another --output\n"
    assert (empty_folder / "animals.csv").read_bytes() == before


def test_the_width_of_a_terminal(monkeypatch):
    session = RunSession(RunOptions(runs=[Path("a")]))
    assert session.width is None
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    assert session.width == 60
    assert RunSession(RunOptions(runs=[Path("a")], output=Path("b"))).width is None

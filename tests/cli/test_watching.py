"""What is seen of a training run while it goes on, without a terminal and as it is drawn."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from tests.experiments import DIGITS
from tests.report.page.histories import epoch, history
from trainer_cli.cli import watching
from trainer_cli.cli.watching import Picture, Received, watched
from trainer_cli.training.findings import Finding
from trainer_cli.training.outcome import EpochEnd

FOUND = Finding(rule="dead-units", status="warn", message="half of network[1] (relu) is dead")


def end_of(number, *histories, best=()):
    figures = {each.member: epoch(number, 3, each.member) for each in histories}
    return EpochEnd(
        number=number, figures=figures, best=best, seconds=0.125, histories=lambda: histories
    )


def told(monkeypatch, ends, **settings):
    """Return the lines that epochs leave where the diagnosis finds the same fault every time."""
    monkeypatch.setattr(watching, "SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr(watching.diagnosis, "live", lambda experiment, history: [FOUND])
    file = StringIO()
    with watched(Console(file=file), DIGITS, Received(), **settings) as watchers:
        for end in ends:
            watchers.epoch(end)
    return file.getvalue().splitlines()


def test_a_line_for_each_epoch_and_one_for_each_fault(monkeypatch):
    assert told(monkeypatch, [end_of(1, history(), best=[0]), end_of(2, history())]) == [
        "epoch 1/3  cost 1.1      train  65.0%  valid  55.0%*  rate 0.05     125 ms",
        "warn: dead-units: half of network[1] (relu) is dead",
        "epoch 2/3  cost 0.6      train  70.0%  valid  60.0%   rate 0.05     125 ms",
    ]


@pytest.mark.parametrize(("settings", "noun"), [({}, "member"), ({"noun": "fold"}, "fold")])
def test_of_several_the_means_are_given_and_whose_fault_it_is(monkeypatch, settings, noun):
    assert told(monkeypatch, [end_of(1, history(2), history(4))], **settings) == [
        "epoch 1/3  cost 1.1      train  68.0%  valid  58.0%   rate 0.05     125 ms",
        f"warn: dead-units: {noun} 2: half of network[1] (relu) is dead",
    ]


def drawn(picture, console):
    with console.capture() as captured:
        console.print(picture)
    return captured.get()


def test_the_picture_ends_as_a_curve_alone():
    console = Console(file=StringIO(), width=60, force_terminal=True)
    picture = Picture(console, 3)
    assert "epoch 1/3" in drawn(picture, console)
    for done, costs in enumerate([[4.0, 2.0], [2.0, 2.0], [1.0]], start=1):
        picture.batch(2, done, 3, np.array(costs))
    while_it_lasts = drawn(picture, console)
    picture.finish()
    in_the_end = drawn(picture, console)
    assert "epoch 2/3" in while_it_lasts
    assert "67%" in while_it_lasts
    assert "epoch" not in in_the_end
    lines = in_the_end.splitlines()
    assert (lines[0].strip(), lines[1][:6], lines[-1][:6]) == ("cost", "   3 ┤", "   1 ┤")


def line_of(width, epochs, **figures):
    end = end_of(1, history(), best=[0])
    end = replace(end, number=epochs, figures={0: replace(end.figures[0], **figures)})
    return watching.epoch_line(replace(end, seconds=12345.678 if figures else 0.125), epochs, width)


@pytest.mark.parametrize(
    ("width", "epochs", "line"),
    [
        (80, 9, "epoch 9/9  cost 1.1      train  65.0%  valid  55.0%*  rate 0.05     125 ms"),
        (60, 9, "epoch 9/9  cost 1.1      train  65.0%  valid  55.0%*  125 ms"),
        (60, 30, "epoch 30/30  cost 1.1      train  65.0%  valid  55.0%*"),
        (80, 12345, "epoch 12345/12345  cost 1.1      train  65.0%  valid  55.0%*  125 ms"),
        (40, 30, "epoch 30/30  cost 1.1      valid  55.0%*"),
    ],
)
def test_what_has_no_room_in_an_epochs_line_is_left_out(width, epochs, line):
    assert line_of(width, epochs) == line


@pytest.mark.parametrize("cost", [0.00946312, 1.23456e-5, 123456.0, 1.23456e9, float("nan")])
@pytest.mark.parametrize("epochs", [5, 50, 500, 5000, 50000, 500000])
@pytest.mark.parametrize("width", [60, 80])
def test_an_epochs_line_is_never_wider_than_the_terminal(width, epochs, cost):
    figures = {"train_accuracy": 1.0, "validation_accuracy": 1.0, "learning_rate": 1.23456e-5}
    line = line_of(width, epochs, cost=cost, **figures)
    assert len(line) <= width
    assert "valid 100.0%*" in line
    assert len(line) == len(line_of(width, epochs, cost=1.0, **figures)), "all lines are alike"
    assert ("12346 s" in line) == (width == 80 or epochs == 5)
    if (width, epochs) == (80, 5000):
        assert line.endswith("  rate 1.2e-05 12346 s")

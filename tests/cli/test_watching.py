"""What is seen of a training run while it goes on, without a terminal and as it is drawn."""

from __future__ import annotations

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

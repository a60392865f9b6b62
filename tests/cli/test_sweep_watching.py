"""What is seen of a sweep while it goes on: on a terminal, in a file, after a resume."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from tests.cli.test_terminal import lines_of, on_terminal
from tests.report.sweeps import CLOSER, L2, LR, USUAL, finished, lost, stage_of
from trainer_cli.cli.sweep_watching import result_line, stage_lines, sweep_watched
from trainer_cli.cli.watching import Received
from trainer_cli.config.experiment import Sweep
from trainer_cli.config.space import Choice, Int, Uniform
from trainer_cli.search.messages import Progress

VALUES = {LR: 1.405206e-4, L2: 4.793564e-1}
RESULTS = [
    lost(3, VALUES),
    finished(1, VALUES, 0.412),
    finished(2, VALUES, 0.3),
    finished(4, VALUES, 0.5, state="halved", reason="not among the best 1 of 4 after epoch 1"),
    finished(5, VALUES, 0.412),
    finished(6, VALUES, 0.5),
]
STAGE = stage_of(RESULTS, USUAL, stacks=[(1, 2, 3, 4), (5, 6)])
LINES = [
    "stage 1 of 2: 6 trials in 2 stacks of 2 to 4, 5 epochs each",
    "  optimizer.learning_rate: 10**uniform(-6, 0)",
    "  regularization.l2: 10**uniform(-5, 2)",
    "val_acc: diverged, lr: 1.405206e-04, reg: 4.793564e-01, (1 / 6)"
    "  cost 31.2 in epoch 1, limit 6.9",
    "val_acc: 0.412000, lr: 1.405206e-04, reg: 4.793564e-01, (2 / 6) *",
    "val_acc: 0.300000, lr: 1.405206e-04, reg: 4.793564e-01, (3 / 6)",
    "val_acc: halved,   lr: 1.405206e-04, reg: 4.793564e-01, (4 / 6)"
    "  not among the best 1 of 4 after epoch 1",
    "val_acc: 0.412000, lr: 1.405206e-04, reg: 4.793564e-01, (5 / 6)",
    "val_acc: 0.500000, lr: 1.405206e-04, reg: 4.793564e-01, (6 / 6) *",
]


def seen(results=RESULTS, known=(), stages=(STAGE,), progress=(), **settings):
    """Show a sweep to a console that is no terminal unless it is told; return what it wrote."""
    text = StringIO()
    console = Console(file=text, highlight=False, **{"width": 80, **settings})
    with sweep_watched(console, Sweep(stages=2), Received(), known) as watch:
        for stage in stages:
            watch.stage(stage)
        for message in progress:
            watch.progress(message)
        for count, result in enumerate(results, start=1 + len(known)):
            watch.result(result, count)
    return text.getvalue()


def test_off_a_terminal_there_are_plain_lines():
    assert seen().splitlines() == LINES


@pytest.mark.parametrize("width", [20, 50, 80])
def test_a_narrow_terminal_gets_whole_lines(width):
    """Where they wrap is up to the terminal."""
    lines = lines_of(seen(width=width, force_terminal=True, no_color=True))
    assert [line for line in lines if line in LINES] == LINES
    assert "…" not in "".join(line for line in lines if "val_acc" in line)


def test_quiet_says_nothing():
    assert seen(quiet=True) == ""


def test_a_later_stage_shows_what_was_narrowed():
    later = stage_of(RESULTS[:1], CLOSER, 2, 10, stacks=[(3,)])
    assert seen([], stages=(STAGE, later)).splitlines()[3:] == [
        "stage 2 of 2: 1 trial in 1 stack of 1, 10 epochs each",
        "  optimizer.learning_rate: 10**uniform(-6, 0) -> 10**uniform(-4, -2)",
        "  regularization.l2: 10**uniform(-5, 2)",
    ]


def test_each_stage_has_its_own_best():
    values = {LR: 1e-3, L2: 1e-3}
    first, second = finished(1, values, 0.9), finished(2, values, 0.5, stage=2)
    text, received = StringIO(), Received()
    console = Console(file=text, width=80)
    with sweep_watched(console, Sweep(stages=2), received) as watch:
        for result, number in ((first, 1), (second, 2)):
            watch.stage(stage_of([result], USUAL, number, stacks=[(number,)]))
            watch.result(result, 1)
    assert [line[-3:] for line in text.getvalue().splitlines()[3::4]] == [") *", ") *"]


def test_a_sweep_that_goes_on_knows_its_best():
    known, rest = RESULTS[:2], RESULTS[2:]
    assert seen(rest, known).splitlines() == LINES[:3] + LINES[5:]


def test_infeasible_trials_are_counted_and_named():
    results = [*RESULTS[:2], lost(9, VALUES, "infeasible")]
    stage = stage_of(results, USUAL, stacks=[(1, 3)])
    assert stage_lines(stage, 1, None)[0] == (
        "stage 1 of 1: 3 trials (1 infeasible) in 1 stack of 2, 5 epochs each"
    )
    assert result_line(results[2], 1, stage) == (
        "val_acc: infeasible, lr: 1.405206e-04, reg: 4.793564e-01, (1 / 3)"
        "  network[0].units: the network needs about 30 GiB of memory"
    )
    alone = stage_of(results[2:], USUAL)
    assert stage_lines(alone, 1, None)[0] == "stage 1 of 1: 1 trial (1 infeasible)"


@pytest.mark.parametrize(
    ("epochs", "stacks", "said"),
    [
        (5, [(1, 2), (3,)], []),
        (3, [(1, 2), (3,)], []),
        (2, [(1, 2)], ["  halving: nothing to stop, as 1/3 of 2 epochs is less than one"]),
        (1, [(1,)], ["  halving: nothing to stop, as 1/3 of 1 epoch is less than one"]),
        (3, [(1,), (2,)], ["  halving: nothing to stop, as no stack has more than 1 trial"]),
        (3, [], []),
    ],
)
def test_halving_that_can_stop_nothing_is_told(epochs, stacks, said):
    stage = stage_of(RESULTS, USUAL, epochs=epochs, stacks=stacks, halving=3)
    assert stage_lines(stage, 1, None)[3:] == said
    without = stage_of(RESULTS, USUAL, epochs=epochs, stacks=stacks)
    assert len(stage_lines(without, 1, None)) == 3


def test_other_keys_are_named_by_their_paths():
    space = {
        "network.1": Choice(values=("relu", {"type": "leaky_relu", "slope": 0.1})),
        "network.0.units": Int(low=10, high=200),
        "optimizer.momentum": Uniform(low=0.5, high=1.0),
    }
    values = dict(zip(space, ({"type": "leaky_relu", "slope": 0.1}, 128, 0.9), strict=True))
    result = finished(1, values, 0.5)
    stage = stage_of([result], space, stacks=[(1,)])
    assert result_line(result, 1, stage) == (
        "val_acc: 0.500000, network.1: {type: leaky_relu, slope: 0.1}, network.0.units: 128, "
        "optimizer.momentum: 0.9, (1 / 1)"
    )
    assert stage_lines(stage, 1, None)[1:] == [
        "  network.1: choice(relu, {type: leaky_relu, slope: 0.1})",
        "  network.0.units: int(10, 200)",
        "  optimizer.momentum: uniform(0.5, 1)",
    ]


def test_a_signal_asks_the_sweep_to_stop():
    received = Received()
    with sweep_watched(Console(file=StringIO()), Sweep(), received) as watch:
        assert not watch.stop()
        received.number = 2
        assert watch.stop()


@pytest.mark.parametrize(
    ("results", "progress", "share", "left"),
    [
        ([], Progress(task=2, share=0.0, trials=2), "0%", "6 trials left"),
        ([], Progress(task=1, share=0.5, trials=4), "33%", "6 trials left"),
        (RESULTS[4:], Progress(task=1, share=0.5, trials=4), "67%", "4 trials left"),
        (RESULTS[:-1], Progress(task=2, share=0.5, trials=1), "83%", "1 trial left"),
    ],
)
def test_the_bar(results, progress, share, left, monkeypatch):
    """A stack counts by its trials, and one whose trials have all ended is done."""
    monkeypatch.setattr("trainer_cli.cli.sweep_watching.SECONDS_BETWEEN_DRAWS", -1.0)
    text = StringIO()
    console = Console(file=text, width=100, force_terminal=True, no_color=True, highlight=False)
    with sweep_watched(console, Sweep(stages=2), Received()) as watch:
        watch.stage(STAGE)
        for count, result in enumerate(results, start=1):
            watch.result(result, count)
        watch.progress(progress)
    bar = lines_of(text.getvalue())[-2]
    assert bar.startswith("stage 1/2 ")
    assert f" {share} {left} " in bar


def test_on_a_terminal_there_is_a_bar_and_only_trials_are_wider(empty_folder):
    arguments = ("--trials", "6", "--epochs", "2", "--workers", "1", "--run", "one")
    lines = lines_of(on_terminal(empty_folder, 80, "sweep", *arguments))
    assert max(len(line) for line in lines if not line.startswith("val_acc: ")) <= 80
    assert "stage 1 of 2: 6 trials" in "\n".join(lines)
    assert sum(line.startswith("val_acc: ") for line in lines) == 12
    assert any(line.startswith("verdict: ") for line in lines)

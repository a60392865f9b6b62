"""What TensorBoard is shown of a run: tags, steps and values, read back from the event files."""

from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import replace
from math import inf, isnan, nan
from pathlib import Path

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.record_writer import masked_crc32c

from trainer_cli.report import tensorboard
from trainer_cli.report.tensorboard import TensorBoardLog
from trainer_cli.training.history import Epoch as EpochFigures
from trainer_cli.training.history import Look, ParameterLook, Spread
from trainer_cli.training.layer_statistics import Histogram, LayerStatistics
from trainer_cli.training.runs import RunError

EPOCH = EpochFigures(
    epoch=2,
    updates=28,
    cost=2.25,
    penalty=0.125,
    train_loss=2.0,
    train_accuracy=0.5,
    validation_loss=1.75,
    validation_accuracy=0.625,
    learning_rate=0.001,
)
SPREAD = Spread(norm=2.0, min=-1.0, max=1.0, mean=0.0, std=0.5)
WEIGHTS = ParameterLook(
    parameter="network[0].weights", values=SPREAD, updates=SPREAD, ratio=0.0009765625
)
BIASES = ParameterLook(parameter="network[0].biases", values=SPREAD, updates=None, ratio=None)
COUNTS = (4, *[0] * 14, 12)
TANH = LayerStatistics(
    layer="network[1]",
    kind="tanh",
    values=8,
    mean=0.5,
    std=0.25,
    gradient_mean=0.0,
    gradient_std=1.0,
    dead=0.125,
    alike=0.0,
    saturated=0.75,
    histogram=Histogram(low=-1.0, high=1.0, counts=COUNTS),
)
DENSE = replace(TANH, layer="network[0]", kind="dense", dead=0.0, saturated=None, histogram=None)
LOOK = Look(update=14, epoch=1, parameters=(WEIGHTS, BIASES), layers=(DENSE, TANH))


def records(path: Path) -> list[Event]:
    """Return the events of a file, whose checksums must be right."""
    content, events = path.read_bytes(), []
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        head, data, tail = content[8:12], content[12 : 12 + length], content[12 + length :][:4]
        assert struct.unpack("<I", head)[0] == masked_crc32c(content[:8])
        assert struct.unpack("<I", tail)[0] == masked_crc32c(data)
        events.append(Event.FromString(data))
        content = content[16 + length :]
    return events


def logged(place: Path) -> list[Event]:
    """Return the events of a folder's files in TensorBoard's order."""
    files = sorted(path for path in place.iterdir() if "tfevents" in path.name)
    return [event for path in files for event in records(path)]


def points(place: Path) -> dict[str, list[tuple[int, float]]]:
    """Return step and value of every scalar point by tag."""
    found: dict[str, list[tuple[int, float]]] = {}
    for event in logged(place):
        for value in event.summary.value:
            if value.WhichOneof("value") == "simple_value":
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def test_every_update_of_a_short_run_has_its_point(tmp_path):
    log = TensorBoardLog(tmp_path / "log", 1, planned=4)
    log.updates(0, 1, [2.5, 2.25], [0.5, 0.25], [0.5, 0.25])
    log.updates(0, 3, [], [], [])
    log.updates(0, 3, np.array([2.0, 1.5]), np.array([0.0, 0.0]), np.array([0.125, 0.0625]))
    log.close()
    assert points(tmp_path / "log") == {
        "cost/total": [(1, 3.0), (2, 2.5), (3, 2.0), (4, 1.5)],
        "cost/data": [(1, 2.5), (2, 2.25), (3, 2.0), (4, 1.5)],
        "cost/penalty": [(1, 0.5), (2, 0.25), (3, 0.0), (4, 0.0)],
        "learning_rate": [(1, 0.5), (2, 0.25), (3, 0.125), (4, 0.0625)],
    }


def test_an_epoch_stands_at_its_updates(tmp_path):
    log = TensorBoardLog(tmp_path, 1, planned=28)
    log.epoch(0, EPOCH)
    log.close()
    assert points(tmp_path) == {
        "epoch": [(28, 2.0)],
        "cost/epoch": [(28, 2.25)],
        "loss/train": [(28, 2.0)],
        "loss/validation": [(28, 1.75)],
        "accuracy/train": [(28, 0.5)],
        "accuracy/validation": [(28, 0.625)],
    }


def test_a_look_leaves_out_what_it_could_not_measure(tmp_path):
    log = TensorBoardLog(tmp_path, 1, planned=28)
    log.look(0, LOOK)
    log.close()
    assert points(tmp_path) == {
        "update_ratio/network[0].weights": [(14, 0.0009765625)],
        "dead/network[0]": [(14, 0.0)],
        "dead/network[1]": [(14, 0.125)],
        "saturated/network[1]": [(14, 0.75)],
    }


def histogram_of(place: Path):
    """Return the only histogram of a log, with its tag and step."""
    found = [
        (event.step, value)
        for event in logged(place)
        for value in event.summary.value
        if value.WhichOneof("value") == "histo"
    ]
    ((step, value),) = found
    return step, value.tag, value.histo


def test_the_bins_of_a_look_are_a_histogram(tmp_path):
    log = TensorBoardLog(tmp_path, 1, planned=28)
    log.look(0, LOOK)
    log.close()
    step, tag, histo = histogram_of(tmp_path)
    assert (step, tag) == (14, "activations/network[1]")
    assert (histo.min, histo.max, histo.num) == (-1.0, 1.0, 16.0)
    assert (histo.sum, histo.sum_squares) == (8.0, 5.0)  # 16 · 0.5, 16 · (0.25² + 0.5²)
    assert list(histo.bucket_limit) == [-1 + i / 8 for i in range(1, 17)]
    assert list(histo.bucket) == list(COUNTS)


def test_values_that_are_all_the_same_are_one_bin(tmp_path):
    same = Histogram(low=0.5, high=0.5, counts=(16, *[0] * 15))
    log = TensorBoardLog(tmp_path, 1, planned=28)
    log.look(0, replace(LOOK, layers=(replace(TANH, std=0.0, histogram=same),)))
    log.close()
    *_, histo = histogram_of(tmp_path)
    assert (histo.min, histo.max, histo.num, histo.sum) == (0.5, 0.5, 16.0, 8.0)
    assert (list(histo.bucket_limit), list(histo.bucket)) == ([0.5], [16.0])


def test_a_cost_that_exploded_is_shown_as_it_was(tmp_path):
    log = TensorBoardLog(tmp_path, 1, planned=3)
    log.updates(0, 1, [nan, inf, 1e300], [0.0, 0.0, 0.0], [0.1, 0.1, 0.1])
    log.close()
    (_, first), (_, second), (_, third) = points(tmp_path)["cost/total"]
    assert isnan(first)
    assert (second, third) == (inf, inf)  # 1e300 is more than float32 holds


@pytest.mark.parametrize("planned", [1, 2, 999, 1000, 1001, 1999, 2000, 3001, 100_000, 123_457])
def test_a_curve_has_no_more_points_than_tensorboard_shows(tmp_path, planned):
    steps = steps_of(tmp_path, planned, [planned])
    every = steps[1] - steps[0] if planned > 2 else 1
    assert steps[0] == 1
    assert steps[-1] == planned
    assert len(steps) <= 1000
    assert set(np.diff(steps[:-1]).tolist()) <= {every}
    if every > 1:  # a shorter stride would be too short
        assert len(range(1, planned + 1, every - 1)) + bool((planned - 1) % (every - 1)) > 1000


def steps_of(place: Path, planned: int, lengths: list[int]) -> list[int]:
    """Return which updates a log shows that was told of them in portions of these lengths."""
    log, first = TensorBoardLog(place, 1, planned=planned), 1
    for length in lengths:
        log.updates(0, first, np.arange(first, first + length), np.zeros(length), np.ones(length))
        first += length
    log.close()
    shown = points(place)["cost/data"]
    assert all(step == value for step, value in shown), "each point at its own update"
    return [step for step, _ in shown]


def test_portions_make_no_difference(tmp_path):
    whole = steps_of(tmp_path / "whole", 5000, [2715])
    assert whole == [*range(1, 2714, 6), 2715]
    assert steps_of(tmp_path / "parts", 5000, [1, 5, 6, 7, 0, 1000, 1696]) == whole


def test_every_member_has_its_own_run(tmp_path):
    log = TensorBoardLog(tmp_path, 3, planned=2)
    for member in range(3):
        log.updates(member, 1, [member, 0.5], [0.0, 0.0], [0.1, 0.1])
    log.epoch(1, EPOCH)
    log.look(2, LOOK)
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["member-0", "member-1", "member-2"]
    of_members = [points(tmp_path / f"member-{m}") for m in range(3)]
    assert [each["cost/data"] for each in of_members] == [[(1, m), (2, 0.5)] for m in range(3)]
    assert ["epoch" in each for each in of_members] == [False, True, False]
    assert ["dead/network[1]" in each for each in of_members] == [False, False, True]


def test_members_that_stop_early_keep_their_own_last_point(tmp_path):
    log = TensorBoardLog(tmp_path, 2, planned=2000)
    log.updates(0, 1, [1.0, 2.0], [0.0, 0.0], [0.1, 0.1])
    log.updates(1, 1, [1.0, 2.0, 3.0, 4.0], [0.0] * 4, [0.1] * 4)
    log.close()
    assert points(tmp_path / "member-0")["cost/data"] == [(1, 1.0), (2, 2.0)]
    assert points(tmp_path / "member-1")["cost/data"] == [(1, 1.0), (4, 4.0)]


def after_purge(events: list[Event]) -> dict[str, list[int]]:
    """Return the steps of every tag that TensorBoard keeps.

    A start takes back what is later; the first one does not, as TensorBoard reads it.
    """
    kept: dict[str, list[int]] = {}
    starts = 0
    for event in events:
        starts += event.session_log.status == SessionLog.START
        if event.session_log.status == SessionLog.START and starts > 1:
            kept = {tag: [s for s in steps if s < event.step] for tag, steps in kept.items()}
        for value in event.summary.value:
            kept.setdefault(value.tag, []).append(event.step)
    return kept


def test_a_resumed_run_goes_on_with_the_log(tmp_path):
    def train(log, first, last):
        for n in range(first, last + 1):
            log.updates(0, n, [n], [0.0], [0.1])
            if n % 10 == 0:
                log.epoch(0, replace(EPOCH, epoch=n // 10, updates=n))
                log.look(0, replace(LOOK, update=n))
        log.close()

    train(TensorBoardLog(tmp_path / "killed", 1, planned=40), 1, 27)
    train(TensorBoardLog(tmp_path / "killed", 1, planned=40, purge_step=21), 21, 33)  # at once
    train(TensorBoardLog(tmp_path / "killed", 1, planned=40, purge_step=31), 31, 40)
    train(TensorBoardLog(tmp_path / "whole", 1, planned=40), 1, 40)
    assert len(list((tmp_path / "killed").iterdir())) == 3
    events = logged(tmp_path / "killed")
    assert [e.file_version for e in events if e.file_version] == ["brain.Event:2"] * 3
    starts = [e.step for e in events if e.session_log.status == SessionLog.START]
    assert starts == [0, 21, 31]
    assert after_purge(events) == after_purge(logged(tmp_path / "whole"))
    assert after_purge(events)["cost/total"] == list(range(1, 41))


def test_a_flush_leaves_whole_records(tmp_path):
    log = TensorBoardLog(tmp_path, 1, planned=4)
    log.updates(0, 1, [2.5], [0.5], [0.5])
    log.flush()
    assert points(tmp_path)["cost/total"] == [(1, 3.0)]
    log.close()


def test_what_was_logged_is_soon_to_be_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard, "SECONDS_BETWEEN_FLUSHES", 0.0)
    log = TensorBoardLog(tmp_path, 1, planned=4)
    log.updates(0, 1, [2.5], [0.5], [0.5])
    assert len(points(tmp_path)) == 4
    log.epoch(0, EPOCH)
    assert len(points(tmp_path)) == 10
    log.look(0, LOOK)
    assert len(points(tmp_path)) == 14
    log.close()


def test_a_log_of_another_run_is_not_written_into(tmp_path):
    TensorBoardLog(tmp_path / "member-1", 1, planned=4).close()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RunError) as caught:
        TensorBoardLog(tmp_path, 2, planned=4)
    assert caught.value.message == f"{tmp_path / 'member-1'} holds the log of another run"
    assert caught.value.hint == "choose another --tensorboard"
    assert sorted(tmp_path.rglob("*")) == before


def test_without_tensorboardx_it_says_what_is_needed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(RunError) as caught:
        TensorBoardLog(tmp_path / "log", 1, planned=4)
    assert caught.value.message == "--tensorboard needs the extra tensorboard"
    assert caught.value.hint == "pip install 'nntrain[tensorboard]'"
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "log").write_text("")
    with pytest.raises(NotADirectoryError) as caught:
        TensorBoardLog(tmp_path / "log", 1, planned=4)
    assert caught.value.filename == str(tmp_path / "log")
    assert caught.value.strerror == "Not a directory"


def test_a_folder_may_be_called_like_a_bucket(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = TensorBoardLog(Path("s3:log"), 1, planned=4)
    log.epoch(0, EPOCH)
    log.close()
    assert len(points(tmp_path / "s3:log")) == 6


FULL = """
import resource, signal, sys
from pathlib import Path
from trainer_cli.report.tensorboard import TensorBoardLog

log = TensorBoardLog(Path(sys.argv[1]), 1, planned=4000)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    log.updates(0, 1, [1.0] * 4000, [0.0] * 4000, [0.1] * 4000)
except OSError as error:
    print(error.strerror, Path(error.filename).parent)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit that only POSIX has")
def test_a_full_disk_is_said_at_once_with_the_file(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == f"File too large {tmp_path}\n"

"""A run that was cut short anywhere and resumed is the same to the bit as one that was not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.config.dump import to_yaml
from trainer_cli.config.experiment import EarlyStopping, Training
from trainer_cli.config.load import load
from trainer_cli.datasets.augment import Noise
from trainer_cli.nn.layers import BatchNorm, Dense, Dropout, Relu
from trainer_cli.optim.optimizers import Adam, Momentum
from trainer_cli.optim.schedules import Cosine
from trainer_cli.training import run_keeper
from trainer_cli.training.checkpoints import Checkpoints
from trainer_cli.training.identity import require_same
from trainer_cli.training.metrics_recorder import MetricsRecorder
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.recorded import train_recorded
from trainer_cli.training.run import Run
from trainer_cli.training.runs import RunError
from trainer_cli.training.taking_up import begin, go_on_in, read_identity

NETWORK = (Dense(units=12), BatchNorm(), Relu(), Dropout(rate=0.3), Dense(units=10))
RESTLESS = replace(
    changed(
        DIGITS,
        network=NETWORK,
        optimizer=Momentum(learning_rate=0.02),
        schedule=Cosine(period=2),
        training=Training(epochs=4, batch_size=50, checkpoint_every=1, monitor_every=30),
    ),
    data=replace(DIGITS.data, augment=(Noise(std=0.1),)),
)
SEVERAL = replace(
    RESTLESS,
    optimizer=Adam(learning_rate=0.01),
    training=replace(
        RESTLESS.training,
        members=3,
        epochs=5,
        early_stopping=EarlyStopping(patience=1, min_improvement=0.02),
    ),
)
# Of these three one explodes in epoch 3.
EXPLOSIVE = replace(
    SEVERAL,
    optimizer=Momentum(learning_rate=7.0),
    training=replace(SEVERAL.training, early_stopping=None),
)
KINDS = {"one": RESTLESS, "several": SEVERAL, "explosive": EXPLOSIVE}


class Killed(BaseException):
    """Stands for a process that is not there any more."""


def train_in(folder: Path, experiment, *, stop_after=None, kill_after=None) -> None:
    """Train in a folder, new or not; stop in good order or break off after so many batches."""
    dataset = data_of(experiment)
    config = to_yaml(experiment)
    run = go_on_in(folder, config, dataset) if folder.exists() else begin(folder, config, dataset)
    seen = 0

    def batch(epoch, done, total, cost):
        nonlocal seen
        seen += 1
        if seen == kill_after:
            raise Killed

    watchers = Watchers(batch=batch, stop=lambda: stop_after is not None and seen >= stop_after)
    try:
        train_recorded(experiment, dataset, run, watchers=watchers, judge=lambda *_: [])
    except Killed:
        pass
    finally:
        run.close()


def files(folder: Path) -> dict[str, bytes]:
    """Return what must be the same in the end."""
    paths = [*folder.glob("*.safetensors"), folder / "metrics.jsonl", *folder.glob("snapshots/*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    for kind, experiment in KINDS.items():
        train_in(folder / kind, experiment)
    return {kind: files(folder / kind) for kind in KINDS}


def test_the_runs_are_of_the_kinds_that_are_wanted(whole):
    def reasons(kind):
        lines = whole[kind]["metrics.jsonl"].decode().splitlines()
        records = [json.loads(line) for line in lines]
        return [record["reason"] for record in records if record["kind"] == "stopped"]

    assert reasons("one") == ["finished"]
    assert "early-stopping" in reasons("several")
    assert set(reasons("explosive")) == {"diverged", "finished"}
    assert [name for name in whole["one"] if name.startswith("snapshots/")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["stop_after", "kill_after"])
def test_cut_short_anywhere(kind, ending, whole, tmp_path):
    rng = np.random.default_rng(len(kind))
    for attempt in range(4):
        folder = tmp_path / str(attempt)
        for moment in rng.integers(1, 90, size=2):
            train_in(folder, KINDS[kind], **{ending: int(moment)})
        train_in(folder, KINDS[kind])
        assert files(folder) == whole[kind]


def test_a_finished_run_stays_as_it_is(whole, tmp_path):
    train_in(tmp_path / "run", RESTLESS)
    train_in(tmp_path / "run", RESTLESS)
    assert files(tmp_path / "run") == whole["one"]


def checkpoints(folder: Path) -> list[Path]:
    return sorted((folder / "checkpoints").iterdir())


def test_the_newest_two_checkpoints_are_kept(tmp_path):
    train_in(tmp_path / "run", RESTLESS)
    names = [path.name for path in checkpoints(tmp_path / "run")]
    assert names == ["update-00000078.safetensors", "update-00000104.safetensors"]


def test_without_a_number_of_epochs_checkpoints_come_as_time_goes_by(tmp_path, monkeypatch):
    experiment = replace(RESTLESS, training=replace(RESTLESS.training, checkpoint_every=None))
    train_in(tmp_path / "quick", experiment)
    assert len(checkpoints(tmp_path / "quick")) == 1  # that of the end
    monkeypatch.setattr(run_keeper, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(run_keeper, "TIMES_ITS_COST", 0)
    train_in(tmp_path / "slow", experiment)
    assert len(checkpoints(tmp_path / "slow")) == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)


def garble(path: Path) -> None:
    path.write_bytes(b"nothing of the kind")


def reword(path: Path) -> None:
    """Change the experiment that a checkpoint says it is of."""
    content = path.read_bytes()
    assert b"seed: 0" in content
    path.write_bytes(content.replace(b"seed: 0", b"seed: [", 1))


@pytest.mark.parametrize("damage", [cut, flip, garble, reword])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_used(damage, whole, tmp_path):
    folder = tmp_path / "run"
    train_in(folder, RESTLESS, stop_after=70)
    newest = checkpoints(folder)[-1]
    damage(newest)
    dataset, remarks = data_of(RESTLESS), []
    run = go_on_in(folder, to_yaml(RESTLESS), dataset)
    train_recorded(
        RESTLESS, dataset, run, watchers=Watchers(remark=remarks.append), judge=lambda *_: []
    )
    run.close()
    remark, going_on = remarks
    assert going_on == "training goes on in epoch 3, after 52 updates"
    assert remark.startswith(f"{newest} is damaged (")
    assert remark.endswith("): it is passed over")
    assert files(folder) == whole["one"]


def test_a_wrong_checksum_is_said(tmp_path):
    folder, remarks = tmp_path / "run", []
    train_in(folder, RESTLESS, stop_after=70)
    flip(checkpoints(folder)[-1])
    run = go_on_in(folder, to_yaml(RESTLESS), data_of(RESTLESS))
    watchers = Watchers(remark=remarks.append)
    train_recorded(RESTLESS, data_of(RESTLESS), run, watchers=watchers, judge=lambda *_: [])
    run.close()
    path = folder / "checkpoints" / "update-00000070.safetensors"
    assert remarks[0] == f"{path} is damaged (its checksum is wrong): it is passed over"


def test_metrics_that_lost_lines_send_a_run_back(whole, tmp_path):
    folder, remarks = tmp_path / "run", []
    train_in(folder, RESTLESS, stop_after=70)
    metrics = folder / "metrics.jsonl"
    lines = metrics.read_bytes().splitlines(keepends=True)
    metrics.write_bytes(b"".join(lines[:-10]))
    run = go_on_in(folder, to_yaml(RESTLESS), data_of(RESTLESS))
    watchers = Watchers(remark=remarks.append)
    train_recorded(RESTLESS, data_of(RESTLESS), run, watchers=watchers, judge=lambda *_: [])
    run.close()
    path = folder / "checkpoints" / "update-00000070.safetensors"
    assert remarks == [
        f"{path} is passed over: metrics.jsonl has lost lines that were there before it",
        "training goes on in epoch 3, after 52 updates",
    ]
    assert files(folder) == whole["one"]


def remarks_of_resumed(folder, experiment) -> list[str]:
    """Go on with a run; return what it remarks."""
    dataset, remarks = data_of(experiment), []
    run = go_on_in(folder, to_yaml(experiment), dataset)
    watchers = Watchers(remark=remarks.append)
    try:
        train_recorded(experiment, dataset, run, watchers=watchers, judge=lambda *_: [])
    finally:
        run.close()
    return remarks


@pytest.mark.parametrize("edit", [b"7", b"77777", b"{"])
def test_metrics_that_were_edited_send_a_run_back(edit, whole, tmp_path):
    folder = tmp_path / "run"
    train_in(folder, RESTLESS, stop_after=70)
    metrics = folder / "metrics.jsonl"
    lines = metrics.read_bytes().splitlines(keepends=True)
    lines[10] = lines[10].replace(b'"cost": 2', b'"cost": ' + edit)
    metrics.write_bytes(b"".join(lines))
    newest, before = sorted((folder / "checkpoints").iterdir(), reverse=True)
    assert remarks_of_resumed(folder, RESTLESS) == [
        f"{newest} is passed over: metrics.jsonl is not what it was then",
        f"{before} is passed over: metrics.jsonl is not what it was then",
        "there is no checkpoint to go on from: training begins again",
    ]
    assert files(folder) == whole["one"]


def test_a_checkpoint_of_another_experiment_is_passed_over(whole, tmp_path):
    folder, other = tmp_path / "run", tmp_path / "other"
    train_in(folder, RESTLESS, stop_after=70)
    train_in(other, replace(RESTLESS, optimizer=Adam()), stop_after=80)
    foreign = "update-00000080.safetensors"
    (folder / "checkpoints" / foreign).write_bytes((other / "checkpoints" / foreign).read_bytes())
    assert remarks_of_resumed(folder, RESTLESS) == [
        f"{folder / 'checkpoints' / foreign} is passed over: it is of another experiment",
        "training goes on in epoch 3, after 70 updates",
    ]
    assert files(folder) == whole["one"]


def test_what_was_lost_is_made_again_or_named(whole, tmp_path):
    folder = tmp_path / "run"
    train_in(folder, RESTLESS, stop_after=70)
    (folder / "preprocessing.safetensors").unlink()
    snapshot = folder / "snapshots" / "update-00000052.safetensors"
    snapshot.write_bytes(b"half")
    assert remarks_of_resumed(folder, RESTLESS) == [
        f"{snapshot} is lost or damaged, and cannot be made again",
        "training goes on in epoch 3, after 70 updates",
    ]
    assert (folder / "preprocessing.safetensors").exists()


def test_a_run_that_had_ended_says_so_and_keeps_its_time(tmp_path):
    folder = tmp_path / "run"
    train_in(folder, RESTLESS)
    took = json.loads((folder / "summary.json").read_text())["seconds"]
    assert remarks_of_resumed(folder, RESTLESS) == ["training had ended after 104 updates"]
    assert json.loads((folder / "summary.json").read_text())["seconds"] > 0.9 * took


def test_data_that_moved_are_the_same_data(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {"X": rng.normal(size=(60, 4)), "y": np.arange(60) % 3}
    for name in ("here", "there"):
        np.savez(tmp_path / f"{name}.npz", **arrays)
    text = "data: {{source: npz, path: {}}}\nnetwork: [{{type: dense, units: 3}}]\n"
    (tmp_path / "run.yaml").write_text(text.format("here.npz"))
    experiment = load(tmp_path / "run.yaml", []).experiment
    train_in(tmp_path / "run", experiment, stop_after=3)
    (tmp_path / "run.yaml").write_text(text.format("there.npz"))
    moved = load(tmp_path / "run.yaml", []).experiment
    train_in(tmp_path / "run", moved)
    assert str(tmp_path / "there.npz") in (tmp_path / "run" / "config.yaml").read_text()
    train_in(tmp_path / "whole", experiment)
    assert files(tmp_path / "run") == files(tmp_path / "whole")


def test_what_a_killed_process_was_writing_is_removed(whole, tmp_path):
    folder = tmp_path / "run"
    train_in(folder, RESTLESS, stop_after=70)
    (folder / "best.safetensors.part").write_bytes(b"half")
    (folder / "checkpoints" / "update-00000080.safetensors.part").write_bytes(b"half")
    train_in(folder, RESTLESS)
    assert not list(folder.rglob("*.part"))
    assert files(folder) == whole["one"]


def test_the_best_weights_follow_though_they_are_not_written_every_time(tmp_path, monkeypatch):
    """Those of epoch 2 come too soon after those of epoch 1: they are written after epoch 3."""
    experiment, folder, clock = blobs(), tmp_path / "run", [0.0]
    monkeypatch.setattr(run_keeper, "perf_counter", lambda: clock[-1])
    dataset = data_of(experiment)
    run = begin(folder, to_yaml(experiment), dataset)
    metrics = run.journal("metrics.jsonl")
    recorder = MetricsRecorder(metrics, several=False)
    keeper = run_keeper.RunKeeper(
        run, recorder, Checkpoints(folder, to_yaml(experiment)), every=None
    )
    going = Run([experiment], dataset, recorder, keeper)
    going.begin()
    written = []
    for seconds, value, best in ((0.0, 1.0, True), (0.5, 2.0, True), (9.0, 2.0, False)):
        clock.append(seconds)
        going.members[0].best = np.full_like(going.now().flats[0], value)
        keeper.end_of_epoch(going, best=best)
        written.append(load_file(folder / "best.safetensors")["network[0].biases"][0])
    metrics.close()
    run.close()
    assert written == [1.0, 1.0, 2.0]


def test_another_experiment_is_refused_with_the_difference(tmp_path):
    folder = tmp_path / "run"
    train_in(folder, RESTLESS, stop_after=3)
    other = replace(RESTLESS, optimizer=Momentum(learning_rate=0.5), seed=4)
    with pytest.raises(RunError) as caught:
        require_same(folder, read_identity(folder), to_yaml(other), data_of(RESTLESS), noun="run")
    assert str(caught.value) == (
        f"the experiment is not the one that {folder} began with:\n"
        "  seed: 0, now 4\n"
        "  optimizer.learning_rate: 0.02, now 0.5"
    )
    assert caught.value.hint == "begin a new run"


def test_other_data_are_refused(tmp_path):
    folder = tmp_path / "run"
    train_in(folder, RESTLESS, stop_after=3)
    with pytest.raises(RunError) as caught:
        go_on_in(folder, to_yaml(RESTLESS), data_of(blobs()))
    assert str(caught.value) == f"the data are not those that {folder} began with"
    assert caught.value.hint == "put them back as they were, or begin a new run"


@pytest.mark.parametrize(
    ("damage", "message", "hint"),
    [
        (
            lambda folder: (folder / "run.json").unlink(),
            "{folder} holds no training run: it lacks run.json or config.yaml",
            "give a folder that nntrain train has made",
        ),
        (
            lambda folder: (folder / "run.json").rename(folder / "plan.json"),
            "{folder} is the run of a sweep",
            "go on with nntrain sweep --resume {folder}",
        ),
        (
            lambda folder: (folder / "run.json").rename(folder / "folds.json"),
            "{folder} is the run of a cross-validation",
            "it is not gone on with: run nntrain crossval again",
        ),
        (
            lambda folder: (folder / "run.json").write_text("{}"),
            "{folder}/run.json is damaged",
            "begin a new run",
        ),
    ],
)
def test_a_folder_that_is_no_run_is_refused(damage, message, hint, tmp_path):
    folder = tmp_path / "run"
    train_in(folder, RESTLESS, stop_after=3)
    damage(folder)
    with pytest.raises(RunError) as caught:
        read_identity(folder)
    assert str(caught.value) == message.format(folder=folder)
    assert caught.value.hint == hint.format(folder=folder)


def test_a_full_disk_leaves_the_last_checkpoint_whole(tmp_path, monkeypatch, whole):
    folder, dataset = tmp_path / "run", data_of(RESTLESS)
    train_in(folder, RESTLESS, stop_after=70)
    write, full = run_keeper.Checkpoints.save, OSError(28, "No space left on device", "disk")

    def fail(self, updates, arrays, state):
        raise full

    monkeypatch.setattr(run_keeper.Checkpoints, "save", fail)
    run = go_on_in(folder, to_yaml(RESTLESS), dataset)
    with pytest.raises(RunError) as caught:
        train_recorded(RESTLESS, dataset, run, watchers=Watchers(), judge=lambda *_: [])
    run.close()
    assert str(caught.value) == "disk: No space left on device"
    assert caught.value.hint == (
        f"what was recorded is whole: nntrain train --resume {folder} goes on from it"
    )
    monkeypatch.setattr(run_keeper.Checkpoints, "save", write)
    train_in(folder, RESTLESS)
    assert files(folder) == whole["one"]

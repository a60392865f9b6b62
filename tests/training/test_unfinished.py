"""Runs that have not come to their end are never evaluated, nor predict, without a word."""

import json

import pytest

from tests.runs_on_disk import BLOBS, trained
from trainer_cli.training.evaluation import evaluate
from trainer_cli.training.evaluation_findings import judge
from trainer_cli.training.trained import open_run, open_runs
from trainer_cli.training.unfinished import unfinished_run

LAG = "; best.safetensors is written once a second at most, and may lack the last epochs"


def cut(folder, *, epochs, interrupted=False):
    """Take what came after so many epochs from the history of a run, which may say why."""
    kept = []
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["kind"] != "stopped" and record.get("epoch", 0) <= epochs:
            kept.append(line)
    if interrupted:
        end = {"kind": "stopped", "reason": "interrupted", "epoch": epochs + 1, "cost": 1.0}
        kept.append(json.dumps({**end, "updates": 9 * epochs + 1}))
    (folder / "metrics.jsonl").write_text("\n".join([*kept, ""]))
    return folder


@pytest.fixture
def one(tmp_path):
    return trained(tmp_path / "one")


def test_a_run_that_has_ended_is_not_spoken_of(one, tmp_path):
    early = "training.early_stopping={patience: 1}"
    stopped = trained(tmp_path / "early", BLOBS, early, "training.epochs=40")
    several = trained(tmp_path / "m", BLOBS, "training.members=2")
    assert unfinished_run(open_runs([one, stopped, several]), "best") is None
    assert [finding.rule for finding in judge(evaluate([open_run(one)], "best"))] == [
        "test-accuracy",
        "test-set-reuse",
    ]


def test_an_interrupted_run(one):
    cut(one, epochs=2, interrupted=True)
    finding = judge(evaluate([open_run(one)], "best"))[0]
    assert (finding.rule, finding.status) == ("unfinished-run", "warn")
    assert finding.message == (
        f"{one} was interrupted after 2 of 3 epochs: the weights are those so far"
    )
    assert finding.hint == (
        f"unless it was given up on purpose, go on first: nntrain train --resume {one}"
    )
    assert finding.evidence == {"runs": [str(one)]}


def test_a_run_that_was_killed(one):
    finding = unfinished_run([open_run(cut(one, epochs=1))], "best")
    assert finding.message == (
        f"{one} was killed, or goes on, after 1 of 3 epochs: the weights are those so far{LAG}"
    )
    assert unfinished_run([open_run(one)], "snapshots").message == (
        f"{one} was killed, or goes on, after 1 of 3 epochs: the weights are those so far"
    )


def test_several_runs(one, tmp_path):
    two, three = trained(tmp_path / "two"), trained(tmp_path / "three")
    cut(one, epochs=1)
    cut(three, epochs=2, interrupted=True)
    finding = unfinished_run(open_runs([one, two, three]), "best")
    assert finding.message == (
        f"{one} was killed, or goes on, after 1 of 3 epochs; {three} was interrupted after "
        f"2 of 3 epochs: the weights are those so far{LAG}"
    )
    assert finding.hint == (
        "unless they were given up on purpose, go on first: "
        f"nntrain train --resume {one}, nntrain train --resume {three}"
    )


def test_a_run_without_a_history(one):
    (one / "metrics.jsonl").unlink()
    finding = unfinished_run([open_run(one)], "best")
    assert (finding.status, finding.hint) == ("skip", None)
    assert finding.message == f"not judged: the history of {one} cannot be read"

"""Networks on the test set: the right numbers, the right company, and a note of every look."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.runs_on_disk import BLOBS, trained
from trainer_cli.training.confusion import ClassFigures
from trainer_cli.training.evaluated import EVALUATIONS, note_evaluation
from trainer_cli.training.evaluation import as_json, evaluate
from trainer_cli.training.evaluation_findings import judge, validation_line
from trainer_cli.training.proportions import difference, wilson
from trainer_cli.training.runs import RunError
from trainer_cli.training.trained import open_run, open_runs

TOGETHER = (
    "runs are judged together on examples that none of them has seen: give them the same data and "
    "the same data.split.seed"
)


@pytest.fixture
def runs(tmp_path):
    """Two runs on the same data, and one of three members."""
    return (
        trained(tmp_path / "a"),
        trained(tmp_path / "b", BLOBS, "seed=1", "data.preprocess=[]"),
        trained(tmp_path / "m", BLOBS, "training.members=3"),
    )


def probabilities(folder, which="best"):
    """Return what the networks of a run say of its test examples, (N, M, C), and the labels."""
    run = open_run(folder)
    split = run.dataset.test
    x = split.ready(np.dtype(np.float32))[:, None]
    arrays = load_file(folder / f"{which}.safetensors")
    if arrays["network[0].biases"].ndim == 1:
        arrays = {name: array[..., None, :] for name, array in arrays.items()}
    members = arrays["network[0].biases"].shape[0]
    x = np.broadcast_to(x, (len(x), members, 2))
    hidden = np.einsum("nmi,imo->nmo", x, arrays["network[0].weights"])
    hidden = np.maximum(hidden + arrays["network[0].biases"], 0)
    scores = np.einsum("nmi,imo->nmo", hidden, arrays["network[2].weights"])
    scores = (scores + arrays["network[2].biases"]).astype(np.float64)
    p = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True), split.labels


def noted(folder):
    return [json.loads(line) for line in (folder / EVALUATIONS).read_text().splitlines()]


def refused(folders, choice="best"):
    with pytest.raises(RunError) as caught:
        evaluate(open_runs(folders), choice)
    assert not any((folder / EVALUATIONS).exists() for folder in folders)
    return caught.value.message, caught.value.hint


def test_one_network(runs):
    a, _, _ = runs
    found = evaluate([open_run(a)], "best")
    p, labels = probabilities(a)
    predicted = p[:, 0].argmax(axis=1)
    right = predicted == labels
    assert found.accuracy == right.mean()
    assert found.cost == pytest.approx(-np.log(p[np.arange(60), 0, labels]).mean(), rel=1e-5)
    assert found.interval == wilson(found.accuracy, 60)
    assert found.majority == np.bincount(labels).max() / 60
    assert (found.examples, len(found.networks), found.averaged) == (60, 1, "probabilities")
    assert found.matrix.sum() == 60
    for c, figures in enumerate(found.classes):
        assert figures.recall == right[labels == c].mean()
        assert figures.precision == right[predicted == c].mean()
    (epoch,) = [history.best for history in open_run(a).histories]
    assert found.networks[0].validation_accuracy == pytest.approx(epoch.validation_accuracy)
    assert found.validation.accuracy == pytest.approx(epoch.validation_accuracy)
    assert found.validation.difference == found.accuracy - found.validation.accuracy
    assert found.validation.interval == difference(
        found.accuracy, 60, found.validation.accuracy, 60
    )


@pytest.mark.parametrize("names", ["ab", "m", "abm"])
def test_probabilities_of_all_networks_are_averaged(runs, names):
    folders = [folder for folder in runs if folder.name in names]
    found = evaluate(open_runs(folders), "best")
    own, labels = [probabilities(folder)[0] for folder in folders], probabilities(folders[0])[1]
    every = np.concatenate(own, axis=1)  # (N, M, C)
    mean = every.mean(axis=1)
    assert len(found.networks) == every.shape[1]
    assert found.accuracy == (mean.argmax(axis=1) == labels).mean()
    assert found.cost == pytest.approx(-np.log(mean[np.arange(60), labels]).mean(), rel=1e-5)
    alone = (every.argmax(axis=-1) == labels[:, None]).mean(axis=0)
    assert [each.test_accuracy for each in found.networks] == pytest.approx(alone.tolist())


def test_final_weights_and_snapshots(tmp_path):
    schedule = "schedule={type: cosine, period: 2}"
    folder = trained(tmp_path / "s", BLOBS, schedule, "training.epochs=6")
    snapshots = evaluate([open_run(folder)], "snapshots")
    names = ["update-00000018", "update-00000036", "update-00000054"]
    assert [each.weights for each in snapshots.networks] == names
    final = evaluate([open_run(folder)], "final")
    p, labels = probabilities(folder, "final")
    assert final.accuracy == (p[:, 0].argmax(axis=1) == labels).mean()
    assert final.networks[0].test_accuracy == snapshots.networks[-1].test_accuracy
    mean = np.mean([probabilities(folder, f"snapshots/{name}")[0][:, 0] for name in names], axis=0)
    assert snapshots.accuracy == (mean.argmax(axis=1) == labels).mean()
    assert [each["weights"] for each in noted(folder)] == ["snapshots", "final"]


def test_losses_that_differ_leave_no_cost(runs, tmp_path):
    c = trained(tmp_path / "c", BLOBS, "loss={type: softmax, label_smoothing: 0.1}")
    found = evaluate(open_runs([runs[0], c]), "best")
    assert found.cost is None
    assert as_json(found)["cost"] is None


def test_validation_examples_that_differ_are_not_averaged(tmp_path):
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    arrays = {"X": rng.normal(size=(90, 2)), "y": labels, "X_test": rng.normal(size=(40, 2))}
    np.savez(tmp_path / "d.npz", **arrays, y_test=labels[:40])
    data = f"{{source: npz, path: {tmp_path}/d.npz, split: {{seed: 0}}}}"
    folders = [
        trained(tmp_path / "one", BLOBS, f"data={data}"),
        trained(tmp_path / "two", BLOBS, f"data={data}", "data.split.seed=1"),
    ]
    found = evaluate(open_runs(folders), "best")
    assert found.examples == 40
    assert found.validation is None
    alone = [open_run(folder).histories[0].best.validation_accuracy for folder in folders]
    assert [each.validation_accuracy for each in found.networks] == pytest.approx(alone)


def test_every_look_is_noted_and_counted(runs):
    a, b, _ = runs
    assert evaluate([open_run(a)], "best").times == (1,)
    found = evaluate(open_runs([a, b]), "best")
    assert found.times == (2, 1)
    assert evaluate(open_runs([a, b]), "final").times == (3, 2)
    first, second, third = noted(a)
    assert (first["runs"], first["networks"]) == ([str(a)], 1)
    assert second == noted(b)[0]
    assert (second["runs"], second["networks"]) == ([str(a), str(b)], 2)
    assert (second["accuracy"], second["cost"]) == (found.accuracy, found.cost)
    assert (second["examples"], second["weights"]) == (60, "best")
    assert first["test_set"] == third["test_set"]
    assert list(first) == [
        *("time", "runs", "weights", "networks", "test_set", "examples", "accuracy", "cost")
    ]


def test_test_sets_that_differ(runs, tmp_path):
    a, _, _ = runs
    other = trained(tmp_path / "other", BLOBS, "data.split.seed=1")
    assert refused([a, other]) == (
        f"the 60 test examples of {other} are not the 60 of {a}",
        TOGETHER,
    )
    fewer = trained(tmp_path / "fewer", BLOBS, "data.split.test=30")
    assert refused([a, fewer]) == (
        f"the 30 test examples of {fewer} are not the 60 of {a}",
        TOGETHER,
    )
    noisier = trained(tmp_path / "noisier", BLOBS, "data.noise=0.9")
    assert refused([a, noisier])[0].startswith("the 60 test examples of ")


def test_runs_that_cannot_be_judged_together(runs, tmp_path):
    a, _, _ = runs
    assert refused([a, a.parent / "." / "a"]) == (f"{a} is given twice", "give every run once")
    four = trained(
        tmp_path / "four", BLOBS, "data.classes=4", "network.2.units=4", "data.split.test=20"
    )
    assert refused([a, four]) == (
        f"{four} tells other classes apart than {a}: 4 without names instead of 3 without names",
        "take runs with the same data together",
    )
    svm = trained(tmp_path / "svm", BLOBS, "loss=svm")
    assert refused([a, svm])[1] == "take them one by one"


def test_class_names_that_cannot_be_seen(tmp_path):
    def of_kinds(name, *kinds):
        rows = [f'{i % 3},"{kinds[i % 3]}"' for i in range(60)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["x,kind", *rows, ""]))
        text = f"data: {{source: csv, path: {tmp_path}/{name}.csv, label: kind}}\n"
        layers = "network: [{type: dense, units: 3}]\ntraining: {epochs: 1}\n"
        return trained(tmp_path / name, text + layers)

    one, two = of_kinds("one", "ant", "bee", "cat"), of_kinds("two", "ant", "línea\nnueva", "cat")
    assert refused([one, two])[0] == (
        f"{two} tells other classes apart than {one}: 3 (ant, cat, línea\\nnueva) instead of "
        "3 (ant, bee, cat)"
    )


def test_a_tie_is_an_error_as_in_training(runs):
    a, _, _ = runs
    for name in ("best", "final"):
        path = a / f"{name}.safetensors"
        arrays = load_file(path)
        save_file({name: np.zeros_like(array) for name, array in arrays.items()}, path)
    found = evaluate([open_run(a)], "best")
    assert (found.accuracy, found.validation.accuracy) == (0.0, 0.0)
    assert found.networks[0].test_accuracy == 0.0
    assert np.trace(found.matrix) == 0
    assert found.matrix.sum() == 60


def test_a_run_without_a_test_set(tmp_path):
    folder = trained(tmp_path / "no", BLOBS, "data.split.test=0")
    assert refused([folder]) == (
        f"{folder} keeps no test set",
        "train again with some examples kept for it, such as data.split.test=0.15",
    )


def test_scores_that_are_not_finite(runs):
    a, _, _ = runs
    path = a / "best.safetensors"
    arrays = load_file(path)
    save_file({name: np.full_like(array, 1e30) for name, array in arrays.items()}, path)
    assert refused([a]) == (
        f"{path} gives a score that is not finite for example 0",
        "its weights are too large: take other weights, or another run",
    )


def test_a_line_that_was_cut_short_counts(tmp_path):
    assert note_evaluation(tmp_path, {"accuracy": 0.5}) == 1
    path = tmp_path / EVALUATIONS
    path.write_text(path.read_text() + '{"accu')
    assert note_evaluation(tmp_path, {"accuracy": float("nan")}) == 3
    assert path.read_text().splitlines() == ['{"accuracy": 0.5}', '{"accu', '{"accuracy": null}']


def test_a_note_that_cannot_be_made(tmp_path):
    (tmp_path / EVALUATIONS).mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        note_evaluation(tmp_path, {})
    assert caught.value.filename == str(tmp_path / EVALUATIONS)


def test_processes_that_note_at_once(tmp_path):
    script = (
        "import sys; from pathlib import Path\n"
        "from trainer_cli.training.evaluated import note_evaluation\n"
        "record = {'by': sys.argv[2], 'text': 'x' * 5000}\n"
        "print(*[note_evaluation(Path(sys.argv[1]), record) for _ in range(25)])"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    each = [subprocess.Popen([*command, str(i)], stdout=subprocess.PIPE) for i in range(3)]
    counts = [int(n) for process in each for n in process.communicate()[0].split()]
    assert sorted(counts) == list(range(1, 76))
    assert len(noted(tmp_path)) == 75


@pytest.fixture
def fine(runs):
    found = evaluate([open_run(runs[2])], "best")
    return replace(
        found,
        accuracy=0.9,
        examples=100,
        interval=wilson(0.9, 100),
        majority=0.4,
        runs=("runs/m",),
        times=(1,),
    )


def test_a_healthy_evaluation(fine):
    accuracy, reuse = judge(fine)
    assert (accuracy.rule, accuracy.status, accuracy.hint) == ("test-accuracy", "pass", None)
    assert (accuracy.measured, accuracy.expected) == (0.9, 0.4)
    assert accuracy.message == (
        "the average of 3 networks classifies 90.0% of 100 test examples rightly, 95% interval "
        "82.6% to 94.5%, above the 40.0% of naming the largest class every time"
    )
    assert (reuse.rule, reuse.status, reuse.hint) == ("test-set-reuse", "pass", None)
    assert reuse.message == "this is the first evaluation of runs/m on its test set"
    two = replace(fine, runs=("runs/m", "runs/n"), times=(1, 1))
    assert judge(two)[1].message == (
        "this is the first evaluation of any of the 2 runs on its test set"
    )


def test_an_accuracy_that_shows_nothing(fine):
    doubtful = replace(fine, accuracy=0.45, interval=wilson(0.45, 100), networks=fine.networks[:1])
    finding, _ = judge(doubtful)
    assert (finding.status, finding.message) == (
        "warn",
        "the network classifies 45.0% of 100 test examples rightly, 95% interval 35.6% to 54.8%, "
        "which does not exclude the 40.0% of naming the largest class every time",
    )
    assert finding.hint == (
        "see what nntrain diagnose says of the run; a larger test set gives a shorter interval"
    )
    worse = replace(fine, accuracy=0.1, interval=wilson(0.1, 100))
    finding, _ = judge(worse)
    assert finding.status == "warn"
    assert finding.message.endswith(", below the 40.0% of naming the largest class every time")
    assert finding.hint == (
        "look for labels in another order than the examples; nntrain diagnose says more"
    )


def test_a_second_look(fine):
    _, reuse = judge(replace(fine, runs=("a", "b", "c", "d"), times=(2, 1, 3, 12)))
    assert (reuse.rule, reuse.status, reuse.measured) == ("test-set-reuse", "warn", 12.0)
    assert reuse.message == (
        "this is not the first evaluation on the test set, but the 2nd of a, the 3rd of c, "
        "the 12th of d"
    )
    assert reuse.hint == (
        "choose by validation accuracy, and evaluate once, at the very end: whoever chooses by "
        "the test score fits the test set, and it is a test no more"
    )


@pytest.mark.parametrize(
    ("accuracy", "ending"),
    [
        (0.90, "+0.0% (95% interval -8.7% to +8.7%): no difference that chance does not explain"),
        (
            0.75,
            "-15.0% (95% interval -25.3% to -4.5%): the networks were chosen by the validation "
            "accuracy, which flatters it",
        ),
        (0.99, "+9.0% (95% interval +2.7% to +16.5%)"),
    ],
)
def test_beside_the_validation_accuracy(fine, accuracy, ending):
    beside = replace(
        fine.validation,
        examples=100,
        accuracy=0.9,
        difference=accuracy - 0.9,
        interval=difference(accuracy, 100, 0.9, 100),
    )
    assert fine.validation.chosen_by == ("validation_accuracy",)
    line = validation_line(replace(fine, accuracy=accuracy, validation=beside))
    start = "on 100 validation examples the accuracy is 90.0%, test less validation "
    assert line == start + ending
    assert validation_line(replace(fine, validation=None)) is None


def test_json_has_null_where_nothing_was_predicted(fine):
    never = ClassFigures(examples=0, predicted=0, precision=None, recall=None)
    document = as_json(replace(fine, classes=(never, *fine.classes[1:])))
    assert document["classes"][0] == {
        "class": "0",
        "examples": 0,
        "predicted": 0,
        "precision": None,
        "recall": None,
    }
    assert list(document) == [
        *("runs", "weights", "networks", "averaged", "examples", "cost", "accuracy"),
        *("accuracy_interval", "majority_accuracy", "validation", "classes", "confusion_matrix"),
        "evaluations",
    ]


def test_one_test_example(fine):
    alone = replace(fine, examples=1, accuracy=1.0, interval=wilson(1.0, 1), majority=1.0)
    assert judge(alone)[0].message == (
        "the average of 3 networks classifies 100.0% of 1 test example rightly, 95% interval "
        "20.7% to 100.0%, which does not exclude the 100.0% of naming the largest class every time"
    )


@pytest.mark.parametrize(
    ("chosen_by", "why"),
    [
        (["validation_loss"], "chosen by the validation loss, which flatters the accuracy"),
        (
            ["validation_accuracy", "validation_loss"],
            "chosen by the validation accuracy or loss, which flatters the accuracy",
        ),
    ],
)
def test_what_networks_were_chosen_by(fine, chosen_by, why):
    beside = replace(fine.validation, interval=(-0.3, -0.1), chosen_by=tuple(chosen_by))
    assert validation_line(replace(fine, validation=beside)).endswith(f"): the networks were {why}")


def test_networks_that_were_not_chosen(fine):
    beside = replace(fine.validation, interval=(-0.3, -0.1), chosen_by=())
    assert validation_line(replace(fine, validation=beside)).endswith(
        "): settings chosen by the validation examples flatter it, or the two sets differ"
    )


def test_what_the_weights_of_a_run_were_chosen_by(tmp_path):
    def chosen_by(name, choice, *overrides):
        folder = tmp_path / name
        if not folder.exists():
            trained(folder, BLOBS, *overrides)
        return evaluate([open_run(folder)], choice).validation.chosen_by

    assert chosen_by("plain", "best") == ("validation_accuracy",)
    assert chosen_by("plain", "final") == ()
    stopping = "training.early_stopping={patience: 1, on: validation_loss}"
    assert chosen_by("early", "best", stopping, "training.epochs=300") == ("validation_loss",)
    assert open_run(tmp_path / "early").ends == ("early-stopping",)
    assert chosen_by("early", "final") == ("validation_loss",)
    assert chosen_by("whole", "final", stopping, "training.epochs=1") == ()

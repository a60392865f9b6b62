"""`nntrain predict`: CSV and nothing else, from a run that may have lost its data."""

import csv
from io import StringIO
from math import exp

import numpy as np
import pytest

from tests.cli.known_runs import known_run
from tests.cli.running import run
from tests.runs_on_disk import BLOBS, trained
from trainer_cli.training.predictions import predict
from trainer_cli.training.trained import open_run

E2, E4 = exp(2) / (exp(2) + 2), exp(4) / (exp(4) + 2)


@pytest.fixture
def one(empty_folder):
    folder = known_run(empty_folder / "one")
    (empty_folder / "new.csv").write_text("c,a,b\n0,1,0\n1,0,0\n")
    return folder


def rows(text):
    return list(csv.reader(StringIO(text)))


def test_the_whole_output(one):
    ran = run("predict", "one", "new.csv")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "class,p_ant,p_bee,p_cat\n"
        "ant,0.786986042,0.106506979,0.106506979\n"
        "cat,0.106506979,0.106506979,0.786986042\n"
    )


def test_the_data_of_the_run_are_not_needed(one, empty_folder):
    before = run("predict", "one", "new.csv").out
    (empty_folder / "animals.csv").unlink()
    assert run("predict", "one", "new.csv").out == before
    (one / "preprocessing.safetensors").unlink()
    ran = run("predict", "one", "new.csv")
    assert ran.code == 2
    assert ran.err.splitlines()[0] == "one/config.yaml:4:9: data.path: no such file"


def test_several_runs_are_averaged(one, empty_folder):
    known_run(empty_folder / "two", 4.0)
    header, first, _ = rows(run("predict", "one", "two", "new.csv").out)
    assert header == ["class", "p_ant", "p_bee", "p_cat"]
    assert first[0] == "ant"
    assert float(first[1]) == pytest.approx((E2 + E4) / 2, rel=1e-6)


def test_scores_of_an_svm(empty_folder):
    known_run(empty_folder / "one", 3.0, "loss=svm")
    (empty_folder / "new.csv").write_text("a,b,c,kind\n0.5,0,-1,bee\n")
    assert run("predict", "one", "new.csv").out == "class,s_ant,s_bee,s_cat\nant,1.5,0,-3\n"


def test_names_that_csv_must_quote(one, empty_folder):
    text = (empty_folder / "animals.csv").read_text().replace(",bee\n", ',"a ""b"", c"\n')
    (empty_folder / "animals.csv").write_text(text)
    trained(empty_folder / "odd", (one / "config.yaml").read_text())
    header, *_ = rows(run("predict", "odd", "new.csv").out)
    assert header == ["class", 'p_a "b", c', "p_ant", "p_cat"]


def test_output_and_json(one, empty_folder):
    said = run("predict", "one", "new.csv").out
    ran = run("predict", "one", "new.csv", "--output", "preds.csv", "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert (empty_folder / "preds.csv").read_text() == said
    document = run("predict", "one", "new.csv", "--format", "json").json
    assert (document["command"], document["config"]) == ("predict", "one/config.yaml")
    assert (document["networks"], document["averaged"]) == (1, "probabilities")
    assert document["classes"] == ["ant", "bee", "cat"]
    assert [each["class"] for each in document["predictions"]] == ["ant", "cat"]
    assert document["predictions"][0]["probabilities"][0] == pytest.approx(E2)


def test_output_never_overwrites_what_is_read(one, empty_folder):
    before = (empty_folder / "new.csv").read_text()
    ran = run("predict", "one", "new.csv", "--output", "new.csv")
    assert ran.code == 2
    assert ran.err == "new.csv: is read by this command: choose another --output\n"
    assert (empty_folder / "new.csv").read_text() == before


def test_it_says_what_the_network_says_of_its_own_test_examples(empty_folder):
    """Preprocessing, members and the forward pass are those of evaluate."""
    folder = trained(empty_folder / "m", BLOBS, "training.members=3")
    test = open_run(folder).dataset.test
    np.save("x.npy", test.stored[test.rows])
    found = rows(run("predict", "m", "x.npy").out)[1:]
    right = np.mean([int(row[0]) == label for row, label in zip(found, test.labels, strict=True)])
    assert right == run("evaluate", "m", "--format", "json").json["accuracy"]
    for row in found:
        assert sum(map(float, row[1:])) == pytest.approx(1.0)
        assert int(row[0]) == np.argmax([float(value) for value in row[1:]])


def test_predictions_do_not_depend_on_the_batch(empty_folder):
    folder = trained(empty_folder / "a")
    x = np.random.default_rng(0).normal(size=(1000, 2))
    np.save("x.npy", x)
    np.save("few.npy", x[:3])
    run_a = open_run(folder)
    many = predict([run_a], "best", empty_folder / "x.npy")
    few = predict([run_a], "best", empty_folder / "few.npy")
    assert many.values.shape == (1000, 3)
    np.testing.assert_allclose(many.values[:3], few.values, rtol=1e-5)


def test_runs_that_take_other_examples(one, empty_folder):
    trained(empty_folder / "blobs")
    trained(empty_folder / "wide", BLOBS, "data.features=4")
    np.save("x.npy", np.zeros((1, 2)))
    ran = run("predict", "blobs", "wide", "x.npy")
    assert ran.code == 2
    assert ran.err == (
        "wide takes other examples than blobs: of the shape (4,), not (2,)\n"
        "hint: take runs with the same data together\n"
    )
    (empty_folder / "animals.csv").write_text(
        (empty_folder / "animals.csv").read_text().replace("a,b,c", "a,b,d")
    )
    trained(empty_folder / "other", (one / "config.yaml").read_text())
    ran = run("predict", "one", "other", "new.csv")
    assert ran.err.splitlines()[0] == "other was trained with other columns than one"


def test_a_file_that_cannot_be_used(one, empty_folder):
    (empty_folder / "new.csv").write_text("a,b,c\n1,x,2\n")
    ran = run("predict", "one", "new.csv")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "new.csv:2: column 'b': 'x' is not a number\n"
        "hint: features must be numbers; give each category a column of 0 and 1\n"
    )
    assert run("predict", "one").code == 2
    assert run("predict", "one", "nope.npy").err == "nope.npy: no such file\n"


def test_nothing_is_noted_as_a_look_at_the_test_set(one):
    run("predict", "one", "new.csv")
    assert not (one / "evaluations.jsonl").exists()


def test_a_run_that_was_interrupted_predicts_with_a_warning(one):
    said = run("predict", "one", "new.csv").out
    metrics = one / "metrics.jsonl"
    metrics.write_text(metrics.read_text().replace('"finished"', '"interrupted"'))
    warning = "one was interrupted after 1 of 1 epoch: the weights are those so far"
    ran = run("predict", "one", "new.csv", "--quiet")
    assert (ran.code, ran.out) == (0, said)
    assert ran.err == (
        f"warn: unfinished-run: {warning}\n"
        "hint: unless it was given up on purpose, go on first: nntrain train --resume one\n"
    )
    assert run("predict", "one", "new.csv", "--strict").code == 1
    ran = run("predict", "one", "new.csv", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    (finding,) = ran.json["findings"]
    assert (finding["rule"], finding["message"]) == ("unfinished-run", warning)
    config = one / "config.yaml"
    config.write_text(config.read_text() + "checks: {unfinished-run: ignore}\n")
    assert run("predict", "one", "new.csv").err == ""

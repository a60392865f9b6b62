"""`nntrain report`: a page about runs as they lie on disk."""

import json
import shutil

import pytest

from tests.cli.running import run
from tests.report.page.histories import Parsed

pytest.importorskip("matplotlib", reason="pages need the extra plots")

SHORT = ["--set", "training.epochs=3"]


@pytest.fixture
def trained(empty_folder):
    run("train", "--run", "one", *SHORT)
    return empty_folder / "one"


def page_of(folder):
    return (folder / "index.html").read_text(encoding="utf-8")


def test_a_page_goes_into_the_run(trained):
    ran = run("report", "one")
    size = (trained / "report" / "index.html").stat().st_size / 1000
    assert ran.code == 0
    assert ran.out == (
        "nntrain report  one/config.yaml\n"
        f"page: one/report/index.html ({size:,.0f} kB)\n"
        "pictures: 11 PNG files beside it\n"
    )
    assert ran.err == ""
    page = Parsed(page_of(trained / "report"))
    summary = json.loads((trained / "summary.json").read_text())
    accuracy = f"{summary['best']['validation_accuracy']:.1%}"
    assert f"Validation accuracy|{accuracy}|" in page.text
    assert "|trained with|nntrain 0." in page.text
    assert f"By the network of the best epoch {round(270 * float(accuracy[:-1]) / 100)} of" in (
        page.text
    )
    assert 'class="missing"' in page_of(trained / "report")  # 8 x 8 weights are not judged


def test_json_names_the_page(trained):
    ran = run("report", "one", "--format", "json")
    assert ran.json["page"] == "one/report/index.html"
    assert ran.json["command"] == "report"
    assert ran.json["config"] == "one/config.yaml"
    assert len(ran.json["pictures"]) == 11
    assert ran.json["runs"][0]["run"] == "one"


def test_a_report_leaves_the_run_as_it_was_and_can_be_made_again(trained):
    def content():
        return {
            path.name: path.read_bytes()
            for path in trained.iterdir()
            if path.is_file() and path.name != ".lock"
        }

    before = content()
    assert run("report", "one").code == 0
    first = page_of(trained / "report")
    assert run("report", "one").code == 0
    assert page_of(trained / "report") == first
    assert content() == before


def test_several_runs_are_compared(trained):
    run("train", "--run", "two", *SHORT, "--set", "optimizer.learning_rate=30")
    ran = run("report", "one", "two", "--to", "both")
    assert ran.code == 0, "what is wrong with a run is in the page"
    page = Parsed(page_of(trained.parent / "both"))
    assert "optimizer.learning_rate|0.05|30.0|" in page.text
    assert "diverged" in page.text
    assert (trained.parent / "both" / "1-one" / "confusion.png").exists()
    default = run("report", "one", "two")
    assert default.out.splitlines()[1].startswith("page: report-20")


def test_several_members(empty_folder):
    run("train", "--run", "three", *SHORT, "--set", "training.members=3")
    assert run("report", "three").code == 0
    text = Parsed(page_of(empty_folder / "three" / "report")).text
    assert "mean ± sd of 3 members, 270 examples" in text
    assert "By the mean probabilities of 3 members, each in its best epoch, " in text


def test_a_run_that_exploded_at_once(empty_folder):
    run("train", "--run", "lost", "--set", "optimizer.learning_rate=1e30")
    ran = run("report", "lost")
    assert ran.code == 0
    text = Parsed(page_of(empty_folder / "lost" / "report")).text
    assert "Ended|diverged|" in text
    assert "|fail|learning-rate-too-high|" in text
    assert "No images of weights: lost has no best.safetensors: " in text


def test_a_run_whose_data_are_gone(empty_folder):
    run("init", "experiment.yaml")
    lines = ["x,y,label", *(f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(60))]
    (empty_folder / "data.csv").write_text("\n".join(lines) + "\n")
    (empty_folder / "experiment.yaml").write_text(
        "data: {source: csv, path: data.csv, label: label}\n"
        "network: [{type: dense, units: 2}]\ntraining: {epochs: 2, batch_size: 10}\n"
    )
    run("train", "experiment.yaml", "--run", "one")
    (empty_folder / "data.csv").unlink()
    assert run("report", "one").code == 0
    text = Parsed(page_of(empty_folder / "one" / "report")).text
    assert "No images of weights: the data cannot be read: " in text
    assert "Curves|Cost by update|" in text


def test_a_run_that_is_not_over(trained):
    (trained / "summary.json").unlink()
    shutil.rmtree(trained / "report", ignore_errors=True)
    assert run("report", "one").code == 0
    assert "No findings: training has not ended." in Parsed(page_of(trained / "report")).text


def test_what_is_no_run_is_refused(empty_folder):
    ran = run("report", "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "nowhere: no such folder\n"
        "hint: give a folder that nntrain train has written, such as runs/train-...\n"
    )


def test_anothers_page_is_not_overwritten(trained):
    (trained.parent / "site").mkdir()
    (trained.parent / "site" / "index.html").write_text("mine")
    ran = run("report", "one", "--to", "site")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "site/index.html exists already and is not by nntrain report\nhint: choose another --to\n"
    )

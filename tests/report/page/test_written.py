"""Pages on disk: where they go, what they may overwrite, and what is said of them."""

from __future__ import annotations

import builtins
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.report.page.histories import exploded_facts, facts, history
from trainer_cli.report.page.written import (
    default_place,
    refuse_unwritable,
    write_page,
    written_report,
)
from trainer_cli.training.runs import RunError

pytest.importorskip("matplotlib", reason="pages need the extra plots")

PICTURES = [
    "accuracy.png",
    "activations.png",
    "confusion.png",
    "cost-by-update-log.png",
    "cost-by-update.png",
    "learning-rate.png",
    "loss-by-epoch-log.png",
    "loss-by-epoch.png",
    "mistakes.png",
    "update-ratios.png",
    "weights.png",
]


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_page_and_its_pictures(tmp_path):
    place = tmp_path / "run" / "report"
    written = write_page([facts()], place)
    assert written.page == place / "index.html"
    assert files(place) == sorted(["index.html", *PICTURES])
    assert sorted(path.name for path in written.pictures) == PICTURES
    for path in written.pictures:
        assert path.read_bytes().startswith(b"\x89PNG\r\n")
    text = written.page.read_text(encoding="utf-8")
    assert text.startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">')
    assert not list(tmp_path.rglob("*.part"))


def test_pictures_of_several_runs_lie_apart(tmp_path):
    written = write_page([facts(), exploded_facts(name="a/b")], tmp_path)
    folders = {path.parent.relative_to(tmp_path).as_posix() for path in written.pictures}
    assert folders == {".", "1-one", "2-a-b"}
    assert {name for name in files(tmp_path) if name.startswith("1-one/")} == {
        f"1-one/{name}" for name in PICTURES
    }


def test_where_a_page_goes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    now = datetime(2026, 1, 2, 3, 4, 5)
    assert default_place([Path("runs/one")], now) == Path("runs/one/report")
    several = [Path("runs/one"), Path("runs/two")]
    assert default_place(several, now) == Path("report-20260102-030405")
    Path("report-20260102-030405").mkdir()
    assert default_place(several, now) == Path("report-20260102-030405-2")


def test_an_earlier_page_is_replaced_and_nothing_else(tmp_path):
    write_page([facts()], tmp_path)
    before = (tmp_path / "index.html").read_bytes()
    refuse_unwritable(tmp_path)
    write_page([facts(history(losses=history().losses * 2))], tmp_path)
    assert (tmp_path / "index.html").read_bytes() != before
    (tmp_path / "index.html").write_text("<p>my own page", encoding="utf-8")
    with pytest.raises(RunError) as refused:
        refuse_unwritable(tmp_path)
    assert refused.value.message == (
        f"{tmp_path / 'index.html'} exists already and is not by nntrain report"
    )
    assert refused.value.hint == "choose another --to"


def test_a_file_is_no_place(tmp_path):
    place = tmp_path / "file"
    place.touch()
    with pytest.raises(RunError) as refused:
        refuse_unwritable(place)
    assert refused.value.message == f"{place} is a file, and a page needs a folder"
    assert refused.value.hint == "choose another --to"


def test_without_matplotlib_the_install_line_is_said(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    known = builtins.__import__

    def without(name, *rest, **more):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return known(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RunError) as refused:
        refuse_unwritable(tmp_path)
    assert refused.value.message == "a page needs matplotlib, which is not installed"
    assert refused.value.hint == "pip install 'nntrain[plots]'"


def test_what_the_command_says(tmp_path):
    runs = [facts(), exploded_facts(name="two", folder="runs/two")]
    written = write_page(runs, tmp_path)
    report = written_report(runs, written)
    size = (tmp_path / "index.html").stat().st_size / 1000
    assert list(report.lines) == [
        f"page: {tmp_path}/index.html ({size:,.0f} kB)",
        f"pictures: {len(written.pictures)} PNG files beside it",
    ]
    assert report.results["runs"] == [
        {
            "run": "runs/one",
            "verdict": "warn",
            "stopped": "finished",
            "best": [{"epoch": 4, "validation_accuracy": pytest.approx(0.7)}],
        },
        {"run": "runs/two", "verdict": "warn", "stopped": "diverged", "best": []},
    ]


@pytest.mark.parametrize("runs", [1, 2])
def test_pictures_of_others_are_not_overwritten(tmp_path, runs):
    about = [facts(), exploded_facts(name="two")][:runs]
    mine = tmp_path / ("1-one" if runs == 2 else "") / "accuracy.png"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    with pytest.raises(RunError) as refused:
        write_page(about, tmp_path)
    assert refused.value.message == f"{mine} exists already and is not by nntrain report"
    assert refused.value.hint == "choose another --to"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]
    assert mine.read_text() == "mine"
    mine.rename(mine.with_name("holiday.png"))
    write_page(about, tmp_path)
    assert mine.with_name("holiday.png").read_text() == "mine"
    write_page(about, tmp_path)


def test_a_page_that_was_cut_short_is_replaced(tmp_path, monkeypatch):
    def full(path, content):
        if path.suffix == ".png":
            raise OSError(28, "No space left on device", str(path))
        path.write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setattr("trainer_cli.report.page.written.write_whole", full)
        with pytest.raises(OSError, match="No space left"):
            write_page([facts()], tmp_path)
    (tmp_path / "accuracy.png").write_text("half of it")
    write_page([facts()], tmp_path)
    assert (tmp_path / "accuracy.png").read_bytes().startswith(b"\x89PNG")

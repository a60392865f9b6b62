"""Writes a page and its pictures, over an earlier one of its own and over nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from os.path import lexists
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from trainer_cli.report.drawing import drawing
from trainer_cli.report.page.facts import RunFacts
from trainer_cli.report.page.looks import SETTINGS
from trainer_cli.report.page.picture import INSTALL
from trainer_cli.report.page.told import bests_of, stopped_text, verdict_of
from trainer_cli.report.page.whole import GENERATOR, page_of
from trainer_cli.report.report import Report
from trainer_cli.training.findings import counted
from trainer_cli.training.runs import RunError, not_taken, write_whole

PAGE = "index.html"
HEAD = 4096  # bytes of a file in which a page says who made it


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where a page is, and the pictures beside it."""

    page: Path
    pictures: Sequence[Path]


def default_place(folders: Sequence[Path], now: datetime) -> Path:
    """Return where a page goes unless the user says: into the run, or a new folder for several."""
    if len(folders) == 1:
        return folders[0] / "report"
    return not_taken(Path(f"report-{now:%Y%m%d-%H%M%S}"))


def refuse_unwritable(folder: Path) -> None:
    """Raise RunError, before anything is read, where a page cannot be drawn or would do harm."""
    try:
        with drawing(SETTINGS):
            pass
    except ImportError:
        raise RunError("a page needs matplotlib, which is not installed", INSTALL) from None
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder} is a file, and a page needs a folder", "choose another --to")
    page = folder / PAGE
    if page.exists() and not _is_own(page):
        _refuse_others(page)


def write_page(runs: Sequence[RunFacts], folder: Path) -> Written:
    """Draw the page of runs and write it with its pictures, which replace those of its own alone.

    Raises RunError, before anything is written, for a picture that stands where no page by nntrain
    does, and OSError where the files cannot be written.
    """
    pictures: dict[Path, bytes] = {}
    with drawing(SETTINGS), TemporaryDirectory() as elsewhere:
        page, drawn = page_of(runs), Path(elsewhere)
        for name, saves in page.saves.items():
            (drawn / name).mkdir(exist_ok=True)
            for save in saves:
                path = Path(name) / save(drawn / name)
                pictures[folder / path] = (drawn / path).read_bytes()
    if not (folder / PAGE).exists():
        for path in filter(lexists, pictures):
            _refuse_others(path)
    folder.mkdir(parents=True, exist_ok=True)
    # The page comes first: where it is, the pictures are its own.
    write_whole(folder / PAGE, page.html.encode("utf-8", "replace"))
    for path, content in pictures.items():
        path.parent.mkdir(exist_ok=True)
        write_whole(path, content)
    return Written(page=folder / PAGE, pictures=list(pictures))


def _is_own(page: Path) -> bool:
    with page.open("rb") as file:
        return GENERATOR.encode() in file.read(HEAD)


def _refuse_others(path: Path) -> NoReturn:
    message = f"{path} exists already and is not by nntrain report"
    raise RunError(message, "choose another --to")


def written_report(runs: Sequence[RunFacts], written: Written) -> Report:
    """Return what the command says: where the page is, and in JSON what it is about."""
    return Report(
        findings=(),
        results={
            "page": str(written.page),
            "pictures": [str(path) for path in written.pictures],
            "runs": [_record(facts) for facts in runs],
        },
        lines=(
            f"page: {written.page} ({written.page.stat().st_size / 1000:,.0f} kB)",
            f"pictures: {counted(len(written.pictures), 'PNG file')} beside it",
        ),
    )


def _record(facts: RunFacts) -> dict[str, object]:
    """Return the first figures of a run: of several members, a list of each."""
    bests = bests_of(facts.histories)
    return {
        "run": facts.folder,
        "verdict": verdict_of(facts),
        "stopped": stopped_text(facts.histories),
        "best": [
            {"epoch": best.epoch, "validation_accuracy": best.validation_accuracy} for best in bests
        ],
    }
